"""What views share: parts of pages that follow something (static/taggarr/live.js), and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.errors import TaggarrError


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
