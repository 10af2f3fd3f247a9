"""What views share: live parts of pages (static/taggarr/live.js), what went wrong, numbers in addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import TaggarrError
from core.numbers import number_in


@contextmanager
def errors_shown(request: HttpRequest) -> Iterator[None]:
    """Show an error of ours on the next page, and go on behind the block."""
    try:
        yield
    except TaggarrError as error:
        messages.error(request, error.told)


def done(request: HttpRequest, text: str, *, undo: str = "") -> None:
    """Tell on the next page what happened; posting to `undo` takes it back."""
    messages.success(request, text, extra_tags=undo)


def live_part(request: HttpRequest, template: str, context: dict[str, Any], *, ended: bool) -> HttpResponse:
    """Show a part of a page; where what it follows has ended, htmx loads the whole page anew."""
    answer = render(request, template, context)
    if ended:
        answer.headers["HX-Refresh"] = "true"
    return answer


def number_of(request: HttpRequest, name: str, default: int = 1) -> int:
    """Return a number from the query string; the default where it is none, or too long for the database."""
    found = number_in(request.GET.get(name, ""))
    return default if found is None else found
