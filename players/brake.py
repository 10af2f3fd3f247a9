"""The brake: what would take labels off, or change fields of, many titles waits for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet
from django.utils import timezone

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
    if settings.released or settings.leaving:
        return ""
    number = sum(1 for _ in _losing(links.due(player), routes))
    total = Link.objects.filter(player=player).count()
    return held_text(number, total) if exceeds(number, total, settings.brake_percent) else ""


def losing(player: Connection) -> Iterator[tuple[Link, list[str]]]:
    """What is due and would lose labels of ours, with those."""
    routes = {route.source_id: route for route in Route.objects.filter(player=player)}
    found = dict(_losing(links.due(player), routes))
    for link in Link.objects.filter(pk__in=found).select_related("subject").order_by("subject__title", "pk"):
        yield link, found[link.pk]


def _losing(due: QuerySet[Link], routes: Mapping[int | None, Route]) -> Iterator[tuple[int, list[str]]]:
    columns = ("pk", "marks", "subject__state", "subject__gone", "subject__source", "subject__kind")
    for pk, marks, state, gone, source_id, kind in due.exclude(marks={}).values_list(*columns).iterator():
        route = route_for(routes, source_id, kind)
        wanted = state.get("labels") if route and not gone else ()
        if wanted is None:
            continue
        ours = {same(route.spelt(label)) for label in wanted} if route else set()
        lost = {
            name.partition(":")[2]
            for of_item in marks.values()
            for name, mark in of_item.items()
            if mark.get("ours") and ":" in name and name.partition(":")[2] not in ours
        }
        if lost:
            yield pk, sorted(lost)


def route_for(routes: Mapping[int | None, Route], source_id: int | None, kind: str) -> Route | None:
    """The route by which a subject goes to the player; None where it goes there no longer."""
    route = routes.get(source_id)
    return route if route and route.takes(kind) else None


def hold(player: Connection) -> None:
    """Send nothing more of what was let pass."""
    settings = PlayerSettings.objects.get(pk=player.pk)
    settings.released, settings.held_since = False, timezone.now()
    routes = {route.source_id: route for route in Route.objects.filter(player=player)}
    settings.held_reason = too_much(player, settings, routes) or Phrase("player.held-again")
    settings.save(update_fields=["released", "held_since", "held_reason"])


def lift(player: Connection) -> None:
    """Go on with what is due; what would take too much away is held anew."""
    PlayerSettings.objects.filter(pk=player.pk).update(held_since=None, held_reason="")


def exceeds(changing: int, total: int, percent: int) -> bool:
    return changing >= LEAST and changing * 100 > total * percent


def held_text(changing: int, total: int) -> Phrase:
    return Phrase("player.held", number=changing, total=total)
