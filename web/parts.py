"""Parts of pages that follow something until it ends (static/taggarr/live.js)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def live_part(request: HttpRequest, template: str, context: dict[str, Any], *, ended: bool) -> HttpResponse:
    """Show a part of a page; where what it follows has ended, htmx loads the whole page anew."""
    answer = render(request, template, context)
    if ended:
        answer.headers["HX-Refresh"] = "true"
    return answer
