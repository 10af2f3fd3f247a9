"""What the pages of players show of them as a whole, read in few queries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from connections.kinds import ConnectionKind, kind_of
from connections.models import Breaker, Connection
from core.words import Phrase
from jobs.models import LIVE_JOB, Job
from players.care import Hour
from players.jobs import PUSH
from players.links import NEEDS_A_PERSON
from players.models import Link, LinkState, Outage, PlayerSettings
from players.rules.matching import Grade

PARTS: dict[str, Q] = {
    "waiting": Q(state__in=(LinkState.DUE, LinkState.CLAIMED)),
    "in_sync": Q(state=LinkState.IN_SYNC),
    "needed": NEEDS_A_PERSON,
    "not_there": Q(state=LinkState.NOT_THERE),
    "ambiguous": Q(state=LinkState.AMBIGUOUS),
    "failed": Q(state=LinkState.FAILED),
    "edited": Q(conflict=True),
    "dismissed": Q(state=LinkState.DISMISSED),
    "excluded": Q(state=LinkState.EXCLUDED),
}
"""The lists of a player's titles; one may stand in several."""

SHOWN = ("in_sync", "waiting", "needed", "edited", "not_there", "ambiguous", "failed", "dismissed")
"""Those that are told with a number, where it is not 0."""

PART_NAMES = {
    **dict(LinkState.choices),
    "waiting": _("Waiting"),
    "needed": _("Needs you"),
    "edited": _("Edited elsewhere"),
}


@dataclass(frozen=True, slots=True)
class Sending:
    """A push that is under way: how much of it is done, and in how many seconds it may be."""

    job: int
    done: int
    total: int
    left: float | None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a player is, as one sentence; `tone` is a class of messages, empty where all is well."""

    text: Phrase
    since: datetime | None = None
    tone: str = ""
    sending: Sending | None = None


@dataclass(frozen=True, slots=True)
class PlayerRow:
    settings: PlayerSettings
    counts: dict[str, int]
    last_sent: datetime | None
    sending: Sending | None
    away_since: datetime | None

    @property
    def connection(self) -> Connection:
        return self.settings.connection

    @property
    def kind(self) -> ConnectionKind:
        return kind_of(self.connection.kind)

    @property
    def lists(self) -> list[tuple[str, Any, int]]:
        """The lists that hold something: each with what it is called, and with how many titles."""
        return [(name, PART_NAMES[name], self.counts[name]) for name in SHOWN if self.counts[name]]

    @property
    def standing(self) -> Standing:
        return next(self._standings())

    def _standings(self) -> Iterator[Standing]:
        """What is to be said of it, the most important first."""
        settings, player = self.settings, self.connection
        if not player.enabled:
            yield Standing(Phrase("player.is-paused"), tone="warning")
        if player.breaker == Breaker.REFUSED:
            yield Standing(Phrase("player.is-refusing"), tone="error")
        if player.breaker == Breaker.OPEN or self.away_since:
            text = Phrase("player.is-off") if settings.may_be_off else Phrase("player.is-away")
            yield Standing(text, self.away_since, "" if settings.may_be_off else "error")
        if settings.held_since:
            yield Standing(Phrase.of(settings.held_reason), settings.held_since, "warning")
        if self.sending:
            text = Phrase("player.is-sending", done=self.sending.done, total=self.sending.total)
            yield Standing(text, sending=self.sending)
        if settings.indexed_at is None:
            yield Standing(Phrase("player.is-new"))
        if waiting := self.counts["waiting"]:
            if settings.dry_run:
                yield Standing(Phrase("player.is-dry", number=waiting))
            yield Standing(Phrase("player.is-waiting", number=waiting))
        if needed := self.counts["needed"]:
            yield Standing(Phrase("player.is-stuck", number=needed), tone="warning")
        yield Standing(Phrase("player.is-current", number=self.counts["in_sync"]))

    @property
    def is_well(self) -> bool:
        return not self.standing.tone and not self.counts["needed"] and not self.counts["edited"]


def players(**which: Any) -> list[PlayerRow]:
    """Every player, by name; or those that `which` filters. Two queries, and one for each that is sent to."""
    away = Outage.objects.filter(player=OuterRef("pk"), ended_at=None)
    pushes = Job.objects.filter(name=PUSH, state__in=LIVE_JOB, connection=OuterRef("pk"))
    found = PlayerSettings.objects.filter(**which).annotate(
        away_since=Subquery(away.values("began_at")[:1]),
        push=Subquery(pushes.values("pk")[:1]),
        push_began=Subquery(pushes.values(began=Coalesce("started_at", "created_at"))[:1]),
    )
    rows = list(found.select_related("connection").order_by("connection__name"))
    links = Link.objects.filter(player__in=[one.pk for one in rows]).order_by().values("player")
    counts = {name: Count("pk", filter=which) for name, which in PARTS.items()}
    known: dict[int, dict[str, Any]] = {
        row["player"]: row  # type: ignore[misc]
        for row in links.annotate(last=Max("synced_at"), **counts)
    }
    return [_row(one, known.get(one.pk, {})) for one in rows]


def _row(one: Any, known: Mapping[str, Any]) -> PlayerRow:
    counts = {name: known.get(name, 0) for name in PARTS}
    sending = _sending(one.pk, one.push, one.push_began) if one.push else None
    return PlayerRow(one, counts, known.get("last"), sending, one.away_since)


def _sending(player_id: int, push: int, began: datetime) -> Sending | None:
    numbers = Link.objects.filter(player=player_id).aggregate(
        done=Count("pk", filter=Q(synced_at__gte=began)),
        due=Count("pk", filter=Q(due_at__lte=Now()) | Q(state=LinkState.CLAIMED)),
    )
    done, due = numbers["done"], numbers["due"]
    if not due and not done:
        return None
    spent = (timezone.now() - began).total_seconds()
    return Sending(push, done, done + due, spent / done * due if done else None)


# One player


@dataclass(frozen=True, slots=True)
class Bar:
    """One grade of the histogram: how many matches have it, and how many have the most frequent one."""

    grade: int
    number: int
    most: int

    @property
    def text(self) -> Phrase:
        return Phrase(f"grade.{self.grade}")


@dataclass(frozen=True, slots=True)
class Sent:
    """What was sent in a time, by how it ended, and how many milliseconds one title took on average."""

    in_sync: int
    not_found: int
    failed: int
    ms: int | None


def histogram(numbers: Mapping[int, int]) -> list[Bar]:
    """How sure the matches are: every grade, the surest first; empty where nothing was looked for yet."""
    most = max(numbers.values(), default=0)
    return [Bar(int(grade), numbers.get(int(grade), 0), most) for grade in Grade] if most else []


def sent(hours: Iterable[Hour]) -> Sent:
    """What some hours come to."""
    ended: Counter[str] = Counter()
    seconds = 0.0
    for hour in hours:
        ended.update(hour.ended)
        seconds += hour.seconds
    total = ended.total()
    return Sent(
        ended[LinkState.IN_SYNC],
        ended[LinkState.NOT_THERE] + ended[LinkState.AMBIGUOUS],
        ended[LinkState.FAILED],
        round(seconds * 1000 / total) if total else None,
    )
