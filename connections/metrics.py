"""What the connected apps add to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from core.features import Metrics
from core.metrics import Family, counter, gauge

from .call_counts import totals
from .models import Breaker, Connection


def connections() -> Iterator[Family]:
    breaker = gauge("breaker_open", "1 where no calls go to the instance now.", ["instance", "state"])
    names: dict[int, str] = {}
    for pk, name, state in Connection.objects.values_list("pk", "name", "breaker"):
        names[pk] = name
        breaker.add_metric([name, state], state != Breaker.CLOSED)
    ended = "Calls to it by outcome: ok, unavailable, refused, unauthorized."
    calls = counter("api_calls", ended, ["instance", "outcome"])
    for (pk, outcome), count in totals().items():
        if pk in names:
            calls.add_metric([names[pk], outcome], count)
    yield from (breaker, calls)


BRINGS = Metrics((connections,))
