"""What a row changes of what is there: it fills, and what a person wrote or locked stays. No Django."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalogue.values import Progress, State

PERSON = "manual"
"""Who wrote a field of which nothing else is known: somebody, by hand."""

NOBODY = ""
"""Who wrote a field that a person gave back to the machines."""

REST = "*"
"""In origins: all fields that are not named."""

_RANKS = {None: 0, State.UNSTARTED: 1, State.STARTED: 2, State.DROPPED: 3, State.COMPLETED: 4}


def origin(origins: Mapping[str, str], field: str) -> str:
    """Who wrote a field."""
    return origins.get(field, origins.get(REST, PERSON))


def filled(
    now: Mapping[str, Any],
    told: Mapping[str, Any],
    *,
    by: str,
    origins: Mapping[str, str],
    locks: Iterable[str],
    overwrites: bool = False,
    again: bool = False,
) -> dict[str, Any]:
    """Return the fields that change, with their new values.

    Who says something `again` corrects what was taken from there; one that `overwrites` takes the place of
    all but a person. Nothing is erased.
    """
    locked = set(locks)
    changes = {}
    for field, value in told.items():
        if field in locked or not value or value == now[field]:
            continue
        writer = origin(origins, field)
        if not now[field] or (overwrites and writer != PERSON) or (again and writer == by):
            changes[field] = value
    return changes


def moved_on(now: Progress, told: Progress, *, corrects: bool = False) -> Progress:
    """How somebody stands to a work after what a row tells: never behind what they were, nothing erased."""
    rating = told.rating if told.rating is not None and corrects else now.rating
    times = max(filter(None, (now.times, told.times)), default=None)
    return Progress(
        max((now.state, told.state), key=lambda state: _RANKS[state]),
        times,
        rating if rating is not None else told.rating,
        now.is_wanted or told.is_wanted,
        now.review or told.review,
        tuple(dict.fromkeys((*now.plays, *told.plays))),
    )
