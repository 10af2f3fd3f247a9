"""Keeping what providers told of a title, its seasons and episodes: under its locks, only what changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from artwork.choice.values import (
    PERSON,
    Order,
    merged,
    offered_by,
    offered_of_episode,
    offered_of_season,
)
from artwork.fetching import Fetched, spoken
from artwork.metadata import tell, told_of
from artwork.models import ArtSettings, Entity
from artwork.names import Kind
from core import sql
from core.errors import Later

Offers = dict[str, Mapping[str, Any]]
AGAIN = 1.0
"""Seconds until a title is prepared again that somebody said something else of meanwhile."""


@transaction.atomic
def keep_told(title: Entity, fetched: Fetched, settings: ArtSettings) -> int:
    """Merge what providers told into what is kept; return of how many entities that changed something.

    What a person entered and what is locked stays, what is empty overwrites nothing.
    """
    whole = Order(settings.providers)
    first = fetched.numbering
    numbered = Order([first, *(one for one in settings.providers if one != first)])
    episodes = fetched.titles[first].episodes if first else ()
    of_episode = {(one.season, one.number): offered_of_episode(one) for one in episodes}
    changed = []
    for entity in parts_as_fetched(title):
        has_changed = False
        if entity.kind == Kind.EPISODE:
            for number in entity.episodes:
                offered = of_episode.get((entity.season or 0, number), {})
                has_changed |= _merge(entity, {first: offered}, numbered, number)
        elif entity.kind == Kind.SEASON:
            has_changed = _merge(entity, _of_season(fetched, entity.season), numbered)
        else:
            has_changed = _merge(entity, _of_title(fetched, settings), whole)
            if fetched.refused is None:
                has_changed |= entity.matches != fetched.matches
                entity.matches = fetched.matches
        changed += [entity] if has_changed else []
    sql.update(changed, ("told", "matches"))
    return len(changed)


def parts_as_fetched(title: Entity) -> list[Entity]:
    """A title and its parts as they stand now, locked until the caller's transaction ends.

    Raises Later where somebody said meanwhile which title it is, or that it is none of that name: what was
    fetched may be another one's.
    """
    parts = Entity.with_parts([title], lock=True)
    if parts and parts[0].identified != title.identified:
        raise Later(AGAIN)
    return parts


def forget(parts: Iterable[Entity]) -> None:
    """Have a title and its parts tell only what a person entered, and what is locked. The caller saves it."""
    for entity in parts:
        locks = entity.all_locks
        entity.told = {
            place: {name: told for name, told in kept.items() if told[1] == PERSON or locks.of_field(name)}
            for place, kept in entity.told.items()
        }


def _merge(entity: Entity, offers: Offers, order: Order, number: int | None = None) -> bool:
    told = merged(told_of(entity, number), offers, order, entity.all_locks)
    return tell(entity, told, number)


def _of_title(fetched: Fetched, settings: ArtSettings) -> Offers:
    offers: Offers = {}
    for name, title in fetched.titles.items():
        languages = spoken(settings, fetched.original)
        offered = offered_by(title, languages, settings.country)
        # They all hold together, whoever told which of them.
        offers[name] = {**offered, "ids": fetched.ids}
    return offers


def _of_season(fetched: Fetched, number: int | None) -> Offers:
    return {
        name: offered_of_season(season)
        for name, title in fetched.titles.items()
        for season in title.seasons
        if season.number == number
    }
