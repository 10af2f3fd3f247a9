"""Pictures that a player shows in place of ours, such as `poster.png` beside `poster.jpg`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from artwork.names import Place, Shadow, shadows
from artwork.publishing.plan import shortened
from core.words import Phrase

SHADOWED = "artwork.shadowed"


def shadowed(others: Mapping[str, str], planned: Mapping[str, str], places: Iterable[Place]) -> list[Phrase]:
    """Which others players show in place of the planned pictures, by digests; and what to do about each."""
    by_name: dict[str, list[Shadow]] = {}
    for one in shadows(others, planned, places):
        # The same picture under two names may be read by either.
        if others[one.name] != planned[one.planned]:
            by_name.setdefault(one.name, []).append(one)
    return [
        Phrase(
            SHADOWED,
            players=[one.player.value.capitalize() for one in of_one],
            name=shortened(name),
            planned=shortened(of_one[0].planned),
        )
        for name, of_one in by_name.items()
    ]
