"""How an attempt ends that did not succeed, also where its worker is gone, and how a job is closed."""

from __future__ import annotations

import logging

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from core.errors import ConfigError
from core.words import Phrase

from . import claims, doorbells
from .claims import Trouble
from .handlers import FINISH, PLAN, ClaimLost, RetryPolicy, get
from .models import LIVE_ITEM, ItemState, Job, JobItem, JobState

logger = logging.getLogger(__name__)

LOST = Trouble("WorkerLost", "item.worker-lost")
# Leases that one tick resets: more of them than any installation has worker processes.
MOST_LEASES = 1000


def try_again(item: JobItem, trouble: Trouble, *, took_ms: int, retry_after: float | None = None) -> None:
    """Put an item back to be tried again when its handler's policy says, or fail it where that was the last
    attempt.

    Raises ClaimLost where it is not held any more.
    """
    policy = _policy(item.job)
    if item.attempts >= policy.attempts:
        fail(item, trouble, took_ms=took_ms)
    else:
        delay = policy.delay(item.attempts, retry_after)
        told = (item.attempts, item.key, item.job, Phrase.of(trouble.text), delay)
        logger.warning("attempt %s at %s of %s failed: %s It is repeated in %.0f s.", *told)
        put_back(item, attempts=item.attempts, delay=delay, trouble=trouble, took_ms=took_ms)


def _policy(job: Job) -> RetryPolicy:
    try:
        return get(job.name).retry
    except ConfigError:
        return RetryPolicy()


def put_back(
    item: JobItem, *, attempts: int, took_ms: int, delay: float = 0.0, trouble: Trouble | None = None
) -> None:
    """Make an item pending again, due in `delay` seconds; it is cancelled if its job has ended meanwhile.

    Raises ClaimLost where it is not held any more.
    """
    with transaction.atomic():
        if claims.lock_live_job(item):
            claims.put_back(item, attempts=attempts, delay=delay, trouble=trouble)
        else:
            claims.cancel(item, took_ms)
    if delay <= 0:
        doorbells.top_up(item.queue)


def fail(item: JobItem, trouble: Trouble, *, took_ms: int) -> None:
    """End an item as failed; a plan or finish that fails takes its job with it.

    Raises ClaimLost where it is not held any more.
    """
    logger.error("%s of %s failed: %s", item.key, item.job, Phrase.of(trouble.text))
    with transaction.atomic():
        if item.step in (PLAN, FINISH):
            claims.lock_live_job(item)
            claims.end_job(item, JobState.FAILED, error=trouble.text)
        ended = claims.end(item, ItemState.FAILED, took_ms=took_ms, trouble=trouble)
    if not ended:
        doorbells.ring(item.pk, item.job.name, item.step, item.queue)


def close(job: Job) -> bool:
    """Start the finish of a running job that has no live item; return whether that was so.

    Call it when the end of an item is committed: of two last items that end at the same time, the later one
    then sees both.
    """
    finish = claims.close(job)
    if finish is None:
        return False
    doorbells.ring(finish, job.name, FINISH, job.queue)
    return True


def mend() -> None:
    """Take items back from workers that are gone, and close jobs that nobody closed."""
    reset_expired_leases()
    close_idle_jobs()


def reset_expired_leases() -> int:
    """Put back items whose lease has run out, fail those without attempts left; return how many."""
    expired = JobItem.objects.filter(state=ItemState.CLAIMED, lease_until__lt=Now()).select_related("job")
    return sum(_take_over(item) for item in expired.order_by("lease_until")[:MOST_LEASES])


def _take_over(item: JobItem) -> bool:
    """Take an item from a worker that is gone; from then on that worker could not end it any more."""
    if not claims.take_over(item):
        return False
    logger.warning("%s of %s: its worker is gone", item.key, item.job)
    try:
        try_again(item, LOST, took_ms=0)
    except ClaimLost:
        return False
    return True


def close_idle_jobs() -> int:
    """Start the finish of running jobs that have no live item left; return how many.

    It is needed where a worker died between the end of the last item and the look at what remains.
    """
    live = JobItem.objects.filter(job=OuterRef("pk"), state__in=LIVE_ITEM)
    return sum(map(close, Job.objects.filter(~Exists(live), state=JobState.RUNNING)))
