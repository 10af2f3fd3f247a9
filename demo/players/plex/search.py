"""How Plex filters, sorts and pages a library, and what it tells of the filters it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from demo.players.plex.documents import LISTS, TEXTS, TYPES, tag_id
from demo.players.state import Item, Library, PlayerState

_NUMBERS: dict[str, Callable[[Item], float]] = {
    "year": lambda item: item.year or 0,
    "addedAt": lambda item: item.added,
    "updatedAt": lambda item: item.updated,
    "lastViewedAt": lambda item: item.last_played,
    "index": lambda item: item.number,
    "userRating": lambda item: item.rating,
    "id": lambda item: item.id,
}
_SORTS: dict[str, Callable[[Item], Any]] = {
    **_NUMBERS,
    "titleSort": lambda item: item.texts.get("titleSort", item.title).casefold(),
    "title": lambda item: item.title.casefold(),
}


def filtered(items: list[Item], query: Mapping[str, str]) -> list[Item]:
    """The items that a query asks for; parameters that are no filter are passed over."""
    for parameter, value in query.items():
        name, operator = _split(parameter)
        if name == "title":
            items = [item for item in items if _told(item.title, operator, value)]
        elif name in LISTS:
            items = [item for item in items if _tagged(item, name, operator, value.split(","))]
        elif name in TEXTS:
            items = [item for item in items if _told(item.texts.get(name, ""), operator, value)]
        elif name == "guid":
            items = [item for item in items if f"plex://{item.kind}/{item.key[:24]}" == value]
        elif name == "unwatched":
            items = [item for item in items if (not item.plays) == (value == "1")]
        elif name in _NUMBERS and name != "index":
            items = [item for item in items if _counted(_NUMBERS[name](item), operator, value)]
    return items


def ordered(items: list[Item], sort: str) -> list[Item]:
    """The items by `sort`: fields with `:desc` after them, separated by commas; else by title."""
    made = sorted(items, key=_SORTS["titleSort"])
    for part in reversed(sort.split(",") if sort else []):
        name, _, direction = part.partition(":")
        key = _SORTS.get(name.rpartition(".")[2])
        if key is not None:
            made.sort(key=key, reverse=direction == "desc")
    return made


def _split(parameter: str) -> tuple[str, str]:
    """A parameter such as `show.updatedAt>>` in its field and its operator."""
    name = parameter.rstrip("!<>=&")
    return name.rpartition(".")[2], parameter[len(name) :]


def _told(text: str, operator: str, value: str) -> bool:
    folded, wanted = text.casefold(), value.casefold()
    match operator:
        case "=":
            return folded == wanted
        case "!=":
            return folded != wanted
        case "!":
            return wanted not in folded
        case "<":
            return folded.startswith(wanted)
        case ">":
            return folded.endswith(wanted)
    return wanted in folded


def _tagged(item: Item, name: str, operator: str, wanted: list[str]) -> bool:
    folded = {value.casefold() for value in wanted}
    has = any(
        tag.casefold() in folded or str(tag_id(name, tag)) in folded for tag in item.lists.get(name, [])
    )
    return has != operator.startswith("!")


def _counted(number: float, operator: str, value: str) -> bool:
    try:
        wanted = [float(part) for part in value.split(",")]
    except ValueError:
        return False
    if operator.startswith(">"):
        return number > wanted[0]
    if operator.startswith("<"):
        return number < wanted[0]
    return (number in wanted) != operator.startswith("!")


# What a client can ask for


def choices(state: PlayerState, library: Library, name: str, kind: str) -> list[dict[str, Any]]:
    """The tags of one kind that a library has."""
    tags = {tag: None for item in state.of(library.id, kind) for tag in item.lists.get(name, [])}
    return [
        {
            "fastKey": f"/library/sections/{library.id}/all?{name}={tag_id(name, tag)}",
            "key": str(tag_id(name, tag)),
            "title": tag,
            "type": name,
        }
        for tag in sorted(tags)
    ]


def meta(library: Library) -> dict[str, Any]:
    """The filters and sorts that a library offers."""
    kinds = (
        ["movie", "collection"] if library.kind == "movie" else ["show", "season", "episode", "collection"]
    )
    return {
        "Type": [_type(library, kind) for kind in kinds],
        "FieldType": [
            {"type": "tag", "Operator": _operators(("=", "is"), ("!=", "is not"))},
            {"type": "integer", "Operator": _operators(("=", "is"), (">>=", "is more"), ("<<=", "is less"))},
            {"type": "date", "Operator": _operators((">>=", "is after"), ("<<=", "is before"))},
            {"type": "string", "Operator": _operators(("=", "contains"), ("==", "is"), ("!==", "is not"))},
        ],
    }


def _operators(*named: tuple[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "title": title} for key, title in named]


def _type(library: Library, kind: str) -> dict[str, Any]:
    base = f"/library/sections/{library.id}"
    numbers = {"year": "integer", "addedAt": "date", "updatedAt": "date"}
    types = {"title": "string", **dict.fromkeys(LISTS, "tag"), **numbers}
    return {
        "key": f"{base}/all?type={TYPES[kind]}",
        "type": kind,
        "title": kind.capitalize(),
        "active": kind == library.kind,
        "Filter": [
            {
                "filter": name,
                "filterType": "string",
                "key": f"{base}/{name}?type={TYPES[kind]}",
                "title": name.capitalize(),
                "type": "filter",
            }
            for name in LISTS
        ],
        "Sort": [
            {"key": name, "title": name, "defaultDirection": "asc", "descKey": f"{name}:desc"}
            for name in ("titleSort", "addedAt", "year")
        ],
        "Field": [{"key": f"{kind}.{name}", "title": name, "type": type_} for name, type_ in types.items()],
    }
