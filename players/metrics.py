"""What players add to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min, Q, Sum
from django.utils import timezone

from connections import call_counts
from core.features import Metrics
from core.metrics import Family, counter, gauge
from players.models import Link, Outage, RemoteItem, StashSettings, Tally
from players.pace import known_of, with_pace
from players.rules import pace as pace_rules
from players.stash.hook import HOOKS


def players() -> Iterator[Family]:
    links = gauge("player_links", "Titles, seasons and clips in a player by state.", ["player", "state"])
    for name, state, number in Link.objects.values_list("player__name", "state").annotate(Count("pk")):
        links.add_metric([name, state], number)
    due = gauge("player_due_seconds", "How long the oldest of them has been due.", ["player"])
    now, numbers = timezone.now(), dict[int, int]()
    waiting = Link.objects.filter(due_at__lte=now).values_list("player_id", "player__name")
    for pk, name, since, number in waiting.annotate(Min("due_at"), Count("pk")):
        due.add_metric([name], (now - since).total_seconds())
        numbers[pk] = number
    rate = gauge("player_rate", "Calls a second that a player gets now at the most.", ["player"])
    eta = gauge("player_eta_seconds", "How long what is due takes at the pace that was measured.", ["player"])
    held = gauge("player_held", "1 where the brake holds a player.", ["player"])
    for settings in with_pace():
        known, name = known_of(settings), settings.connection.name
        rate.add_metric([name], pace_rules.allowed(known, now))
        eta.add_metric([name], pace_rules.eta(known, numbers.get(settings.pk, 0), now))
        held.add_metric([name], settings.held_since is not None)
    sent = counter("player_sent", "Titles that were sent, by how that ended.", ["player", "outcome"])
    seconds = counter("player_sync_seconds", "Seconds that sending took.", ["player"])
    matches = counter("player_match", "Titles by how sure their match was.", ["player", "bucket"])
    spent: dict[str, int] = {}
    totals = Tally.objects.values_list("player__name", "what", "outcome").annotate(Sum("number"), Sum("ms"))
    for name, what, outcome, number, ms in totals:
        (matches if what == "match" else sent).add_metric([name, outcome], number)
        spent[name] = spent.get(name, 0) + ms
    for name, ms in spent.items():
        seconds.add_metric([name], ms / 1000)
    index = gauge("player_items", "Items in the index of a player.", ["player"])
    for name, number in RemoteItem.objects.values_list("player__name").annotate(Count("pk")):
        index.add_metric([name], number)
    edited = gauge("player_edited", "Titles that somebody else changed or keeps changing.", ["player"])
    for name, number in Link.objects.filter(conflict=True).values_list("player__name").annotate(Count("pk")):
        edited.add_metric([name], number)
    outages = counter("player_outages", "Times that a player did not answer.", ["player"])
    away = gauge("player_away", "1 where a player does not answer now.", ["player"])
    rows = Outage.objects.order_by().values_list("player__name")
    for name, number, lasting in rows.annotate(
        every=Count("pk"), lasting=Count("pk", filter=Q(ended_at=None))
    ):
        outages.add_metric([name], number)
        if lasting:
            away.add_metric([name], 1)
    came = "Hooks of a Stash: accepted, ignored (they concern no scene), refused for their token or body."
    hooks = counter("player_hooks", came, ["source", "outcome"])
    told = call_counts.totals(HOOKS)
    names = dict(StashSettings.objects.values_list("pk", "connection__name")) if told else {}
    for (pk, outcome), number in told.items():
        if pk in names:
            hooks.add_metric([names[pk], outcome], number)
    yield from (links, due, rate, eta, sent, seconds, matches, index, held, edited, outages, away, hooks)


BRINGS = Metrics((players,))
