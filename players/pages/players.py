"""All players, one of them, and what can be done about it as a whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from connections.kinds import kind_of, kinds
from connections.models import Connection
from core.numbers import number_in
from jobs.contract import start_by_name
from players import brake, care, settings
from players.index import mappings_of
from players.jobs import RECONCILE
from players.models import PlayerSettings, Route
from players.pages import rows
from players.settings import PLAYERS
from web.access import action, page, user_of
from web.parts import done, errors_shown

DAY, WEEK = timedelta(days=1), 7 * 24

HELD = 200
"""So many titles that would lose labels are shown."""


@page
def players(request: HttpRequest) -> HttpResponse:
    return render(request, "players/players.html", {"rows": rows.players(), "kinds": _player_kinds()})


@page
def players_live(request: HttpRequest) -> HttpResponse:
    """Show how all players are, as a part of their page."""
    return render(request, "players/cards.html", {"rows": rows.players()})


@page
def player(request: HttpRequest, pk: int) -> HttpResponse:
    found = settings_of(pk)
    player = found.connection
    week = care.statistics(player, WEEK)
    day_began = timezone.now() - DAY
    context: dict[str, Any] = {
        **state_of(found),
        "kind": kind_of(player.kind),
        "troubles": care.troubles(player),
        "histogram": rows.histogram(care.grades(player)),
        "outages": care.outages(player),
        "sent": [rows.sent(one for one in week if one.hour > day_began), rows.sent(week)],
        **care.to_take_leave_of(player),
        "mappings": mappings_of(pk),
        "others": without_route(pk),
        "routes": Route.objects.filter(player=pk).select_related("source").order_by("source__name"),
    }
    return render(request, "players/player.html", context)


@page
def player_state(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how a player is, as a part of its page."""
    return render(request, "players/state.html", state_of(settings_of(pk)))


@page
def player_held(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what would be taken off, title by title, while the brake holds it."""
    found = settings_of(pk)
    return render(request, "players/held.html", {"settings": found, **held_titles(found, HELD)})


@action
def player_send(request: HttpRequest, pk: int) -> HttpResponse:
    def send(found: PlayerSettings) -> str:
        care.send_now(found.connection, user_of(request))
        return _("Sending to %s now.") % found.connection

    return _done(request, pk, send)


@action
def player_look(request: HttpRequest, pk: int) -> HttpResponse:
    """Compare everything in a player with what should stand there."""

    def look(found: PlayerSettings) -> str:
        everything = {"everything": True}
        start_by_name(RECONCILE, connection=found.connection, params=everything, user=user_of(request))
        return _("Looking at every title in %s again.") % found.connection

    return _done(request, pk, look)


@action
def player_pause(request: HttpRequest, pk: int) -> HttpResponse:
    def pause(found: PlayerSettings) -> str:
        care.pause(found.connection, user_of(request))
        return _("%s is paused.") % found.connection

    return _done(request, pk, pause, undo=resolve_url("player_resume", pk))


@action
def player_resume(request: HttpRequest, pk: int) -> HttpResponse:
    def resume(found: PlayerSettings) -> str:
        care.resume(found.connection, user_of(request))
        return _("Sending to %s again.") % found.connection

    return _done(request, pk, resume, undo=resolve_url("player_pause", pk))


@action
def player_release(request: HttpRequest, pk: int) -> HttpResponse:
    def release(found: PlayerSettings) -> str:
        care.release(found.connection, user_of(request))
        return _("Released: what was held back is being sent.")

    return _done(request, pk, release, undo=resolve_url("player_hold", pk))


@action
def player_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Hold again what was released and is not sent yet."""

    def hold(found: PlayerSettings) -> str:
        care.hold(found.connection, user_of(request))
        return _("Held again: what was not sent yet waits.")

    return _done(request, pk, hold)


@action
def player_leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Take our labels off in the player, and then delete it."""

    def leave(found: PlayerSettings) -> str:
        meant = number_in(request.POST.get("number", ""))
        care.leave(found.connection, user_of(request), meant)
        return _("The labels in %s are taken off; then it is deleted.") % found.connection

    return _done(request, pk, leave)


@action
def player_decline(request: HttpRequest, pk: int) -> HttpResponse:
    def decline(found: PlayerSettings) -> str:
        number = care.decline(found.connection, user_of(request))
        return (
            ngettext(
                "Left alone: %d title keeps its labels.", "Left alone: %d titles keep their labels.", number
            )
            % number
        )

    return _done(request, pk, decline)


@action
def player_accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Take over the path mappings that are proposed."""

    def accept(found: PlayerSettings) -> str:
        number = settings.accept_mappings(found.connection)
        return (
            ngettext(
                "%d folder is taken over: all titles are looked for again.",
                "%d folders are taken over: all titles are looked for again.",
                number,
            )
            % number
        )

    return _done(request, pk, accept)


@action
def player_purge(request: HttpRequest, pk: int) -> HttpResponse:
    def purge(found: PlayerSettings) -> str:
        meant = number_in(request.POST.get("number", ""))
        number = care.purge(found.connection, user_of(request), number=meant)
        return ngettext("%d title is forgotten.", "%d titles are forgotten.", number) % number

    return _done(request, pk, purge)


def without_route(player_id: int) -> QuerySet[Connection]:
    """The sources of which nothing goes to a player."""
    there = Route.objects.filter(player=player_id, source=OuterRef("pk"))
    found = Connection.objects.filter(~Exists(there), Q(source__isnull=False) | Q(stash__isnull=False))
    return found.order_by("name")


def settings_of(pk: int) -> PlayerSettings:
    return get_object_or_404(PlayerSettings.objects.select_related("connection"), pk=pk)


def state_of(found: PlayerSettings) -> dict[str, Any]:
    return {"settings": found, "row": rows.players(pk=found.pk)[0]}


def held_titles(found: PlayerSettings, most: int) -> dict[str, Any]:
    """What the brake holds, with the labels that each title would lose."""
    titles = list(brake.losing(found.connection))
    return {"titles": titles[:most], "number": len(titles), "more": max(len(titles) - most, 0)}


def _player_kinds() -> list[Any]:
    return [kind for kind in kinds() if kind.slug in (*PLAYERS, "stash")]


def _done(
    request: HttpRequest, pk: int, act: Callable[[PlayerSettings], str], *, undo: str = ""
) -> HttpResponse:
    """Do something about a player, say so, and go back to the page that asked; the inbox may be that."""
    found = settings_of(pk)
    with errors_shown(request):
        done(request, act(found), undo=undo)
    where = request.POST.get("back", "")
    return redirect(where) if where in ("inbox", "players") else redirect("player", pk)
