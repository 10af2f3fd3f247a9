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

LABEL = "{label}"
"""What stands in a route's pattern for the label."""


def too_much(player: Connection, settings: PlayerSettings, routes: Mapping[int, Route]) -> str:
    """Why what is due is to be held before anything is sent; empty where it is not.

    It counts the titles that would lose a label of ours, by what is known here.
    """
    if settings.released:
        return ""
    losing = 0
    rows = (
        links.due(player)
        .exclude(marks={})
        .values_list("marks", "subject__state", "subject__gone", "subject__source")
    )
    for marks, state, gone, source_id in rows.iterator():
        wanted = () if gone else state.get("labels")
        route = routes.get(source_id)
        if wanted is None or route is None:
            continue
        ours = {same(route.pattern.replace(LABEL, label)) for label in wanted}
        losing += any(
            mark.get("ours") and ":" in name and name.partition(":")[2] not in ours
            for of_item in marks.values()
            for name, mark in of_item.items()
        )
    total = Link.objects.filter(player=player).count()
    return held_text(losing, total) if exceeds(losing, total, settings.brake_percent) else ""


def exceeds(changing: int, total: int, percent: int) -> bool:
    return changing >= LEAST and changing * 100 > total * percent


def held_text(changing: int, total: int) -> Phrase:
    return Phrase("player.held", number=changing, total=total)
