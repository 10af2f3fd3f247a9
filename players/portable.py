"""Routes as configuration. What else is set of a player stands with its connection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from connections.models import Connection
from connections.services import connection_named
from core.errors import ConfigError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section
from players import routes
from players.models import Route

_UNSET = Route()


def _export() -> list[dict[str, Any]]:
    rows = Route.objects.select_related("source", "player").order_by("source__name", "player__name")
    return [
        {
            "source": route.source.name,
            "player": route.player.name,
            **{
                name: getattr(route, name)
                for name in routes.NAMES
                if getattr(route, name) != getattr(_UNSET, name)
            },
        }
        for route in rows
    ]


def _check(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    there = list(Connection.objects.values_list("name", flat=True))
    source, player = (reading.known_name(entry, key, "connections", there) for key in ("source", "player"))
    given = {key: _value(entry, key, reading) for key in routes.NAMES if key in entry}
    if len(reading.problems) > before:
        return None
    kind = _kind_of(player, reading)
    try:
        values = routes.checked(Connection(name=player, kind=kind), given)
    except ConfigError as error:
        reading.refuse(entry, getattr(error, "field", "player"), str(error))
        return None
    return lambda: _apply(source, player, values)


def _value(entry: Entry, key: str, reading: Reading) -> Any:
    if key in ("enabled", "seasons", "scan_new"):
        return reading.flag(entry, key, default=key != "scan_new")
    if key == "clear":
        return reading.texts(entry, key)
    if key == "fields":
        return _modes(entry, reading)
    return reading.text(entry, key)


def _modes(entry: Entry, reading: Reading) -> dict[str, str]:
    # YAML reads a bare off as false.
    value = entry["fields"]
    pairs: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, dict) else [(None, None)]
    modes: dict[str, str] = {name: "off" if mode is False else mode for name, mode in pairs}
    if not all(isinstance(one, str) for pair in modes.items() for one in pair):
        reading.refuse(entry, "fields", "fields names each field with its mode: {summary: keep}.")
        return {}
    return modes


def _kind_of(name: str, reading: Reading) -> str:
    """Of what kind the connection of this name is, or will be once the document has been read."""
    for one in reading.sections.get("connections", []):
        if str(one.get("name", "")).lower() == name.lower():
            return str(one.get("kind", ""))
    return Connection.objects.get(name__iexact=name).kind


def _apply(source: str, player: str, values: dict[str, Any]) -> str:
    route = Route.objects.filter(source__name__iexact=source, player__name__iexact=player).first()
    if route is None:
        routes.add_route(connection_named(source), connection_named(player), values, None)
        return "added"
    before = [getattr(route, name) for name in routes.NAMES]
    route, _due = routes.change_route(route, values, None)
    return "same" if before == [getattr(route, name) for name in routes.NAMES] else "changed"


BRINGS = Portable(
    (
        Section(
            name="routes",
            place=3,
            keys=("source", "player", *routes.NAMES),
            required=("source", "player"),
            export=_export,
            check=_check,
        ),
    )
)
