"""What a scene of Stash should show in players, cut and cleaned, and whether it goes there at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from players.clients.contract import (
    COLLECTIONS,
    DATE,
    DIRECTORS,
    PERFORMERS,
    POSTER,
    RATING,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TAGS,
    TITLE,
    Kind,
    Value,
    distinct,
    fitted,
    same,
)
from players.clients.stash import Scene
from players.rules.difference import Mode
from players.rules.matching import Title
from players.rules.paths import pure

LONGEST, LONGEST_SUMMARY = 255, 10_000
BEST_RATING = 100
MOST_PERFORMERS, MOST_TAGS, MOST_COLLECTIONS = 50, 100, 20

_USUAL = (TITLE, SUMMARY, STUDIO, DATE, PERFORMERS, DIRECTORS, TAGS, COLLECTIONS, RATING, POSTER)
USUAL_MODES = {**dict.fromkeys(_USUAL, Mode.KEEP), TAGLINE: Mode.OFF}
"""How a new route writes the fields of scenes. The tagline is a studio's code, which few want to read."""

USUAL_CLEAR = (PERFORMERS, DIRECTORS)


@dataclass(frozen=True, slots=True)
class Filters:
    """Which scenes go to players: those below some folders, with one of some tags and none of others."""

    folders: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    without_tags: tuple[str, ...] = ()

    def passes(self, scene: Scene) -> bool:
        has = {same(tag) for tag in scene.tags}
        return (
            (not self.folders or any(_is_below(path, self.folders) for path in scene.paths))
            and (not self.tags or bool(has & {same(tag) for tag in self.tags}))
            and not has & {same(tag) for tag in self.without_tags}
        )


class Lack(StrEnum):
    """Why a scene is not sent: it is not finished, a filter keeps it back, or it says nothing."""

    UNFINISHED = "unfinished"
    FILTERED = "filtered"
    NOTHING = "nothing"


def lack_of(scene: Scene, filters: Filters, *, organized_only: bool) -> Lack | None:
    if organized_only and not scene.organized:
        return Lack.UNFINISHED
    if not filters.passes(scene):
        return Lack.FILTERED
    return Lack.NOTHING if is_poor(scene) else None


def fields_of(scene: Scene, poster: str = "") -> dict[str, Value]:
    """The fields of a scene, those without a value too; a title that it lacks is left to the player.

    `poster` is the digest of its picture, which is left to the player as well where there is none.
    """
    fields: dict[str, Value] = {
        SUMMARY: fitted(scene.details, LONGEST_SUMMARY, lines=True),
        TAGLINE: fitted(scene.code, LONGEST),
        STUDIO: fitted(scene.studio, LONGEST),
        DATE: fitted(scene.date, 10),
        PERFORMERS: _names(scene.performers, MOST_PERFORMERS),
        DIRECTORS: _names((scene.director,), 1),
        TAGS: _names(scene.tags, MOST_TAGS),
        COLLECTIONS: _names(scene.groups, MOST_COLLECTIONS),
        RATING: f"{scene.rating / 10:g}" if scene.rating and scene.rating <= BEST_RATING else "",
    }
    if poster:
        fields[POSTER] = poster
    if title := fitted(scene.title, LONGEST):
        fields[TITLE] = title
    return fields


def cover_of(scene: Scene) -> str:
    """What tells unread whether the picture of a scene may be another one: it changes with the scene too."""
    return hashlib.blake2b(scene.cover.encode(), digest_size=8).hexdigest() if scene.cover else ""


def title_of(scene: Scene) -> Title:
    """By what a scene is found: its files, of which a folder holds those of many scenes."""
    stems = (fitted(pure(path).stem, LONGEST) for path in scene.paths)
    name = fitted(scene.title, LONGEST) or next(filter(None, stems), f"scene:{scene.id}")
    year = scene.date[:4]
    return Title(
        Kind.MOVIE, name, int(year) if year.isascii() and year.isdecimal() else None, files=scene.paths
    )


def is_poor(scene: Scene) -> bool:
    """Whether nothing is known of a scene that would be worth showing; a rating alone is not."""
    return not (scene.studio or scene.performers or scene.tags or scene.details or scene.date)


def _names(names: Iterable[str], most: int) -> tuple[str, ...]:
    return distinct(fitted(name, LONGEST) for name in names)[:most]


def _is_below(path: str, folders: Iterable[str]) -> bool:
    place = _slashed(path)
    return any(place.startswith(f"{_slashed(folder).rstrip('/')}/") for folder in folders)


def _slashed(path: str) -> str:
    return path.replace("\\", "/")
