"""Jobs, their items, and history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import Count, Model, QuerySet

from core import features
from core.subjects import titled
from history.models import Event
from history.services import search
from jobs.models import ItemState, Job, JobItem

PAGE = 50
AT_WORK = 20

T = TypeVar("T", bound=Model)


@dataclass(frozen=True, slots=True)
class RowsPage(Generic[T]):
    """One page of rows. `more` says that there are others behind it."""

    rows: list[T]
    number: int
    more: bool


def at_work() -> list[JobItem]:
    """Return what workers do now, the longest-running first."""
    items = titled(JobItem.objects.filter(state=ItemState.CLAIMED)).select_related("job__connection")
    return list(items.order_by("lease_until", "pk")[:AT_WORK])


def failed_items(number: int) -> RowsPage[JobItem]:
    """Return the items that failed and were not tried again, the newest first."""
    items = titled(JobItem.objects.filter(state=ItemState.FAILED)).select_related("job__connection")
    return rows_page(items.order_by("-pk"), number)


def items_of(job: Job, state: str, number: int) -> RowsPage[JobItem]:
    """Return the items of a job, those in one state where one is given, as they were planned."""
    items = titled(job.items.order_by("pk"))
    return rows_page(items.filter(state=state) if state in ItemState.values else items, number)


def counts_of(job: Job) -> dict[str, int]:
    """Return how many items of a job are in each state, its plan and finish among them."""
    return dict(job.items.order_by().values_list("state").annotate(Count("pk")))


def events(*, kind: str, text: str, connection: int, number: int) -> RowsPage[Event]:
    """Return history, the newest first; what is empty filters nothing."""
    found = titled(Event.objects.select_related("actor", "connection"))
    if kind in features.words("events"):
        found = found.filter(kind=kind)
    if connection:
        found = found.filter(connection_id=connection)
    if text:
        found = found.filter(search(text))
    return rows_page(found, number)


def rows_page(rows: QuerySet[T], number: int) -> RowsPage[T]:
    """Return one page without counting them all; a number that is too high gives an empty page."""
    number = min(max(number, 1), 10_000)
    found = list(rows[(number - 1) * PAGE : number * PAGE + 1])
    return RowsPage(found[:PAGE], number, len(found) > PAGE)
