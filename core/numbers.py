"""Numbers of rows as people and browsers send them: as text."""

from __future__ import annotations

LONGEST = 18
"""So many digits fit into any id of the database."""


def number_in(text: str) -> int | None:
    """Return the whole number that a text is; None where it is none, or longer than any id."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST else None
