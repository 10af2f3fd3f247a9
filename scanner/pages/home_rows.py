"""The home page: what changed lately, and where a dub is missing or wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.core.cache import caches
from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from connections.models import Connection
from core.subjects import titled
from history.models import Event
from library.models import Media, included
from scanner.events import ScanEvent
from scanner.models import Verdict
from scanner.statistics import LanguageStats, language_stats

WEEK = 7
LISTED = 8
KEPT = 60
"""Seconds that is kept what takes reading every file, or every change of a week."""

BETTER = (Verdict.WRONG_DUB, Verdict.ORIGINAL, Verdict.SEMI_DUB, Verdict.DUB)
"""Verdicts from the worst to the best, for whoever wants a dub."""


@dataclass(frozen=True, slots=True)
class Share:
    """One part of a bar: how many of what, and where it begins and how wide it is, in percent."""

    verdict: str
    count: int
    start: float
    width: float


@dataclass(slots=True)
class Coverage:
    """How many media of an instance there are, how many of them were scanned, and their verdicts."""

    name: str
    media: int = 0
    scanned: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)

    @property
    def shares(self) -> list[Share]:
        return shares(self.verdicts)


CHART_HEIGHT = 56
DAY_WIDTH = 40


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the week: how many verdicts got better, how many others changed, and where it is drawn."""

    date: datetime
    better: int
    other: int
    x: int
    better_height: int
    other_height: int

    @property
    def better_y(self) -> int:
        return CHART_HEIGHT - self.better_height

    @property
    def other_y(self) -> int:
        """The upper edge of the bar that stands on it."""
        return self.better_y - self.other_height


@dataclass(frozen=True, slots=True)
class Week:
    """What changed in the last seven days: by day, the oldest first, and the last changes."""

    days: list[Day]
    events: list[Event]

    @property
    def changes(self) -> int:
        return sum(day.better + day.other for day in self.days)


def shares(verdicts: Mapping[str, int]) -> list[Share]:
    """Return the parts of a bar for these counts, without empty ones."""
    total = sum(verdicts.values()) or 1
    found, start = [], 0.0
    for verdict in Verdict.values:
        if count := verdicts.get(verdict, 0):
            width = 100 * count / total
            found.append(Share(verdict, count, round(start, 3), round(width, 3)))
            start += width
    return found


def coverage() -> list[Coverage]:
    """Return how far every instance is known, by name. Two queries, which read no file."""
    instances = Connection.objects.filter(source__isnull=False).order_by("name")
    counts = {pk: Coverage(name) for pk, name in instances.values_list("pk", "name")}
    rows = Media.objects.order_by().values_list("connection_id", "scan_state__verdict")
    counted = rows.annotate(Count("pk"), Count("scan_state__scanned_at"))
    for connection, verdict, media, scanned in counted:
        if one := counts.get(connection):
            one.verdicts[verdict] = media
            one.media += media
            one.scanned += scanned
    return list(counts.values())


def languages() -> list[LanguageStats]:
    """Return how many files have which language, as it was at most a minute ago: it reads every file."""
    return caches["process"].get_or_set("web.home.languages", language_stats, KEPT) or []


def week() -> Week:
    """Return what changed in the last seven days: the last changes, and of each day how many there were at
    most a minute ago, which reads all of them.
    """
    today = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    first = today - timedelta(days=WEEK - 1)
    changed = Event.objects.filter(kind=ScanEvent.VERDICT, time__gte=first)
    key = f"web.home.week.{first:%Y-%m-%d}"
    kept = caches["process"].get_or_set(key, lambda: _by_day(changed), KEPT)
    better, other = kept or _by_day(changed)
    dates = [first + timedelta(days=number) for number in range(WEEK)]
    most = max([1, *(better[one.date()] + other[one.date()] for one in dates)])
    days = [
        _day(one, better[one.date()], other[one.date()], most, number) for number, one in enumerate(dates)
    ]
    return Week(days, list(titled(changed)[:LISTED]))


def _by_day(changed: QuerySet[Event]) -> tuple[Counter[date], Counter[date]]:
    """How many verdicts got better on which day, and how many others changed."""
    better: Counter[date] = Counter()
    other: Counter[date] = Counter()
    rows = changed.order_by().annotate(day=TruncDate("time")).values_list("day", "before", "after")
    for day, before, after, count in rows.annotate(count=Count("pk")):
        counter = better if _rank(after) > _rank(before) else other
        counter[day] += count
    return better, other


def _day(date: datetime, better: int, other: int, most: int, number: int) -> Day:
    scale = CHART_HEIGHT / most
    return Day(date, better, other, number * DAY_WIDTH + 6, round(better * scale), round(other * scale))


def worth_acting() -> list[Media]:
    """Return the media that changed last among those with a wrong or a half dub that are watched over."""
    media = Media.objects.filter(
        included(), scan_state__verdict__in=[Verdict.WRONG_DUB, Verdict.SEMI_DUB], monitored=True
    )
    ordered = media.select_related("connection__scan_settings__policy", "scan_state__policy_override")
    return list(ordered.order_by("-scan_state__verdict", "-scan_state__verdict_at", "pk")[:LISTED])


def _rank(verdict: object) -> int:
    return next((rank for rank, one in enumerate(BETTER) if one == verdict), -1)
