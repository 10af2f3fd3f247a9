"""Running a job in this very process, without Celery and without Redis."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db.models.functions import Now

from connections import breaker

from . import doorbells, tick
from .listing import progress
from .models import LIVE_JOB, ItemState, Job
from .runner import run_item

# Seconds between two looks while no item is due, and between two calls of `on_progress`.
NAP = 0.2
TELL_EVERY = 0.2
# Items looked up at once.
BATCH = 50


def run_inline(job: Job, *, on_progress: Callable[[dict[str, int]], None] | None = None) -> Job:
    """Run everything of a job here until it has ended, and return it as it is then.

    Items that are not due yet are waited for; workers elsewhere may take part. `on_progress` gets the counts
    of `progress`, a few times a second and at the end; an error that it raises ends the run, not the job.
    """

    def tell() -> None:
        if on_progress:
            on_progress(progress(job.pk))

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
    tick.mend()
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
