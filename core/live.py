"""What happens now, told to whoever watches: a bounded Redis stream that the web processes read.

Best effort by design: nothing here may be lost that matters, a worker never waits for it longer than half a
second, and while Redis is away it is left alone.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.db import transaction
from redis import Redis

from core import logs, redis_server
from core.masking import masked

STREAM = "taggarr:live"
LENGTH = 5000
"""About how many events are kept, for readers that come back."""

PAGE = 500
"""So many events are read at once."""

RIGHTS = "rights"
"""The kind of event that is for streams themselves: somebody may do less than before."""


def publish(kind: str, data: Mapping[str, Any]) -> None:
    """Tell of something at once; `data` is JSON-able. Never raises."""
    publish_all([(kind, data)])


def publish_all(events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    rows = [{"kind": kind, "data": json.dumps(data, default=str)} for kind, data in events]

    def add(server: Redis) -> None:
        with server.pipeline(transaction=False) as pipeline:
            for row in rows:
                pipeline.xadd(STREAM, row, maxlen=LENGTH, approximate=True)  # type: ignore[arg-type]
            pipeline.execute()

    if rows:
        redis_server.ask(add, None)


def recent(
    kind: str, count: int, wanted: Callable[[dict[str, Any]], bool] = lambda _: True
) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the last events of a kind that are wanted, the oldest first; none while Redis is away.

    It looks back page by page, no further than needed and over `LENGTH` events of all kinds at most.
    """

    def find(server: Redis) -> list[tuple[datetime, dict[str, Any]]]:
        found = (
            (datetime.fromtimestamp(int(event_id.partition(b"-")[0]) / 1000, UTC), data)
            for event_id, fields in _backwards(server, LENGTH)
            if fields.get(b"kind") == kind.encode() and wanted(data := json.loads(fields[b"data"]))
        )
        return list(islice(found, count))[::-1]

    return redis_server.ask(find, [])


def _backwards(server: Redis, most: int) -> Iterator[tuple[bytes, dict[bytes, bytes]]]:
    """The newest `most` events of the stream, the newest first, a page at a time."""
    before = "+"
    for _ in range(most // PAGE):
        rows: Any = server.xrevrange(STREAM, max=before, count=PAGE)
        yield from rows
        if len(rows) < PAGE:
            return
        before = f"({rows[-1][0].decode()}"


def newest() -> str:
    """Return the id of the newest event, `0-0` where there is none yet; empty while Redis is away."""

    def last(server: Redis) -> str:
        rows: Any = server.xrevrange(STREAM, count=1)
        return str(rows[0][0].decode()) if rows else "0-0"

    return redis_server.ask(last, "")


def after_commit(events: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
    transaction.on_commit(partial(publish_all, list(events)), robust=True)


def rights_changed() -> None:
    """Have every open stream look, when the transaction has been committed, whether it may stay open."""
    after_commit([(RIGHTS, {})])


def inbox_changed() -> None:
    """Have pages count anew, when the transaction has been committed, what waits for a decision."""
    after_commit([("inbox", {})])


def is_first(name: str, seconds: float) -> bool:
    """Whether no process has asked for this name within so many seconds; False too while Redis is away."""
    key, milliseconds = f"{STREAM}:{name}", int(seconds * 1000)
    return redis_server.ask(lambda server: bool(server.set(key, 1, nx=True, px=milliseconds)), False)


class LiveHandler(logging.Handler):
    """Publishes each line with its level and logger. Its own lines and those of Redis are left out."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith((redis_server.__name__, "jobs.listing", "redis")):
            return
        line = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
            "values": _masked(logs.values_of(record)),
        }
        publish("log", line)


def _masked(values: Mapping[str, Any]) -> dict[str, str]:
    """Values as texts. With the name before it a secret is known as one."""
    return {name: masked(f"{name}={value}").partition("=")[2] for name, value in values.items()}
