"""What /metrics shows of the program itself; the rest comes from the apps."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count

from core.features import Metrics
from core.metrics import Family, gauge
from system.models import KnownIssue
from system.status import version


def info() -> Iterator[Family]:
    found = gauge("info", "The version that runs; always 1.", ["version"])
    found.add_metric([version()], 1)
    yield found


def health() -> Iterator[Family]:
    """What the last look at health saw."""
    found = gauge("health_issues", "Health issues that the last look saw.", ["code"])
    for code, count in KnownIssue.objects.order_by().values_list("code").annotate(Count("pk")):
        found.add_metric([code], count)
    yield found


BRINGS = Metrics((info, health))
