"""Numbers in addresses."""

from __future__ import annotations

from django.http import HttpRequest

LONGEST = 18


def number_of(request: HttpRequest, name: str, default: int = 1) -> int:
    """Return a number from the query string; the default where it is none, or too long for the database."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else default
