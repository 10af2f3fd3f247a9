"""What a person sees of a player, and does about what went wrong there.

What is done is counted, and told in history. Whoever acts on many titles at once may say how many they mean:
where it is another number by now nothing is done.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Count, Min, Q, QuerySet, Sum
from django.db.models.functions import Now
from django.utils import timezone

from connections import services
from connections.models import Connection
from core import live
from core.errors import ConfigError
from core.words import Phrase
from history.models import EventKind
from history.services import record
from jobs.models import Job
from players import brake, jobs, links, pace, routes
from players.cleaning import KEPT
from players.models import Cause, Link, LinkState, Outage, PlayerSettings, RemoteItem, Route, Tally

if TYPE_CHECKING:
    from accounts.models import User

SHOWN_OUTAGES = 30
RATE_OVER = timedelta(hours=2)
PURGEABLE = (links.NEEDS_A_PERSON | Q(state=LinkState.DISMISSED)) & Q(marks={})


# What there is to see


@dataclass(frozen=True, slots=True)
class Trouble:
    """So many dead letters of one cause, and what helps."""

    cause: str
    number: int
    meaning: Phrase
    remedy: Phrase


@dataclass(frozen=True, slots=True)
class Outages:
    """The last outages, the newest first; times in seconds, None where there was none to go by.

    `since` is from when on they are counted, `availability` the part of that time in which it answered.
    """

    since: datetime
    number: int
    to_repair: float | None
    between: float | None
    availability: float
    last: list[Outage]


@dataclass(frozen=True, slots=True)
class Overview:
    """How a player stands.

    `per_minute` is how many titles were sent a minute while it was sent to, None where none was lately;
    `seconds_left` how long what is due takes at that pace. `grades` count titles by how sure their match is.
    """

    states: dict[str, int]
    total: int
    due: int
    next_due: datetime | None
    dead: int
    edited: int
    per_minute: float | None
    seconds_left: int | None
    grades: dict[int, int]
    troubles: list[Trouble]
    items: int
    synced_at: datetime | None


def overview(player: Connection) -> Overview:
    """How a player stands, in few queries."""
    rows = Link.objects.filter(player=player)
    counted = rows.order_by().values_list("state").annotate(Count("pk"))
    states = {**dict.fromkeys(LinkState.values, 0), **dict(counted)}
    due = Q(due_at__lte=Now())
    facts = rows.aggregate(
        due=Count("pk", filter=due & ~Q(state=LinkState.CLAIMED)),
        next=Min("due_at", filter=Q(due_at__gt=Now()) & ~Q(state=LinkState.CLAIMED)),
        edited=Count("pk", filter=Q(conflict=True)),
    )
    per_minute = _pace(player)
    waiting = facts["due"] + states[LinkState.CLAIMED]
    found = troubles(player)
    last = rows.filter(synced_at__isnull=False).order_by("-synced_at").values_list("synced_at", flat=True)
    return Overview(
        states=states,
        total=sum(states.values()),
        due=facts["due"],
        next_due=facts["next"],
        dead=sum(one.number for one in found),
        edited=facts["edited"],
        per_minute=per_minute,
        seconds_left=round(pace.eta(player)) if waiting else None,
        grades=grades(player),
        troubles=found,
        items=RemoteItem.objects.filter(player=player).count(),
        synced_at=last.first(),
    )


def outages(player: Connection, now: datetime | None = None) -> Outages:
    """How often and for how long a player did not answer."""
    now = now or timezone.now()
    last = list(Outage.objects.filter(player=player).order_by("-began_at")[:SHOWN_OUTAGES])
    since = last[-1].began_at if len(last) == SHOWN_OUTAGES else max(player.created_at, now - KEPT)
    return outages_over(last, min([since, *(one.began_at for one in last)]), now)


def outages_over(last: Sequence[Outage], since: datetime, now: datetime) -> Outages:
    """What outages, the newest first, amount to from one time to another."""
    over = [(one.ended_at - one.began_at).total_seconds() for one in last if one.ended_at]
    away = sum(over) + sum((now - one.began_at).total_seconds() for one in last if one.ended_at is None)
    time = max((now - since).total_seconds(), 1.0)
    return Outages(
        since=since,
        number=len(last),
        to_repair=sum(over) / len(over) if over else None,
        between=(time - away) / len(last) if last else None,
        availability=max(0.0, 1 - away / time),
        last=list(last),
    )


@dataclass(frozen=True, slots=True)
class Hour:
    """How many titles ended how in one hour, and how long that took in all."""

    hour: datetime
    ended: dict[str, int]
    seconds: float


def statistics(player: Connection, hours: int = 24) -> list[Hour]:
    """What was sent to a player in the last hours, the newest first; an hour without anything is left out."""
    rows = Tally.objects.filter(player=player, what="link", hour__gt=Now() - timedelta(hours=hours))
    found: dict[datetime, Hour] = {}
    for row in rows.order_by("-hour", "outcome"):
        before = found.get(row.hour, Hour(row.hour, {}, 0.0))
        seconds = before.seconds + row.ms / 1000
        found[row.hour] = Hour(row.hour, {**before.ended, row.outcome: row.number}, seconds)
    return list(found.values())


def dead_letters(player: Connection, cause: str = "") -> QuerySet[Link]:
    """What a person has to see to in a player, of one cause or of all."""
    rows = links.dead(player)
    return rows.filter(cause=cause) if cause else rows


def purgeable(player: Connection, cause: str = "") -> QuerySet[Link]:
    """The dead and dismissed letters under which nothing of ours stands in the player."""
    rows = Link.objects.filter(PURGEABLE, player=player)
    return rows.filter(cause=cause) if cause else rows


def to_take_leave_of(player: Connection) -> dict[str, int]:
    """How many titles could be purged, and how many carry labels of ours, in one query."""
    counted = Link.objects.filter(player=player).aggregate(
        purgeable=Count("pk", filter=PURGEABLE), labelled=Count("pk", filter=Q(links.LABELLED))
    )
    return {name: int(number) for name, number in counted.items()}


def _pace(player: Connection) -> float | None:
    rows = Tally.objects.filter(player=player, what="link", hour__gt=Now() - RATE_OVER)
    spent = rows.aggregate(number=Sum("number"), ms=Sum("ms"))
    return spent["number"] / spent["ms"] * 60_000 if spent["ms"] else None


def grades(player: Connection) -> dict[int, int]:
    """How many titles of a player were found how surely."""
    rows = Link.objects.filter(player=player, grade__isnull=False).order_by("grade")
    return dict(rows.values_list("grade").annotate(Count("pk")))


def troubles(player: Connection) -> list[Trouble]:
    """The causes of a player's dead letters."""
    found = dict(links.dead(player).order_by().values_list("cause").annotate(Count("pk")))
    return [
        Trouble(cause, found[cause], Phrase(f"cause.{cause}"), Phrase(f"remedy.{cause}"))
        for cause in Cause.values
        if cause in found
    ]


