"""How an attempt ends that did not succeed, and what follows an item that ended.

The runner uses this for the item it holds, the tick for items whose worker is gone.
"""

from __future__ import annotations

from django.db import transaction

from . import announcing, claims, doorbells
from .claims import Trouble
from .handlers import FINISH, PLAN, RetryPolicy
from .models import ItemState, JobItem, JobState

# Every so many items, the one that ends fills its queue up again.
TOP_UP_EVERY = 100


def try_again(
    item: JobItem,
    job_name: str,
    trouble: Trouble,
    policy: RetryPolicy,
    *,
    took_ms: int,
    retry_after: float | None = None,
) -> None:
    """Put an item back to be tried again when its policy says, or fail it where that was the last attempt.

    Raises ClaimLost where it is not held any more.
    """
    if item.attempts >= policy.attempts:
        fail(item, job_name, trouble, took_ms=took_ms)
        return
    delay = policy.delay(item.attempts, retry_after)
    put_back(item, attempts=item.attempts, delay=delay, trouble=trouble, took_ms=took_ms)


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


def fail(item: JobItem, job_name: str, trouble: Trouble, *, took_ms: int) -> None:
    """End an item as failed; a plan or finish that fails takes its job with it.

    Raises ClaimLost where it is not held any more.
    """
    with transaction.atomic():
        if item.step in (PLAN, FINISH):
            claims.lock_live_job(item)
            claims.end_job(item, JobState.FAILED, error=trouble.text)
        ended = claims.end(item, ItemState.FAILED, took_ms=took_ms, trouble=trouble)
    follow(item, job_name, ended=ended)


def follow(item: JobItem, job_name: str, *, ended: bool, here: bool = False) -> int | None:
    """See to what comes after an item that `ended`, or else was asked for again.

    Call it when the end is committed: of two last items that end at the same time, the later one then sees
    both. With `here` the finish that is now due is not rung for: its id is returned, and the caller runs it.
    """
    finish = None
    if ended and here:
        finish = claims.close(item.job_id)
    elif ended:
        close_job(item.job_id, job_name)
    else:
        doorbells.ring(item.pk, job_name, item.step, item.queue)
    announcing.item_ended(item.job_id)
    if item.pk % TOP_UP_EVERY == 0:
        doorbells.top_up(item.queue)
    return finish.item_id if finish else None


def close_job(job_id: int, job_name: str) -> bool:
    """Start the finish of a running job that has no live item; return whether that was so."""
    finish = claims.close(job_id)
    if finish is None:
        return False
    doorbells.ring(finish.item_id, job_name, FINISH, finish.queue)
    return True
