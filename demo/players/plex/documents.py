"""How Plex words what it knows: one container, written as JSON or as XML."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any
from xml.sax.saxutils import quoteattr

import orjson

from demo.players.state import Item, Library, PlayerState

TYPES = {"movie": 1, "show": 2, "season": 3, "episode": 4, "collection": 18}
KINDS = {number: kind for kind, number in TYPES.items()}
LISTS = {
    "label": "Label",
    "genre": "Genre",
    "collection": "Collection",
    "actor": "Role",
    "director": "Director",
    "writer": "Writer",
    "country": "Country",
}
TEXTS = (
    "summary",
    "studio",
    "tagline",
    "contentRating",
    "originallyAvailableAt",
    "originalTitle",
    "titleSort",
    "editionTitle",
)
# Told of an item only where it is asked for by its id.
_WHOLE_ONLY = ("Label", "Field", "Writer", "Country")

Entry = dict[str, Any]


def tag_id(name: str, tag: str) -> int:
    """The number of a tag."""
    return zlib.crc32(f"{name}:{tag.casefold()}".encode()) % 1_000_000 + 1


def section(library: Library, clock: int, *, refreshing: bool) -> Entry:
    """One library, as `/library/sections` lists it."""
    agent = "tv.plex.agents.movie" if library.kind == "movie" else "tv.plex.agents.series"
    return {
        "allowSync": True,
        "art": f"/:/resources/{library.kind}-fanart.jpg",
        "composite": f"/library/sections/{library.id}/composite/{clock}",
        "filters": True,
        "refreshing": refreshing,
        "thumb": f"/:/resources/{library.kind}.png",
        "key": str(library.id),
        "type": library.kind,
        "title": library.title,
        "agent": agent,
        "scanner": "Plex Movie" if library.kind == "movie" else "Plex TV Series",
        "language": "en-US",
        "uuid": f"00000000-0000-4000-8000-{library.id:012}",
        "updatedAt": clock,
        "createdAt": 1768478400,
        "scannedAt": clock,
        "content": True,
        "directory": True,
        "contentChangedAt": clock,
        "hidden": 0,
        "Location": [
            {"id": library.id * 100 + number, "path": path} for number, path in enumerate(library.locations)
        ],
    }


def metadata(state: PlayerState, item: Item, *, whole: bool, guids: bool = True) -> Entry:
    """One item; without `whole` as lists have it, with less in it."""
    library = state.libraries[item.library]
    base = "collections" if item.kind == "collection" else "metadata"
    made: Entry = {
        "ratingKey": str(item.id),
        "key": f"/library/{base}/{item.id}" + ("" if _is_leaf(item) else "/children"),
        "guid": f"plex://{item.kind}/{item.key[:24]}",
        "type": item.kind,
        "title": item.title,
        "librarySectionTitle": library.title,
        "librarySectionID": library.id,
        "librarySectionKey": f"/library/sections/{library.id}",
        "addedAt": item.added,
        "updatedAt": item.updated,
        **{name: item.texts[name] for name in TEXTS if name in item.texts},
    }
    made |= _present({"year": item.year, "userRating": item.rating, "viewCount": item.plays})
    made |= _present({"lastViewedAt": item.last_played, "viewOffset": int(item.resume * 1000)})
    if item.kind in ("season", "episode"):
        made["index"] = item.number
    for level, ancestor in zip(("parent", "grandparent"), state.ancestors(item), strict=False):
        made |= _above(level, ancestor)
    for kind, name in (("poster", "thumb"), ("art", "art")):
        if item.pictures.get(kind):
            made[name] = f"/library/metadata/{item.id}/{name}/{item.updated}"
    if item.kind == "show":
        made |= _counts(state, item)
    elif item.kind == "season":
        made |= {"leafCount": len(state.children(item.id)), "viewedLeafCount": 0}
    elif item.kind == "collection":
        made |= {"childCount": len(members(state, item)), "subtype": library.kind}
    made |= _elements(item, whole=whole, guids=guids or whole)
    return made


def members(state: PlayerState, collection: Item) -> list[Item]:
    """The items that carry the name of a collection."""
    return [
        item
        for item in state.items.values()
        if item.library == collection.library and collection.title in item.lists.get("collection", [])
    ]


def _is_leaf(item: Item) -> bool:
    return item.kind in ("movie", "episode")


def _present(values: Mapping[str, Any]) -> Entry:
    return {name: value for name, value in values.items() if value}


def _above(level: str, item: Item) -> Entry:
    made = {
        f"{level}RatingKey": str(item.id),
        f"{level}Key": f"/library/metadata/{item.id}",
        f"{level}Guid": f"plex://{item.kind}/{item.key[:24]}",
        f"{level}Title": item.title,
    }
    return {**made, "parentIndex": item.number} if item.kind == "season" else made


def _counts(state: PlayerState, show: Item) -> Entry:
    leaves = [item for item in state.below(show.id) if item.kind == "episode"]
    watched = sum(1 for item in leaves if item.plays)
    return {
        "childCount": len(state.children(show.id)),
        "leafCount": len(leaves),
        "viewedLeafCount": watched,
    }


def _elements(item: Item, *, whole: bool, guids: bool) -> Entry:
    made: Entry = {}
    if _is_leaf(item):
        made["Media"] = [_medium(item)]
    for name, element in LISTS.items():
        if item.lists.get(name):
            made[element] = [
                {"id": tag_id(name, tag), "filter": f"{name}={tag_id(name, tag)}", "tag": tag}
                for tag in item.lists[name]
            ]
    if guids and item.guids:
        made["Guid"] = [{"id": f"{name}://{value}"} for name, value in item.guids.items()]
    if item.kind == "show":
        made["Location"] = [{"path": item.path}]
    if item.locked:
        made["Field"] = [{"locked": True, "name": name} for name in item.locked]
    if not whole:
        for element in _WHOLE_ONLY:
            made.pop(element, None)
    return made


def _medium(item: Item) -> Entry:
    container = PurePosixPath(item.path).suffix.removeprefix(".")
    part = {
        "id": item.id,
        "key": f"/library/parts/{item.id}/{item.added}/file.{container}",
        "duration": 1_000,
        "file": item.path,
        "size": item.size,
        "container": container,
    }
    return {"id": item.id, "duration": 1_000, "container": container, "videoCodec": "h264", "Part": [part]}


def without_elements(entry: Entry, elements: set[str], fields: set[str]) -> Entry:
    """An entry without what `excludeElements` and `excludeFields` name."""
    return {name: value for name, value in entry.items() if name not in elements and name not in fields}


# Writing


def as_json(container: Entry) -> bytes:
    return orjson.dumps({"MediaContainer": container})


def as_xml(container: Entry, root: str = "MediaContainer") -> bytes:
    parts = ['<?xml version="1.0" encoding="UTF-8"?>\n', *_xml(root, container)]
    return "".join(parts).encode("utf-8", "replace")


def _xml(name: str, entry: Entry) -> Iterator[str]:
    attributes = "".join(
        f" {key}={quoteattr(_plain(value))}"
        for key, value in entry.items()
        if not isinstance(value, (list, dict)) and value is not None
    )
    children = [(key, value) for key, value in entry.items() if isinstance(value, (list, dict))]
    if not children:
        yield f"<{name}{attributes}/>\n"
        return
    yield f"<{name}{attributes}>\n"
    for key, value in children:
        for child in value if isinstance(value, list) else [value]:
            yield from _xml(_element(key, child), child)
    yield f"</{name}>\n"


def _element(key: str, entry: Entry) -> str:
    """JSON has one name for all items; XML tells those that are played from those that are opened."""
    if key != "Metadata":
        return key
    return "Video" if entry.get("type") in ("movie", "episode") else "Directory"


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    # What XML cannot hold is left out.
    return "".join(letter for letter in str(value) if letter >= " " or letter in "\t\n\r")
