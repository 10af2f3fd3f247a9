"""What is told of titles, seasons and episodes, and by whom: kept as JSON, read as the values of NFOs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from artwork.choice.values import Told
from artwork.models import Entity
from artwork.names import Kind
from artwork.nfo.value import Nfo, Rating, Root
from providers.contract import Actor

_ROOTS = {Kind.MOVIE: Root.MOVIE, Kind.SERIES: Root.SERIES, Kind.SEASON: Root.SEASON}
_WHOLE = ""

_READ: Mapping[str, Callable[[Any], Any]] = {
    "premiered": date.fromisoformat,
    "ratings": lambda rows: tuple(Rating(*row) for row in rows),
    "cast": lambda rows: tuple(Actor(*row) for row in rows),
    "season_names": lambda names: {int(number): name for number, name in names.items()},
    **dict.fromkeys(("genres", "countries", "studios", "directors", "credits"), tuple),
}
_WRITE: Mapping[str, Callable[[Any], Any]] = {
    "premiered": date.isoformat,
    "ratings": lambda ratings: [[one.name, one.value, one.votes] for one in ratings],
    "cast": lambda cast: [[one.name, one.role, one.order, one.thumbnail] for one in cast],
    "season_names": lambda names: {str(number): name for number, name in names.items()},
    "ids": dict,
    **dict.fromkeys(("genres", "countries", "studios", "directors", "credits"), list),
}
"""How the values of these fields stand in JSON; others stand as they are."""


def told_of(entity: Entity, episode: int | None = None) -> dict[str, Told]:
    """The fields of an NFO that somebody told of an entity, or of one episode in its video."""
    kept = entity.told.get(_WHOLE if episode is None else str(episode), {})
    return {name: Told(_read(name, value), source) for name, (value, source) in kept.items()}


def tell(entity: Entity, told: Mapping[str, Told], episode: int | None = None) -> bool:
    """Have an entity hold this; return whether that changed anything. The caller saves it."""
    place = _WHOLE if episode is None else str(episode)
    kept = {name: [_write(name, one.value), one.source] for name, one in sorted(told.items())}
    if kept == entity.told.get(place, {}):
        return False
    entity.told = {**entity.told, place: kept}
    return True


def ids_of(entity: Entity) -> dict[str, str]:
    """The ids of a movie or series: those of its app and NFO before those that a provider told."""
    told = told_of(entity).get("ids")
    return {**(told.value if told else {}), **entity.ids}


def values_of(entity: Entity) -> tuple[Nfo, ...]:
    """What the NFO of an entity should tell: one value, of a video one for each of its episodes.

    Nothing where no provider and no person has told anything.
    """
    if not entity.told:
        return ()
    if entity.kind == Kind.EPISODE:
        return tuple(
            Nfo(Root.EPISODE, season=entity.season, episode=number, **_values(told_of(entity, number)))
            for number in entity.episodes
        )
    values = _values(told_of(entity))
    if entity.kind == Kind.SEASON:
        return (Nfo(Root.SEASON, season=entity.season, **values),)
    given = {"title": entity.name, "year": entity.year, **values, "ids": ids_of(entity)}
    return (Nfo(_ROOTS[Kind(entity.kind)], **given),)


def _values(told: Mapping[str, Told]) -> dict[str, Any]:
    return {name: one.value for name, one in told.items()}


def _read(name: str, value: Any) -> Any:
    return _READ[name](value) if name in _READ else value


def _write(name: str, value: Any) -> Any:
    return _WRITE[name](value) if name in _WRITE else value
