"""Numbers in addresses."""

from __future__ import annotations

from django.http import HttpRequest

from core.numbers import number_in


def number_of(request: HttpRequest, name: str, default: int = 1) -> int:
    """Return a number from the query string; the default where it is none, or too long for the database."""
    found = number_in(request.GET.get(name, ""))
    return default if found is None else found
