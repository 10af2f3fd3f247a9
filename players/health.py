"""What is wrong with players."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from connections.health import to_connection
from core.features import Health
from core.issues import Action, Issue, Severity
from core.words import Phrase, tell
from players.models import Link, LinkState, PlayerSettings, RemoteItem, StashSettings

INDEX_OLD = timedelta(days=1)
HOOK_SLACK = timedelta(minutes=2)
"""When a hook came is known to the minute, and it may come just after the change was found without it."""


def held() -> Iterator[Issue]:
    """Yield an issue for every player that the brake holds."""
    for settings in _players().filter(held_since__isnull=False):
        yield Issue(
            source=settings.connection.name,
            severity=Severity.ERROR,
            what=settings.held_reason,
            meaning=_("Nothing is sent to it until a person has looked."),
            remedy=_("Look at what would change, then release the player."),
            action=Action(_("Look at what is held"), "player_held", (settings.pk,)),
            since=settings.held_since,
        )


def stuck() -> Iterator[Issue]:
    """Yield an issue for what a person has to see to in a player, by its cause."""
    waiting = Q(state__in=(LinkState.FAILED, LinkState.AMBIGUOUS))
    rows = Link.objects.filter(waiting, player__enabled=True).order_by("player__name", "cause")
    columns = rows.values_list("player_id", "player__name", "cause")
    for player, name, cause, number in columns.annotate(Count("pk")):
        yield Issue(
            source=name,
            severity=Severity.WARNING,
            what=Phrase("player.stuck", number=number, cause=Phrase(f"cause.{cause}")),
            meaning=_("The player does not show everything it should for them."),
            remedy=tell(f"remedy.{cause}", {}),
            action=Action(_("Show these titles"), "player_titles", (player,), f"?state=needed&cause={cause}"),
        )


def edited() -> Iterator[Issue]:
    """Yield an issue for what somebody else keeps changing in a player."""
    rows = Link.objects.filter(conflict=True, player__enabled=True).order_by("player__name")
    for player, name, number in rows.values_list("player_id", "player__name").annotate(Count("pk")):
        yield Issue(
            source=name,
            severity=Severity.WARNING,
            what=Phrase("player.edited", number=number),
            meaning=_("Taggarr leaves them as they are."),
            remedy=_("Take back what Taggarr should write, or switch that field off for the player."),
            action=Action(_("Show these titles"), "player_titles", (player,), "?state=edited"),
        )


def unmatched() -> Iterator[Issue]:
    """Yield an issue for every player in which nothing is found, or a path mapping would find more."""
    found = Link.objects.filter(player=OuterRef("pk"), state=LinkState.IN_SYNC)
    lost = Link.objects.filter(player=OuterRef("pk"), state__in=(LinkState.NOT_THERE, LinkState.AMBIGUOUS))
    for settings in _players().filter(Exists(lost)).annotate(any_found=Exists(found)):
        if settings.proposed:
            pairs = [f"{pair['source']} = {pair['player']}" for pair in settings.proposed]
            yield Issue(
                source=settings.connection.name,
                severity=Severity.WARNING,
                what=Phrase("player.mapping-proposed", pairs=pairs),
                meaning=_("The player names these folders differently, so titles are not found there."),
                remedy=_("Take these folders over on the page of the player."),
                action=Action(_("Open the player"), "player", (settings.pk,)),
            )
        elif not settings.any_found:
            yield Issue(
                source=settings.connection.name,
                severity=Severity.WARNING,
                what=Phrase("player.nothing-found"),
                meaning=_("Nothing can be written to it."),
                remedy=_(
                    "Check the folders in the settings of the player, and that it has read its library."
                ),
                action=to_connection(settings.connection_id),
            )


def old_index() -> Iterator[Issue]:
    """Yield an issue for every player whose library was not read for a day."""
    there = RemoteItem.objects.filter(player=OuterRef("pk"))
    old = _players().filter(Exists(there), may_be_off=False)
    for settings in old.filter(indexed_at__lt=timezone.now() - INDEX_OLD):
        yield Issue(
            source=settings.connection.name,
            severity=Severity.WARNING,
            what=Phrase("player.index-old"),
            meaning=_("What is new there is not found."),
            remedy=_("Check that the player runs: its library is read again by itself."),
            action=Action(_("Open the player"), "player", (settings.pk,)),
            since=settings.indexed_at,
        )


def silent() -> Iterator[Issue]:
    """Yield an issue for every Stash that was set up to tell what changes, and no longer does."""
    missed = StashSettings.objects.filter(missed_at__isnull=False, connection__enabled=True)
    told_since = Q(hooked_at__gt=F("missed_at") - HOOK_SLACK)
    for settings in missed.exclude(hook_token="").exclude(told_since).select_related("connection"):
        yield Issue(
            source=settings.connection.name,
            severity=Severity.WARNING,
            what=Phrase("stash.silent", number=settings.missed),
            meaning=_("What changes there reaches the players up to a quarter of an hour later."),
            remedy=_("Create the plugin for Stash again and reload the plugins there."),
            action=to_connection(settings.connection_id),
            since=settings.missed_at,
        )


def _players() -> QuerySet[PlayerSettings]:
    return PlayerSettings.objects.filter(connection__enabled=True).select_related("connection")


BRINGS = Health(stored=(held, stuck, edited, unmatched, old_index, silent))
