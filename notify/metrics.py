"""What notifications add to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from core.features import Metrics
from core.metrics import Family, gauge
from jobs.models import JobItem


def deliveries() -> Iterator[Family]:
    found = gauge("deliveries", "Deliveries of notifications by state, of those that are kept.", ["state"])
    rows = JobItem.objects.filter(job__name="notify", step="send").order_by().values_list("state")
    for state, count in rows.annotate(Count("pk")):
        found.add_metric([state], count)
    yield found


BRINGS = Metrics((deliveries,))
