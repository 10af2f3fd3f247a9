"""What a clock that is set back leaves behind: moments in the future, which nobody should wait for.

A machine that starts with a wrong date is set right, hours or days back, when it finds its time server. Every
item that waits was then put off until the wrong date comes again, and every claim holds until then. A clock
that is set forward needs nothing of this: leases run out early, and the items are done once more.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models.functions import Least, Now

from . import claims
from .models import LIVE_JOB, ItemState, Job, JobItem

logger = logging.getLogger(__name__)

SKEW = timedelta(minutes=1)
"""A job that was made later than this from now was made before the clock was set back."""


def follow_back() -> int:
    """Have the live jobs of a future that never came wait no longer; return how many there were.

    Their items become due now, whatever they waited for, and claims hold for a lease from now.
    """
    with transaction.atomic():
        jobs = Job.objects.select_for_update(skip_locked=True, no_key=True)
        found = list(
            jobs.filter(state__in=LIVE_JOB, created_at__gt=Now() + SKEW).values_list("pk", flat=True)
        )
        if not found:
            return 0
        # From now on they are jobs like all others, and what is put off waits.
        Job.objects.filter(pk__in=found).update(created_at=Now())
        items = JobItem.objects.filter(job__in=found)
        items.filter(state=ItemState.PENDING).update(due_at=Least("due_at", Now()))
        items.filter(state=ItemState.CLAIMED).update(lease_until=Least("lease_until", Now() + claims.lease()))
    logger.warning("the clock was set back: %s jobs go on at once", len(found))
    return len(found)
