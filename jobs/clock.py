"""What a clock that is set back leaves behind: moments in the future, which nobody should wait for.

A machine that starts with a wrong date is set right, hours or days back, when it finds its time server. Every
item that waits was then put off until the wrong date comes again, and every claim holds until then. A clock
that is set forward needs nothing of this: leases run out early, and the items are done once more.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db.models.functions import Coalesce, Least, Now

from . import claims
from .models import ItemState, JobItem

logger = logging.getLogger(__name__)

SKEW = timedelta(minutes=1)
"""A wait that began later than this from now began before the clock was set back."""


def follow_back() -> int:
    """Have the items that wait since a future that never came wait no longer; return how many there were.

    Those that are put off become due now, and claims hold for a lease from now.
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
