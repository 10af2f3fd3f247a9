"""The inbox: everything that waits for a person's decision, as apps bring it."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from web.access import page, user_of
from web.contract import InboxKind, every, waiting

FIRST = 20
"""So many entries of each kind stand on the page of all."""

MOST = 200
"""So many stand on the page of one kind: who has answered these gets the next ones."""


@page
def inbox(request: HttpRequest) -> HttpResponse:
    """Show what waits; all of one kind where one is asked for."""
    found = {kind: number for kind, number in waiting(request).items() if number}
    one = next((kind for kind in found if kind.slug == request.GET.get("kind")), None)
    shown = {one: found[one]} if one else found
    kinds = [_filled(request, kind, number, MOST if one else FIRST) for kind, number in shown.items()]
    return render(request, "web/inbox.html", {"kinds": kinds, "one": one})


@page
def badge(request: HttpRequest, view: str) -> HttpResponse:
    """Show the number beside one entry of the menu, as a part of it."""
    for entry in every("menu"):
        if entry.view == view and entry.badge:
            return render(request, "web/badge.html", {"entry": entry, "number": entry.badge.count(request)})
    raise Http404


def _filled(request: HttpRequest, kind: InboxKind, number: int, most: int) -> dict[str, Any]:
    user = user_of(request)
    entries = kind.entries(user, most)
    return {
        "kind": kind,
        "number": number,
        "entries": entries,
        "more": number > len(entries),
        "may_act": kind.may_be_answered_by(user),
    }
