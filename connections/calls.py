"""Every call of every client of a connection: its slot before it, and afterwards what it tells."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

from core.errors import ApiAuthError, ApiError, ApiTransientError

from . import breaker, kinds, rate
from .call_counts import count_call
from .models import Connection

if TYPE_CHECKING:
    from core.outbound.transport import BeforeCall

LATENCY_EVERY = 60.0
"""Seconds between two times that a process writes down how long the calls of a connection take."""

_latency_written: dict[int, float] = {}


class Recorder:
    """Hears how every call of a client went: tells the metrics, the breaker, and how long calls take.

    A success costs no statement unless failures stand to be forgotten, or a minute has passed. Have no
    transaction open around calls: the counting should not be rolled back with it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._failures_known = connection.breaker_failures > 0

    def __call__(self, error: ApiError | None, seconds: float = 0.0) -> None:
        """Note one call: the error that left the client or None, and how long it took."""
        count_call(self._connection.pk, error)
        if isinstance(error, ApiTransientError) and error.status == HTTPStatus.TOO_MANY_REQUESTS:
            rate.hold(self._connection, error.retry_after)
        if isinstance(error, ApiAuthError):
            breaker.record_refusal(self._connection, error)
        elif isinstance(error, ApiTransientError) and error.counts_for_breaker:
            self._failures_known = True
            breaker.record_failure(self._connection, error)
        elif self._failures_known:
            # Any other answer, an error too, shows that the program is there.
            self._failures_known = False
            breaker.forget_failures(self._connection)
        if error is None:
            _note_latency(self._connection, seconds)


def slot_for(connection: Connection, *, interactive: bool = False) -> BeforeCall | None:
    """What a client has to call before each call, None where calls of this kind are not limited."""
    limit = kinds.kind_of(connection.kind).rate
    if limit is None:
        return None
    return lambda: rate.take(connection, limit, interactive=interactive)


def _note_latency(connection: Connection, seconds: float) -> None:
    now = time.monotonic()
    if now - _latency_written.setdefault(connection.pk, now) < LATENCY_EVERY:
        return
    _latency_written[connection.pk] = now
    Connection.objects.filter(pk=connection.pk).update(latency_ms=round(seconds * 1000))
