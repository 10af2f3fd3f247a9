"""The brake: what would take labels off, or change fields of, many titles waits for a person."""

from __future__ import annotations

from collections.abc import Mapping

from connections.models import Connection
from core.words import Phrase
from players import links
from players.clients.contract import same
from players.models import Link, PlayerSettings, Route

LEAST = 5
"""Fewer titles than this may always change."""


def too_much(player: Connection, settings: PlayerSettings, routes: Mapping[int | None, Route]) -> str:
    """Why what is due is to be held before anything is sent; empty where it is not.

    It counts the titles that would lose a label of ours, by what is known here.
    """
    if settings.released:
        return ""
    losing = 0
    rows = (
        links.due(player)
        .exclude(marks={})
        .values_list("marks", "subject__state", "subject__gone", "subject__source", "subject__kind")
    )
    for marks, state, gone, source_id, kind in rows.iterator():
        route = route_for(routes, source_id, kind)
        wanted = state.get("labels") if route and not gone else ()
        if wanted is None:
            continue
        ours = {same(route.spelt(label)) for label in wanted} if route else set()
        losing += any(
            mark.get("ours") and ":" in name and name.partition(":")[2] not in ours
            for of_item in marks.values()
            for name, mark in of_item.items()
        )
    total = Link.objects.filter(player=player).count()
    return held_text(losing, total) if exceeds(losing, total, settings.brake_percent) else ""


def route_for(routes: Mapping[int | None, Route], source_id: int | None, kind: str) -> Route | None:
    """The route by which a subject goes to the player; None where it goes there no longer."""
    route = routes.get(source_id)
    return route if route and route.takes(kind) else None


def exceeds(changing: int, total: int, percent: int) -> bool:
    return changing >= LEAST and changing * 100 > total * percent


def held_text(changing: int, total: int) -> Phrase:
    return Phrase("player.held", number=changing, total=total)
