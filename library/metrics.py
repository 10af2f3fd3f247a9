"""What the library adds to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from core.features import Metrics
from core.metrics import Family, counter
from library.models import Source


def webhooks() -> Iterator[Family]:
    failures = counter("webhook_failures", "Webhooks that a receiver failed to take.", ["instance"])
    for name, count in Source.objects.values_list("connection__name", "webhook_failures"):
        failures.add_metric([name], count)
    yield failures


BRINGS = Metrics((webhooks,))
