"""The tick: every ten seconds it mends whatever a crash, a lost message or a pause has left behind.

Two ticks at once do no harm: rows are locked, and every change names the state it starts from.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.db.models.functions import Coalesce, Least, Now

from connections import breaker
from core.features import brought

from . import claims, doorbells, endings, schedules
from .contract import Jobs
from .models import ItemState, JobItem, Queue

logger = logging.getLogger(__name__)

# A wait that began later than this from now began before the clock was set back.
SKEW = timedelta(minutes=1)


def tick() -> None:
    """Do everything once. A part that fails is logged and does not keep the others from being done."""
    for part in (*OURS, *(part for _, jobs in brought(Jobs) for part in jobs.ticks)):
        try:
            part()
        except Exception:
            logger.exception("the tick failed in %s.%s", part.__module__, part.__qualname__)
            connection.close_if_unusable_or_obsolete()  # so that the next part has one


def follow_clock_back() -> int:
    """Have the items that wait since a future that never came wait no longer; return how many there were.

    A machine that starts with a wrong date is set right, hours or days back, when it finds its time server:
    every item that waits was then put off until the wrong date comes again, and every claim holds until then.
    What is put off becomes due now, and claims hold for a lease from now. A clock that is set forward needs
    nothing of this: leases run out early, and the items are done once more.
    """
    since = JobItem.objects.alias(since=Coalesce("waits_since", "created_at")).order_by()
    late = since.filter(since__gt=Now() + SKEW)
    found = late.filter(state=ItemState.PENDING, due_at__gt=Now()).update(due_at=Now(), waits_since=Now())
    found += late.filter(state=ItemState.CLAIMED).update(
        lease_until=Least("lease_until", Now() + claims.lease()), waits_since=Now()
    )
    if found:
        logger.warning("the clock was set back: %s items go on at once", found)
    return found


def ring() -> None:
    """Ring for items that are due, and again for those whose message was lost."""
    for queue in Queue:
        doorbells.top_up(queue)
        doorbells.ring_again(queue)


OURS: tuple[Callable[[], object], ...] = (
    follow_clock_back,
    endings.mend,
    ring,
    breaker.ping_due,
    schedules.ensure,
    schedules.catch_up,
    schedules.follow_time_zone,
)
"""What is done before what apps bring."""