# What a person does


@transaction.atomic
def retry(which: QuerySet[Link], by: User | None, number: int | None = None) -> int:
    """Send these titles now, whatever became of them; return how many.

    Raises ConfigError where there are not `number` of them.
    """
    chosen = _meant(which, number)
    done = links.send_again(Q(pk__in=[link.pk for link in chosen]))
    return _told(Phrase("hand.links-retried", number=done), chosen, by)


@transaction.atomic
def dismiss(which: QuerySet[Link], by: User | None, number: int | None = None) -> int:
    """Leave these titles alone until their source changes or somebody asks for them; return how many.

    Raises ConfigError where there are not `number` of them.
    """
    chosen = _meant(which, number)
    done = links.dismiss(Q(pk__in=[link.pk for link in chosen]))
    return _told(Phrase("hand.links-dismissed", number=done), chosen, by)


@transaction.atomic
def purge(player: Connection, by: User | None, cause: str = "", number: int | None = None) -> int:
    """Forget the dead and dismissed letters of a player; return how many.

    Each comes back when its source changes. Raises ConfigError where there are not `number` of them.
    """
    chosen = _meant(purgeable(player, cause), number)
    done = Link.objects.filter(pk__in=[link.pk for link in chosen]).delete()[0]
    return _told(Phrase("hand.links-purged", number=done), chosen, by)


@transaction.atomic
def pin(link: Link, remote_id: str, by: User | None) -> None:
    """Have a title be this item of the player; what is ours leaves the item that it was before.

    For a season its show is chosen, and all its seasons are those of that one. Raises ConfigError where the
    player has no such item.
    """
    links.pin(link, remote_id)
    _record(Phrase("hand.link-pinned", title=link.subject, id=remote_id), link.player, by)


