"""What happens now, told to whoever watches: a bounded Redis stream that the web processes read.

Best effort by design: nothing here may be lost that matters, a worker never waits for it longer than half a
second, and while Redis is away it is left alone.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import Any

from django.db import transaction
from redis import Redis
from redis.exceptions import RedisError

from core.masking import masked
from core.redis_server import connect_redis

logger = logging.getLogger(__name__)

STREAM = "taggarr:live"
LENGTH = 5000
"""About how many events are kept, for readers that come back."""

PAGE = 500
"""So many events are read at once."""

PATIENCE = 0.5
"""Seconds that Redis has for an answer."""

REST = 10.0
"""Seconds without trying, after Redis did not answer."""

RIGHTS = "rights"
"""The kind of event that is for streams themselves: somebody may do less than before."""

_rest_until = 0.0


def publish(kind: str, data: Mapping[str, Any]) -> None:
    """Tell of something at once; `data` is JSON-able. Never raises."""
    publish_all([(kind, data)])


def publish_all(events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Tell of several things in one round trip."""
    rows = [{"kind": kind, "data": json.dumps(data, default=str)} for kind, data in events]
    if not rows or not _is_awake():
        return
    try:
        with _redis(os.getpid()).pipeline(transaction=False) as pipeline:
            for row in rows:
                pipeline.xadd(STREAM, row, maxlen=LENGTH, approximate=True)  # type: ignore[arg-type]
            pipeline.execute()
    except RedisError as error:
        _rest(error)


def recent(
    kind: str, count: int, wanted: Callable[[dict[str, Any]], bool] = lambda _: True
) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the last events of a kind that are wanted, the oldest first; none while Redis is away.

    It looks back page by page, no further than needed and over `LENGTH` events of all kinds at most.
    """
    if not _is_awake():
        return []
    found: list[tuple[datetime, dict[str, Any]]] = []
    try:
        for event_id, fields in _backwards(LENGTH):
            if fields.get(b"kind") != kind.encode() or not wanted(data := json.loads(fields[b"data"])):
                continue
            found.append((datetime.fromtimestamp(int(event_id.partition(b"-")[0]) / 1000, UTC), data))
            if len(found) == count:
                break
    except RedisError as error:
        _rest(error)
        return []
    return found[::-1]


def _backwards(most: int) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    """The newest `most` events of the stream, the newest first, a page at a time."""
    before = "+"
    for _ in range(most // PAGE):
        rows: Any = _redis(os.getpid()).xrevrange(STREAM, max=before, count=PAGE)
        yield from rows
        if len(rows) < PAGE:
            return
        before = f"({rows[-1][0].decode()}"


def newest() -> str:
    """Return the id of the newest event, `0-0` where there is none yet; empty while Redis is away."""
    if not _is_awake():
        return ""
    try:
        rows: Any = _redis(os.getpid()).xrevrange(STREAM, count=1)
    except RedisError as error:
        _rest(error)
        return ""
    return str(rows[0][0].decode()) if rows else "0-0"


def after_commit(events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    """Tell of several things when the transaction has been committed."""
    transaction.on_commit(partial(publish_all, list(events)), robust=True)


def rights_changed() -> None:
    """Have every open stream look, when the transaction has been committed, whether it may stay open."""
    after_commit([(RIGHTS, {})])


def is_first(name: str, seconds: float) -> bool:
    """Whether no process has asked for this name within so many seconds; False too while Redis is away."""
    if not _is_awake():
        return False
    try:
        return bool(_redis(os.getpid()).set(f"{STREAM}:{name}", 1, nx=True, px=int(seconds * 1000)))
    except RedisError as error:
        _rest(error)
        return False


def _is_awake() -> bool:
    return time.monotonic() >= _rest_until


def _rest(error: RedisError) -> None:
    global _rest_until  # noqa: PLW0603  (one a process)
    _rest_until = time.monotonic() + REST
    logger.info("live events rest for %.0f seconds, Redis does not answer: %s", REST, error)


@lru_cache(maxsize=2)
def _redis(_pid: int) -> Redis:
    """The connection of this process; a forked child must not share its parent's."""
    return connect_redis(PATIENCE)


class LiveHandler(logging.Handler):
    """Publishes each line with its level and logger. Its own lines and those of Redis are left out."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith((__name__, "jobs.listing", "redis")):
            return
        line = {"level": record.levelname.lower(), "logger": record.name, "message": message_of(record)}
        publish("log", line)


def message_of(record: logging.LogRecord) -> str:
    """The text of a line, of a structured one the event with its values; without secrets."""
    if not isinstance(record.msg, dict):
        return masked(record.getMessage())
    # structlog's own fields (level, time stamp) stand in the record already.
    fields: dict[str, Any] = {
        name: value
        for name, value in record.msg.items()
        if name not in ("event", "level", "logger", "timestamp") and not name.startswith("_")
    }
    shown = " ".join(f"{name}={value}" for name, value in fields.items())
    return masked(f"{record.msg.get('event', '')} {shown}".strip())
