"""JSON-RPC as Kodi speaks it: errors, parameters, pages, filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any
from urllib.parse import quote

from demo.players.state import Item

Params = dict[str, Any]

LISTS = {
    "tag": "label",
    "genre": "genre",
    "director": "director",
    "writer": "writer",
    "country": "country",
    "studio": "studio",
}


class RpcError(Exception):
    """A call is answered with an error."""

    def __init__(self, code: int, message: str, data: Params | None = None) -> None:
        super().__init__(message)
        self.error: Params = {"code": code, "message": message}
        if data:
            self.error["data"] = data


def invalid(name: str = "", message: str = "") -> RpcError:
    return RpcError(
        -32602, "Invalid params.", {"stack": {"name": name, "message": message}} if name else None
    )


def application(params: Params) -> Params:
    known: Params = {"name": "Kodi", "version": {"major": 20, "minor": 1, "revision": "", "tag": "stable"}}
    return {name: known[name] for name in params["properties"] if name in known}


def failed(number: Any, error: RpcError) -> Params:
    return {"error": error.error, "id": number, "jsonrpc": "2.0"}


def checked(params: Any, needed: tuple[str, ...], allowed: tuple[str, ...]) -> Params:
    """The parameters by name; a list gives them in order."""
    if isinstance(params, list):
        params = dict(zip((*needed, *allowed), params, strict=False))
    for name in needed:
        if name not in params:
            raise invalid(name, "Missing parameter")
    for name in params:
        if name not in needed and name not in allowed:
            raise invalid(name, "Too many parameters")
    return dict(params)


def paged(plural: str, found: list[Item], params: Params, shown: Callable[[Item], Params]) -> Params:
    sort = params.get("sort") or {}
    if sort:
        keys: dict[str, Callable[[Item], Any]] = {
            "title": lambda item: item.title.casefold(),
            "label": lambda item: item.title.casefold(),
            "year": lambda item: item.year or 0,
            "dateadded": lambda item: item.added,
            "lastplayed": lambda item: item.last_played,
            "episode": lambda item: item.number,
            "season": lambda item: item.number,
        }
        key = keys.get(sort.get("method", "none"))
        if key is not None:
            found = sorted(found, key=key, reverse=sort.get("order") == "descending")
    limits = params.get("limits") or {}
    start = min(limits.get("start", 0), len(found))
    wanted = limits.get("end", -1)
    end = len(found) if wanted < 0 else max(start, min(wanted, len(found)))
    rows = [shown(item) for item in found[start:end]]
    return {"limits": {"start": start, "end": end, "total": len(found)}, plural: rows}


def passes(item: Item, rule: Mapping[str, Any] | None) -> bool:
    if not rule:
        return True
    if "and" in rule:
        return all(passes(item, one) for one in rule["and"])
    if "or" in rule:
        return any(passes(item, one) for one in rule["or"])
    name, operator, value = rule.get("field"), rule.get("operator"), rule.get("value")
    folder, file = _place(item)
    texts: dict[str, list[str]] = {
        "title": [item.title],
        "path": [folder],
        "filename": [file],
        "year": [str(item.year or 0)],
        "playcount": [str(item.plays)],
        **{known: item.lists.get(ours, []) for known, ours in LISTS.items()},
    }
    if name not in texts or not isinstance(operator, str):
        raise invalid("filter", "Received value does not match any of the union type definitions")
    values = value if isinstance(value, list) else [value]
    held = texts[name] or [""]
    if operator in ("isnot", "doesnotcontain"):
        positive = {"isnot": "is", "doesnotcontain": "contains"}[operator]
        return not any(compare(one, positive, wanted) for one in held for wanted in values)
    return any(compare(one, operator, wanted) for one in held for wanted in values)


def _place(item: Item) -> tuple[str, str]:
    """The folder and the name of a file; what several files are has the whole `stack://…` for a name."""
    if item.kind == "show":
        return f"{item.path}/", PurePosixPath(item.path).name
    first = item.path.removeprefix("stack://").split(" , ")[0]
    is_stack = first != item.path
    path = PurePosixPath(first.replace(",,", ",") if is_stack else item.path)
    return f"{path.parent}/", item.path if is_stack else path.name


def compare(text: str, operator: str, wanted: object) -> bool:
    folded, value = text.casefold(), str(wanted).casefold()
    return {
        "is": folded == value,
        "contains": value in folded,
        "startswith": folded.startswith(value),
        "endswith": folded.endswith(value),
    }.get(operator, False)


def image(path: str) -> str:
    """A picture's address in Kodi's own words; a path that is in them already stays."""
    if path.startswith("image://"):
        return path
    encoded = quote(path, safe="-_.!()")
    return f"image://{_lower_escapes(encoded)}/"


def _lower_escapes(text: str) -> str:
    head, *parts = text.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in parts)


def when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S") if seconds else ""


def seconds_of(text: str) -> int:
    if not text:
        return 0
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp())
