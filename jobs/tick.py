"""The tick: every ten seconds it mends whatever a crash, a lost message or a pause has left behind.

Two ticks at once do no harm: rows are locked, and every change names the state it starts from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from django.db import connection
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from connections import breaker
from core.errors import ConfigError

from . import claims, clock, doorbells, endings
from .claims import Trouble
from .handlers import ClaimLost, RetryPolicy, get
from .models import LIVE_ITEM, ItemState, Job, JobItem, JobState, Queue

logger = logging.getLogger(__name__)

LOST = Trouble("WorkerLost", "item.worker-lost")
# Leases that one tick resets: more of them than any installation has worker processes.
MOST_LEASES = 1000

Hook = TypeVar("Hook", bound=Callable[[], object])
_hooks: list[Callable[[], object]] = []


def on_tick(function: Hook) -> Hook:
    """Have `function` called at every tick, after the engine's own work. Use it in `AppConfig.ready`."""
    _hooks.append(function)
    return function


def tick() -> None:
    """Do everything once. A part that fails is logged and does not keep the others from being done."""
    parts: list[Callable[[], object]] = [clock.follow_back, mend, ring, breaker.ping_due, *_hooks]
    for part in parts:
        try:
            part()
        except Exception:
            logger.exception("the tick failed in %s.%s", part.__module__, part.__qualname__)
            connection.close_if_unusable_or_obsolete()  # so that the next part has one


def mend() -> None:
    """Take items back from workers that are gone, and close jobs that nobody closed."""
    reset_expired_leases()
    close_idle_jobs()


def ring() -> None:
    """Ring for items that are due, and again for those whose message was lost."""
    for queue in Queue:
        doorbells.top_up(queue)
        doorbells.ring_again(queue)


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
        endings.try_again(item, item.job.name, LOST, _policy(item.job), took_ms=0)
    except ClaimLost:
        return False
    return True


def _policy(job: Job) -> RetryPolicy:
    try:
        return get(job.name).retry
    except ConfigError:
        return RetryPolicy()


def close_idle_jobs() -> int:
    """Start the finish of running jobs that have no live item left; return how many.

    It is needed where a worker died between the end of the last item and the look at what remains.
    """
    live = JobItem.objects.filter(job=OuterRef("pk"), state__in=LIVE_ITEM)
    idle = Job.objects.filter(~Exists(live), state=JobState.RUNNING).values_list("pk", "name")
    return sum(endings.close_job(pk, name) for pk, name in idle)
