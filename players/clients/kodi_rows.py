"""What Kodi's answers say: items, what stands in them, their pictures and files."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from core.outbound import shapes
from core.outbound.shapes import WireError

from . import base
from .base import LONGEST_NAME, LONGEST_PATH, LONGEST_TEXT
from .contract import (
    DATE,
    DIRECTORS,
    SORT_TITLE,
    STUDIO,
    SUMMARY,
    TAGLINE,
    TITLE,
    Form,
    Item,
    Kind,
    Present,
    Value,
)
from .kodi_art import chosen

NAMES = {Kind.MOVIE: "Movie", Kind.SHOW: "TVShow", Kind.SEASON: "Season", Kind.EPISODE: "Episode"}
LIBRARIES = {kind: "movies" if kind is Kind.MOVIE else "tvshows" for kind in Kind}
FORMS = {Form.TAG: "tag", Form.GENRE: "genre"}
_FILM = {
    TITLE: "title",
    SORT_TITLE: "sorttitle",
    SUMMARY: "plot",
    STUDIO: "studio",
    DATE: "premiered",
}
FIELDS = {
    Kind.MOVIE: {**_FILM, TAGLINE: "tagline", DIRECTORS: "director"},
    Kind.SHOW: _FILM,
    Kind.SEASON: {TITLE: "title"},
    Kind.EPISODE: {TITLE: "title", SUMMARY: "plot", DATE: "firstaired", DIRECTORS: "director"},
}
LISTS = {"studio", "director"}
"""What Kodi holds as a list."""

PLACE = {
    Kind.SEASON: ["season", "tvshowid"],
    Kind.EPISODE: ["season", "episode", "tvshowid", "file", "uniqueid"],
}


_WATCHED = ("playcount", "lastplayed", "userrating", "art")
TAKEN = {Kind.MOVIE: _WATCHED, Kind.EPISODE: _WATCHED, Kind.SHOW: ("userrating",)}
"""What a refresh takes; the point where somebody stopped stays, and the pictures of a show, measured so."""

_EMPTY = {"lastplayed": "", "art": {}}


def taken(kind: Kind, row: Mapping[str, Any]) -> dict[str, Any]:
    """What a refresh takes from an item, empty where there is nothing; of its pictures those of elsewhere."""
    now = {**row, "art": chosen(art_of(row), folder_of(file_of(row)))}
    return {name: now.get(name) or _EMPTY.get(name, 0) for name in TAKEN[kind]}


def lost(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is to be set again of what a refresh took: nothing that somebody has set since."""
    pictures = {art: path for art, path in before.get("art", {}).items() if art not in now.get("art", {})}
    rest = {name: value for name, value in before.items() if name != "art"}
    found = {name: value for name, value in rest.items() if value and not now.get(name, value)}
    return {**found, **({"art": pictures} if pictures else {})}


def art_of(row: Mapping[str, Any]) -> dict[str, str]:
    """The pictures of an item itself, by type."""
    art = row.get("art")
    found = art if isinstance(art, dict) else {}
    return {
        name: path
        for name, path in found.items()
        if "." not in name and isinstance(path, str) and len(path) <= LONGEST_PATH * 3
    }


def file_of(row: Mapping[str, Any]) -> str:
    return shapes.text(row.get("file"), LONGEST_PATH)


def folder_of(file: str) -> str:
    """The folder of a file, or the one that a show is."""
    return f"{posixpath.dirname(file)}/"


def time_of(told: Any) -> datetime:
    """When something was changed, by the clock of whoever says so."""
    try:
        return datetime.fromisoformat(told)
    except (TypeError, ValueError):
        return datetime.min


def total(data: Mapping[str, Any]) -> int:
    return shapes.number(shapes.as_object(data.get("limits"), "limits"), "total", 0)


def items_of(result: Any, kind: Kind, library: str) -> list[Item]:
    data = shapes.as_object(result, "result")
    rows = shapes.read_list(data.get(f"{NAMES[kind].lower()}s") or [], dict, "items")
    return [item_of(row, kind, library) for row in rows]


def own_paths(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The files of an item (several stand in one `stack://`), or the folder of a show."""
    file = shapes.text(row.get("file"), LONGEST_PATH * 4)
    if file.startswith("stack://"):
        return tuple(part.replace(",,", ",") for part in file.removeprefix("stack://").split(" , "))
    return (file.rstrip("/"),) if file else ()


def place_of(row: dict[str, Any], kind: Kind) -> tuple[str, int | None]:
    if kind not in PLACE:
        return "", None
    return f"{Kind.SHOW}-{shapes.number(row, 'tvshowid', -1)}", base.number_or_none(row, "season")


def labels_of(row: Mapping[str, Any]) -> dict[Form, tuple[str, ...]]:
    return {
        form: base.texts(row.get(name), longest=LONGEST_TEXT) for form, name in FORMS.items() if name in row
    }


def guids_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    return base.guids(ids_of(row).items())


def ids_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """The unique ids of an item, by their kinds."""
    ids = row.get("uniqueid")
    return ids if isinstance(ids, dict) else {}


def title_of(row: Mapping[str, Any]) -> str:
    return shapes.text(row.get("title") or row.get("label"), LONGEST_NAME)


def item_of(row: dict[str, Any], kind: Kind, library: str) -> Item:
    show, season = place_of(row, kind)
    return Item(
        id=f"{kind}-{shapes.number(row, f'{NAMES[kind].lower()}id', 1)}",
        kind=kind,
        library=library,
        title=title_of(row),
        paths=own_paths(row),
        guids=guids_of(row),
        year=base.number_or_none(row, "year") or None,
        show=show,
        season=season,
        episode=base.number_or_none(row, "episode") if kind is Kind.EPISODE else None,
        labels=labels_of(row),
    )


def details_of(result: Any, id: str) -> dict[str, Any]:
    """The details of the item that was asked for. Raises WireError for those of another."""
    kind, number = number_of(id)
    name = NAMES[kind].lower()
    row = shapes.as_object(shapes.as_object(result, "result").get(f"{name}details"), f"{name}details")
    if row.get(f"{name}id") != number:
        raise WireError(f"the details of {name} {number} were expected")
    return row


def present_of(id: str, result: Any) -> Present:
    row = details_of(result, id)
    kind, _number_of = number_of(id)
    show, season = place_of(row, kind)
    fields: dict[str, Value] = {}
    for name, theirs in FIELDS[kind].items():
        if name == DIRECTORS:
            fields[name] = base.texts(row.get(theirs))
        elif theirs in LISTS:
            fields[name] = next(iter(base.texts(row.get(theirs))), "")
        else:
            fields[name] = shapes.text(row.get(theirs), LONGEST_TEXT)
    return Present(
        id=id,
        kind=kind,
        library=LIBRARIES[kind],
        title=title_of(row),
        paths=own_paths(row),
        guids=guids_of(row),
        labels=labels_of(row),
        fields=fields,
        show=show,
        season=season,
    )


def number_of(id: str) -> tuple[Kind, int]:
    """The kind and number that an id of ours is made of: ValueError for anything else."""
    kind, _dash, number = id.partition("-")
    if not (number.isascii() and number.isdecimal()):
        raise ValueError(f"{id!r} is no id of Kodi")
    return Kind(kind), int(number)
