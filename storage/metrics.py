"""What the storage adds to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Q, Sum

from core.features import Metrics
from core.metrics import Family, gauge
from storage.models import Stored

_STATES = {
    "used": Q(unused_since=None, damaged_at=None),
    "unused": Q(unused_since__isnull=False, damaged_at=None),
    "damaged": Q(damaged_at__isnull=False),
}


def files() -> Iterator[Family]:
    counted = {f"{name}_n": Count("pk", filter=state) for name, state in _STATES.items()}
    summed = {f"{name}_b": Sum("size", filter=state, default=0) for name, state in _STATES.items()}
    totals = Stored.objects.aggregate(**counted, **summed)
    number = gauge("storage_files", "Kept files by state: used, unused, damaged.", ["state"])
    size = gauge("storage_bytes", "Bytes of kept files by state.", ["state"])
    for name in _STATES:
        number.add_metric([name], totals[f"{name}_n"])
        size.add_metric([name], totals[f"{name}_b"])
    yield number
    yield size


BRINGS = Metrics((files,))
