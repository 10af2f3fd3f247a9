"""How jobs stand: lists of them, how far each is, and telling those who watch."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Count, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from core import live
from core.errors import ConfigError

from .handlers import FINISH, PLAN, NewItem
from .models import LIVE_ITEM, LIVE_JOB, ItemState, Job, JobItem, JobState

logger = logging.getLogger(__name__)

LOOK_BACK = timedelta(days=30)
"""What failed longer ago is history."""


@dataclass(frozen=True, slots=True)
class JobRow:
    """One job: how many of its items are done, one way or another, and how many of those failed.

    `left` is what `seconds_left` says.
    """

    job: int
    name: str
    instance: str
    state: str
    trigger: str
    done: int
    total: int
    failed: int
    error: str
    outcome: str
    summary: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    left: int | None

    def to_json(self) -> dict[str, Any]:
        """The row as JSON-able data; times in ISO 8601, UTC."""
        finished = self.finished_at.isoformat() if self.finished_at else None
        return {**asdict(self), "created_at": self.created_at.isoformat(), "finished_at": finished}


def list_jobs(*, live: bool = False, limit: int = 20) -> list[JobRow]:
    """Return the newest jobs first, `limit` at most; only those that have not ended where `live` is given."""
    jobs = Job.objects.select_related("connection").order_by("-pk")
    if live:
        jobs = jobs.filter(state__in=LIVE_JOB)
    return rows_of(jobs[:limit])


def rows_of(jobs: Iterable[Job]) -> list[JobRow]:
    """Return how these jobs stand, in their order; of each its connection should be at hand."""
    chosen = list(jobs)
    counts = progress_of([job.pk for job in chosen])
    return [_row(job, counts[job.pk]) for job in chosen]


def job_numbered(number: int) -> Job:
    """Return the job with this number. Raises `ConfigError` where there is none."""
    job = Job.objects.filter(pk=number).first()
    if job is None:
        raise ConfigError(f"There is no job {number}: manage.py jobs lists those there are.")
    return job


def last_jobs() -> QuerySet[Job]:
    """Return the last job that has ended of every kind and instance, in no order.

    Jobs for one subject alone do not count: they say nothing of the rest.
    """
    ended = Job.objects.filter(subject_id=None, finished_at__gt=Now() - LOOK_BACK).exclude(state__in=LIVE_JOB)
    last = ended.order_by("name", "connection_id", "-pk").distinct("name", "connection_id")
    return Job.objects.filter(pk__in=last.values("pk")).order_by()


def jobs_with_failures() -> list[Job]:
    """Return the last jobs that have items that failed, the oldest first."""
    failed = JobItem.objects.filter(job__in=last_jobs(), state=ItemState.FAILED).values("job_id")
    return list(Job.objects.filter(pk__in=failed).order_by("pk"))


FIRST_ITEMS = 5
"""So many items must be done before they say how long the others take."""


def seconds_left(job: Job, counts: dict[str, int]) -> int | None:
    """How long a running job still takes, as fast as it was so far; None where that cannot be told yet."""
    waiting = sum(counts[state] for state in LIVE_ITEM)
    done = counts["total"] - waiting
    if job.state != JobState.RUNNING or job.started_at is None or done < FIRST_ITEMS:
        return None
    return round((timezone.now() - job.started_at).total_seconds() * waiting / done)


def _row(job: Job, counts: dict[str, int]) -> JobRow:
    return JobRow(
        job=job.pk,
        name=job.name,
        instance=job.connection.name if job.connection else "",
        state=job.state,
        trigger=job.trigger,
        done=counts["total"] - sum(counts[state] for state in LIVE_ITEM),
        total=counts["total"],
        failed=counts[ItemState.FAILED],
        error=job.error,
        outcome=job.outcome,
        summary=job.summary,
        created_at=job.created_at,
        finished_at=job.finished_at,
        left=seconds_left(job, counts),
    )


def progress_of(job_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """How many items of each of these jobs are in each state, and `total`, without their plans and finishes.

    One query for all.
    """
    counts = {job_id: dict.fromkeys(["total", *ItemState.values], 0) for job_id in job_ids}
    items = JobItem.objects.filter(job_id__in=counts).exclude(step__in=[PLAN, FINISH]).order_by()
    for job_id, state, number in items.values_list("job_id", "state").annotate(Count("id")):
        counts[job_id][state] = number
        counts[job_id]["total"] += number
    return counts


def progress(job_id: int) -> dict[str, int]:
    return progress_of([job_id])[job_id]


PROGRESS_EVERY = 1.0
"""Seconds between two events of one job's progress, whichever processes run its items."""

MOST_JOBS = 100
"""So many jobs' times are remembered."""

_next_progress: dict[int, float] = {}


def job_changed(job_id: int) -> None:
    """Tell, when the transaction has been committed, how a job stands."""
    transaction.on_commit(partial(_publish_job, job_id), robust=True)


def job_started(job: Job, items: Sequence[NewItem]) -> None:
    """Tell, when the transaction has been committed, that a job waits with these items.

    Call it before anybody hears of them: then nothing can have come of it yet, and nothing is asked for.
    """
    counts = dict.fromkeys(["total", *ItemState.values], 0)
    number = sum(item.step not in (PLAN, FINISH) for item in items)
    counts |= {"total": number, ItemState.PENDING.value: number}
    transaction.on_commit(partial(_tell, job, counts), robust=True)


def item_ended(job_id: int) -> None:
    """Tell how far a job is; at most once a second for each job, among all processes."""
    now = time.monotonic()
    if now < _next_progress.get(job_id, 0.0):
        return
    if len(_next_progress) >= MOST_JOBS:
        _next_progress.clear()
    _next_progress[job_id] = now + PROGRESS_EVERY
    if live.is_first(f"progress:{job_id}", PROGRESS_EVERY):
        _publish_job(job_id)


def _publish_job(job_id: int) -> None:
    try:
        job = Job.objects.filter(pk=job_id).first()
        counts = progress(job_id) if job else {}
    except DatabaseError as error:
        logger.info("the progress of job %s could not be read: %s", job_id, error)
        return
    if job:
        _tell(job, counts)


def _tell(job: Job, counts: dict[str, int]) -> None:
    told = {"id": job.pk, "name": job.name, "state": job.state, "error": job.error}
    about = {"subject_kind": job.subject_kind, "subject_id": job.subject_id}
    live.publish("job", {**told, **about, "instance": job.connection_id, "progress": counts})
