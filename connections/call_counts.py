"""How many calls went to each connection or came from it, and how they ended: counted in Redis, over all
processes.

The counts may be lost with Redis; Prometheus takes that for a restart of the counter.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from functools import lru_cache

import redis

from core.errors import ApiAuthError, ApiError, ApiTransientError
from core.redis_server import connect_redis

logger = logging.getLogger(__name__)

KEY = "taggarr:{what}"
CALLS = "calls"
PATIENCE = 1.0
FLUSH_EVERY = 2.0
"""Seconds that counts are gathered before they are sent: a scan makes hundreds of calls a second."""

_counts: Counter[tuple[str, str]] = Counter()
_state = {"flushed": 0.0}


def count_call(connection_id: int, error: ApiError | None) -> None:
    """Count one call of a client: how it ended for the caller."""
    count(CALLS, connection_id, outcome_of(error))


def count(what: str, connection_id: int, outcome: str) -> None:
    _counts[KEY.format(what=what), f"{connection_id}|{outcome}"] += 1
    if time.monotonic() - _state["flushed"] > FLUSH_EVERY:
        flush()


def outcome_of(error: ApiError | None) -> str:
    """Return `ok`, `unauthorized`, `unavailable` (may pass) or `refused`."""
    if error is None:
        return "ok"
    if isinstance(error, ApiAuthError):
        return "unauthorized"
    return "unavailable" if isinstance(error, ApiTransientError) else "refused"


def flush() -> None:
    """Send what was gathered. Where Redis is away it is dropped: a metric must not keep anybody waiting."""
    _state["flushed"] = time.monotonic()
    counts, waiting = dict(_counts), bool(_counts)
    _counts.clear()
    if not waiting:
        return
    try:
        with _redis().pipeline(transaction=False) as pipeline:
            for (key, name), number in counts.items():
                pipeline.hincrby(key, name, number)
            pipeline.execute()
    except redis.RedisError as error:
        logger.debug("calls were not counted: %s", error)


def totals(what: str = CALLS) -> dict[tuple[int, str], int]:
    """Return how many there were by the connection's id and outcome; empty where Redis is away."""
    flush()
    try:
        found = _redis().hgetall(KEY.format(what=what))
    except redis.RedisError as error:
        logger.debug("calls could not be read: %s", error)
        return {}
    parts = ((_text(name).partition("|"), int(number)) for name, number in dict(found).items())
    return {(int(connection), outcome): number for (connection, _, outcome), number in parts}


def _text(name: bytes | str) -> str:
    return name.decode("ascii") if isinstance(name, bytes) else name


@lru_cache(maxsize=1)
def _redis() -> redis.Redis:
    return connect_redis(PATIENCE)