@transaction.atomic
def unpin(link: Link, by: User | None) -> None:
    """Let the rules decide again which item a title is."""
    links.unpin(link)
    _record(Phrase("hand.link-unpinned", title=link.subject), link.player, by)


@transaction.atomic
def take_back(link: Link, field: str | None, by: User | None) -> int:
    """Write over what somebody else made of a field or label, or of all of a title; return of how many."""
    number = links.take_back(link, None if field is None else [field])
    if number:
        _record(Phrase("hand.link-taken-back", number=number, title=link.subject), link.player, by)
    return number


@transaction.atomic
def give_back(link: Link, by: User | None) -> None:
    """Leave again what was taken back of a title. Raises ConfigError once it is being sent."""
    links.give_back(link)
    _record(Phrase("hand.link-given-back", title=link.subject), link.player, by)


@transaction.atomic
def release(player: Connection, by: User | None) -> Job:
    """Let pass what the brake holds; return the job that sends it. Raises ConfigError without that."""
    if not PlayerSettings.objects.select_for_update().filter(pk=player.pk, held_since__isnull=False).exists():
        raise ConfigError("player.not-held", player=player)
    links.release(player)
    _record(Phrase("hand.player-released", player=player), player, by)
    return jobs.start_push(player, user=by)[0]


@transaction.atomic
def hold(player: Connection, by: User | None) -> None:
    """Hold again what was released and is not sent yet. Raises ConfigError where nothing of that is left."""
    if not PlayerSettings.objects.select_for_update().filter(pk=player.pk, released=True).exists():
        raise ConfigError("player.not-released", player=player)
    brake.hold(player)
    _record(Phrase("hand.player-held", player=player), player, by)


@transaction.atomic
def leave(player: Connection, by: User | None, number: int | None = None) -> Job:
    """Take our labels off in a player, and then delete it; return the job that does so.

    Raises ConfigError where that cannot be sent, or other titles than `number` carry labels of ours.
    """
    settings = PlayerSettings.objects.select_for_update().get(pk=player.pk)
    labelled = links.labelled(player).count()
    if number is not None and number != labelled:
        raise ConfigError("link.other-number", number=labelled, meant=number)
    if settings.dry_run or not player.enabled:
        raise ConfigError("player.cannot-leave", player=player)
    settings.leaving, settings.held_since, settings.held_reason = True, None, ""
    settings.save(update_fields=["leaving", "held_since", "held_reason"])
    for route in Route.objects.filter(player=player).select_related("source", "player"):
        routes.delete_route(route, by)
    _record(Phrase("hand.player-left", number=labelled, player=player), player, by)
    return jobs.start_push(player, user=by)[0]


@transaction.atomic
def decline(player: Connection, by: User | None) -> int:
    """Leave what the brake holds as it is until its source changes, and send the rest; return how many."""
    chosen = [link for link, _labels in brake.losing(player)]
    number = links.dismiss(Q(pk__in=[link.pk for link in chosen]))
    brake.lift(player)
    live.inbox_changed()
    return _told(Phrase("hand.links-dismissed", number=number), chosen, by)


@transaction.atomic
def send_now(player: Connection, by: User | None) -> tuple[Job, bool]:
    """Send all that waits at once; or return the job that is doing so, and False."""
    return jobs.send_now(player, user=by)


def pause(player: Connection, by: User | None) -> None:
    """Send nothing to a player, until somebody resumes it."""
    services.edit(player, connect=False, user=by, enabled=False)


def resume(player: Connection, by: User | None) -> None:
    """Send to a player again what has become due meanwhile."""
    services.edit(player, connect=False, user=by, enabled=True)


def _meant(which: QuerySet[Link], number: int | None) -> list[Link]:
    """These links, locked. Raises ConfigError where there is another number of them than somebody means."""
    rows = which.select_for_update(of=("self",)).select_related("player", "subject").order_by("pk")
    chosen = list(rows.defer("marks", "candidates", "subject__state"))
    if number is not None and number != len(chosen):
        raise ConfigError("link.other-number", number=len(chosen), meant=number)
    return chosen


def _told(told: Phrase, chosen: Sequence[Link], by: User | None) -> int:
    done: int = told.params["number"]
    if done:
        _record(told, chosen[0].player, by)
    return done


def _record(told: Phrase, player: Connection, by: User | None) -> None:
    record(EventKind.BY_HAND, told, connection=player, actor=by)
    live.inbox_changed()
