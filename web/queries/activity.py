"""Jobs, their items, and history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from core import features
from core.numbers import number_in
from core.subjects import titled
from history.models import Event
from history.services import search
from jobs.listing import JobRow, rows_of
from jobs.models import LIVE_JOB, ItemState, Job, JobItem, JobState
from web.keyset import AS_MADE, NEWEST_FIRST, Key, RowsPage, rows_page

AT_WORK = 20
JOBS = 25
"""So many jobs that have ended are on a page: it is looked at again and again."""

LIVE = 100
"""So many that have not are shown, on the first of them."""

LATEST_FIRST = (Key("time", descending=True), Key("pk", descending=True))
ENDED = tuple(state for state in JobState if state not in LIVE_JOB)


@dataclass(frozen=True, slots=True)
class JobFilters:
    """What is asked of the list of jobs; empty means whatever it is. Wrong values are taken as empty."""

    q: str = ""
    kind: str = ""
    instance: int = 0
    state: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> JobFilters:
        kind, state = asked.get("kind", ""), asked.get("state", "")
        return cls(
            q=asked.get("q", "").replace("\0", "").strip()[:100],
            kind=kind if kind in features.words("jobs") else "",
            instance=number_in(asked.get("instance", "")) or 0,
            state=state if state in ENDED else "",
        )

    @property
    def is_set(self) -> bool:
        return self != JobFilters()


def live_jobs(filters: JobFilters) -> list[JobRow]:
    """Return the jobs that have not ended and fit, the newest first."""
    if filters.state:
        return []
    return rows_of(_jobs(filters).filter(state__in=LIVE_JOB).order_by("-pk")[:LIVE])


def ended_jobs(filters: JobFilters, at: str) -> RowsPage[JobRow]:
    """Return a page of the jobs that have ended and fit, the newest first."""
    ended = _jobs(filters).filter(state__in=[filters.state] if filters.state else ENDED)
    found = rows_page(ended, NEWEST_FIRST, at, JOBS)
    return RowsPage(rows_of(found.rows), found.previous, found.next)


def _jobs(filters: JobFilters) -> QuerySet[Job]:
    found = Job.objects.select_related("connection")
    if filters.kind:
        found = found.filter(name=filters.kind)
    if filters.instance:
        found = found.filter(connection_id=filters.instance)
    if text := filters.q.lstrip("#"):
        words = features.words("jobs").items()
        kinds = [name for name, called in words if text.lower() in str(called).lower()]
        fits = Q(connection__name__icontains=text) | Q(name__in=kinds)
        number = number_in(text)
        found = found.filter(fits if number is None else fits | Q(pk=number))
    return found


def at_work() -> list[JobItem]:
    items = titled(JobItem.objects.filter(state=ItemState.CLAIMED)).select_related("job__connection")
    return list(items.order_by("lease_until", "pk")[:AT_WORK])


def failed_items(at: str) -> RowsPage[JobItem]:
    """Return the items that failed and were not tried again, the newest first."""
    items = titled(JobItem.objects.filter(state=ItemState.FAILED)).select_related("job__connection")
    return rows_page(items, NEWEST_FIRST, at)


def items_of(job: Job, state: str, at: str) -> RowsPage[JobItem]:
    """Return the items of a job, those in one state where one is given, as they were planned."""
    items = titled(job.items.all())
    return rows_page(items.filter(state=state) if state in ItemState.values else items, AS_MADE, at)


def counts_of(job: Job) -> dict[str, int]:
    """Return how many items of a job are in each state, its plan and finish among them."""
    return dict(job.items.order_by().values_list("state").annotate(Count("pk")))


def events(*, kind: str, text: str, connection: int, at: str) -> RowsPage[Event]:
    found = titled(Event.objects.select_related("actor", "connection"))
    if kind in features.words("events"):
        found = found.filter(kind=kind)
    if connection:
        found = found.filter(connection_id=connection)
    if text:
        found = found.filter(search(text))
    return rows_page(found, LATEST_FIRST, at)
