"""Routes: what of a source goes to a player, and as what. Here they are checked, changed and taken away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction

from connections.models import Connection
from core.errors import FieldError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from players import links
from players.clients.contract import NEVER_EMPTIED
from players.connections import abilities_of
from players.models import LABEL, PlayerSettings, Route
from players.rules.difference import Mode
from players.settings import PLAYERS

if TYPE_CHECKING:
    from accounts.models import User

NAMES = ("form", "pattern", "enabled", "seasons", "scan_new", "fields", "clear")
"""What of a route can be changed."""

LONGEST_PATTERN = 100


@transaction.atomic
def add_route(
    source: Connection, player: Connection, values: Mapping[str, Any], by: User | None
) -> tuple[Route, int]:
    """Send what a source has to a player; return the route, and how many titles that makes due.

    Raises FieldError.
    """
    if player.kind not in PLAYERS or not PlayerSettings.objects.filter(pk=player.pk).exists():
        raise FieldError("player", "player.is-none", name=player)
    if not is_source(source):
        raise FieldError("source", "route.no-source", name=source)
    if Route.objects.filter(source=source, player=player).exists():
        raise FieldError("source", "route.twice", source=source, player=player)
    return change_route(Route(source=source, player=player), values, by)


@transaction.atomic
def change_route(route: Route, values: Mapping[str, Any], by: User | None) -> tuple[Route, int]:
    """Change a route; what is not given stays. Return it, and how many titles that makes due.

    What it no longer covers loses the labels that are ours. Raises FieldError.
    """
    known = Route.objects.select_for_update().filter(pk=route.pk).first()
    wanted = known or route
    before = {name: getattr(wanted, name) for name in NAMES} if known else None
    for name, value in checked(route.player, values).items():
        setattr(wanted, name, value)
    if before == {name: getattr(wanted, name) for name in NAMES}:
        return wanted, 0
    wanted.save()
    if known:
        _record(Phrase("hand.route-changed", source=wanted.source, player=wanted.player), wanted.player, by)
    else:
        _record(Phrase("hand.route-added", source=wanted.source, player=wanted.player), wanted.player, by)
    return wanted, links.follow_route(wanted.source_id, wanted.player_id)


@transaction.atomic
def delete_route(route: Route, by: User | None) -> int:
    """Send nothing of the source to the player any more; return how many titles lose labels of ours there."""
    source, player = route.source, route.player
    route.delete()
    _record(Phrase("hand.route-deleted", source=source, player=player), player, by)
    return links.follow_route(source.pk, player.pk)


def is_source(connection: Connection) -> bool:
    """Whether a connection has titles or scenes for players."""
    return connection.kind == "stash" or hasattr(connection, "source")


def checked(player: Connection, values: Mapping[str, Any]) -> dict[str, Any]:
    """What of a route is to be saved as it may be, for a player of that kind. Raises FieldError."""
    abilities = abilities_of(player)
    if unknown := sorted(values.keys() - set(NAMES)):
        raise FieldError(unknown[0], "route.no-setting", name=unknown[0], known=", ".join(NAMES))
    wanted = dict(values)
    if (form := wanted.get("form", "")) and form not in abilities.forms:
        raise FieldError("form", "route.form", form=form, player=player, known=", ".join(abilities.forms))
    if "pattern" in wanted:
        wanted["pattern"] = " ".join(str(wanted["pattern"]).split())
        if LABEL not in wanted["pattern"] or len(wanted["pattern"]) > LONGEST_PATTERN:
            raise FieldError("pattern", "route.pattern", label=LABEL, most=LONGEST_PATTERN)
    for name, mode in wanted.get("fields", {}).items():
        _check_field("fields", name, player)
        if mode not in list(Mode):
            raise FieldError("fields", "route.mode", mode=str(mode), field=name, known=", ".join(Mode))
    for name in wanted.get("clear", ()):
        _check_field("clear", name, player)
        if name in NEVER_EMPTIED:
            raise FieldError("clear", "route.never-emptied", field=name)
    if "fields" in wanted:
        wanted["fields"] = {
            name: Mode(mode).value for name, mode in sorted(wanted["fields"].items()) if mode != Mode.OFF
        }
    if "clear" in wanted:
        wanted["clear"] = sorted(set(wanted["clear"]))
    return wanted


def _record(told: Phrase, player: Connection, by: User | None) -> None:
    record(EventKind.BY_HAND, told, connection=player, actor=by)


def _check_field(where: str, name: str, player: Connection) -> None:
    known = abilities_of(player).fields
    if name not in known:
        raise FieldError(where, "route.field", field=name, player=player, known=", ".join(known))
