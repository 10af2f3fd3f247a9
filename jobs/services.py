"""Starting, joining, cancelling and retrying jobs; running one in this process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Least, Now

from connections import breaker
from connections.models import Connection
from core import sql
from core.errors import ConfigError
from core.subjects import Subject

from . import claims, doorbells, endings, listing
from .doorbells import Doorbell
from .handlers import FINISH, PLAN, NewItem, get, may_start, task_name
from .models import LIVE_ITEM, LIVE_JOB, ItemState, Job, JobItem, JobState, Queue, Trigger
from .runner import run_item

logger = logging.getLogger(__name__)

# Seconds between two looks while no item is due, and between two calls of `on_progress`.
NAP = 0.2
TELL_EVERY = 0.2
# Items looked up at once.
BATCH = 50


def start(
    name: str,
    *,
    params: dict[str, Any] | None = None,
    connection: Connection | None = None,
    trigger: Trigger = Trigger.MANUAL,
    user: AbstractBaseUser | None = None,
    dedupe_key: str = "",
    subject: Subject | None = None,
    items: Sequence[NewItem] = (),
    queue: Queue | None = None,
) -> tuple[Job, bool]:
    """Start a job and return it with True; or return the live job that holds `dedupe_key`, with False.

    Without `items` the job begins with its plan; with them it has no plan and these are its items. `subject`
    is what the job is about alone; `queue` overrides the handler's. Raises ConfigError for an unknown job, a
    wrong parameter, or a feature that is off.
    """
    may_start(name)
    handler = get(name)
    wanted = Job(
        name=name,
        params=handler.validate(dict(params or {})),
        connection=connection,
        trigger=trigger,
        requested_by_id=user.pk if user else None,
        dedupe_key=dedupe_key,
        queue=queue or handler.queue,
    )
    if subject:
        wanted.subject_kind, wanted.subject_id = subject
    while True:
        holder = Job.objects.filter(dedupe_key=dedupe_key, state__in=LIVE_JOB).first() if dedupe_key else None
        if holder:
            return holder, False
        try:
            with transaction.atomic():
                wanted.save(force_insert=True)
                first = items or [NewItem(key=PLAN, step=PLAN)]
                listing.job_started(wanted, first)
                _insert_and_ring(wanted, first)
        except IntegrityError:
            if not dedupe_key:
                raise
            # Another process was first: its job is the answer, unless that has ended already.
            wanted.pk = None
        else:
            logger.info("started %s", wanted)
            return wanted, True


def _insert_and_ring(job: Job, items: Sequence[NewItem]) -> list[int]:
    ids = claims.insert(job, items, rung=True)
    doorbells.ring_all(
        [
            Doorbell(item_id, task_name(job.name, item.step), item.queue or job.queue)
            for item_id, item in zip(ids, items, strict=True)
            if item.due_in <= 0
        ]
    )
    return ids


def request_item(
    job_name: str,
    subject: Subject,
    *,
    connection: Connection,
    trigger: Trigger,
    user: AbstractBaseUser | None,
    params: dict[str, Any],
    joins: Q,
) -> JobItem:
    """Ask that one subject be done soon, and return the item that will do it. Nothing asked for is dropped.

    `joins` is a condition on Job (`Q(params__mode="update", params__dry_run=False)`): an item of this
    subject that is pending in such a live job is made due now and moved to the interactive queue; one that is
    being worked on is done once more afterwards. Otherwise a new job without a plan is started on the
    interactive queue: its one item has the handler's first step and the key `<kind>:<id>`; `params` are the
    job's.

    Whether the subject is still there is for the handler to see: it may go at any moment. Raises ConfigError
    for an unknown job or a wrong parameter.
    """
    with transaction.atomic():
        # Two requests for one subject take turns, so that the second finds what the first one made.
        sql.fetch("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"request_item {subject}"])
        item = _join(job_name, subject, joins)
        if item:
            return item
        step = get(job_name).steps[0]
        job, _ = start(
            job_name,
            params=params,
            connection=connection,
            trigger=trigger,
            user=user,
            subject=subject,
            items=[NewItem(key=str(subject), step=step, subject=subject)],
            queue=Queue.INTERACTIVE,
        )
        return job.items.get()


def _join(job_name: str, subject: Subject, joins: Q) -> JobItem | None:
    """The live item that does this subject anyway, told to do it soon; None where there is none."""
    live_jobs = Job.objects.filter(joins, name=job_name, state__in=LIVE_JOB)
    live_items = JobItem.objects.filter(state__in=LIVE_ITEM, job__in=live_jobs)
    candidates = live_items.filter(subject_kind=subject.kind, subject_id=subject.id)
    for item in candidates.order_by("-id"):
        this = JobItem.objects.filter(pk=item.pk)
        hurried = this.filter(state=ItemState.PENDING).update(
            due_at=Least("due_at", Now()), queue=Queue.INTERACTIVE, published_at=Now()
        )
        if hurried:
            doorbells.ring(item.pk, job_name, item.step, Queue.INTERACTIVE)
        if hurried or this.filter(state=ItemState.CLAIMED).update(again=True, queue=Queue.INTERACTIVE):
            item.refresh_from_db()
            return item
    return None


def cancel_all_of(connection: Connection) -> None:
    """Cancel every live job of a connection: it is about to be deleted."""
    for job in Job.objects.filter(connection=connection, state__in=LIVE_JOB):
        cancel(job)


def cancel(job: Job) -> bool:
    """Cancel a live job and its pending items; return False where it had ended already.

    Items that are being worked on look between the parts of their work, and stop there.
    """
    with transaction.atomic():
        cancelled = Job.objects.filter(pk=job.pk, state__in=LIVE_JOB).update(
            state=JobState.CANCELLED, finished_at=Now()
        )
        if cancelled:
            JobItem.objects.filter(job=job, state=ItemState.PENDING).update(
                state=ItemState.CANCELLED, finished_at=Now()
            )
            listing.job_changed(job.pk)
    job.refresh_from_db()
    return bool(cancelled)


def retry_failed(job: Job) -> int:
    """Try all failed items of a job again; return how many. A job that has ended goes on, and finishes anew.

    Raises ConfigError where another job holds its `dedupe_key` by now.
    """
    return _reopen(job, job.items.all())


def retry_item(item: JobItem) -> bool:
    """Try one failed item again, as `retry_failed`; return False where it is not failed."""
    return bool(_reopen(item.job, JobItem.objects.filter(pk=item.pk)))


def _reopen(job: Job, items: QuerySet[JobItem]) -> int:
    try:
        with transaction.atomic():
            Job.objects.select_for_update(no_key=True).get(pk=job.pk)
            failed = items.filter(state=ItemState.FAILED)
            # A failed finish is not reset here: it comes back when the job has no other live item.
            retried = failed.filter(step=FINISH).count()
            retried += failed.exclude(step=FINISH).update(
                state=ItemState.PENDING, attempts=0, due_at=Now(), published_at=None, finished_at=None
            )
            if retried:
                Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING, finished_at=None, error="")
    except IntegrityError:
        raise ConfigError("job.newer-live", job=job) from None
    if retried:
        listing.job_changed(job.pk)
        _go_on(job)
    job.refresh_from_db()
    return retried


def _go_on(job: Job) -> None:
    if endings.close(job):
        return
    pending = job.items.filter(state=ItemState.PENDING).order_by()
    for queue in pending.values_list("queue", flat=True).distinct():
        doorbells.top_up(queue)


def run_inline(job: Job, *, on_progress: Callable[[dict[str, int]], None] | None = None) -> Job:
    """Run everything of a job here until it has ended, and return it as it is then.

    Items that are not due yet are waited for; workers elsewhere may take part. `on_progress` gets the counts
    of `progress`, a few times a second and at the end; an error that it raises ends the run, not the job.
    """

    def tell() -> None:
        if on_progress:
            on_progress(listing.progress(job.pk))

    tell_now_and_then = _at_most_every(TELL_EVERY, tell)
    mend_now_and_then = _at_most_every(settings.JOB_TICK, _mend)
    with doorbells.muted():
        while Job.objects.filter(pk=job.pk, state__in=LIVE_JOB).exists():
            if not _run_due_items(job, tell_now_and_then):
                time.sleep(NAP)
                tell_now_and_then()
            mend_now_and_then()
    job.refresh_from_db()
    tell()
    return job


def _mend() -> None:
    endings.mend()
    breaker.ping_due()


def _run_due_items(job: Job, tell: Callable[[], None]) -> bool:
    """Run a batch of the items that are due; return whether any was."""
    due = job.items.filter(state=ItemState.PENDING, due_at__lte=Now()).values_list("pk", flat=True)
    any_ran = False
    for item_id in list(due[:BATCH]):
        any_ran |= run_item(item_id)
        tell()
    return any_ran


def _at_most_every(seconds: float, function: Callable[[], None]) -> Callable[[], None]:
    """`function`, called through only where its last call is so long ago."""
    last = time.monotonic()

    def call() -> None:
        nonlocal last
        if time.monotonic() - last >= seconds:
            last = time.monotonic()
            function()

    return call
