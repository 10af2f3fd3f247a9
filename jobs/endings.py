"""How an attempt ends that did not succeed, and how a job is closed.

The runner uses this for the item it holds, the tick for items whose worker is gone.
"""

from __future__ import annotations

from django.db import transaction

from core.errors import ConfigError

from . import claims, doorbells
from .claims import Trouble
from .handlers import FINISH, PLAN, RetryPolicy, get
from .models import ItemState, Job, JobItem, JobState


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
