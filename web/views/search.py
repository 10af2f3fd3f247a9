"""Search: everything that a person may open or do, as apps find it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from web.access import page, user_of
from web.contract import search_all

LONGEST = 100


@page
def search(request: HttpRequest) -> HttpResponse:
    return render(request, "web/search.html", _found(request))


@page
def search_found(request: HttpRequest) -> HttpResponse:
    return render(request, "web/search_found.html", _found(request))


def _found(request: HttpRequest) -> dict[str, Any]:
    text = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST]
    groups = search_all(user_of(request), text) if text else []
    return {"q": text, "groups": groups, "total": sum(len(found) for _, found in groups)}
