"""One reader of the stream for a whole web process, and the places of those to whom it hands every event."""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any

from django.conf import settings
from redis.asyncio import Redis
from redis.exceptions import RedisError

from core.live import STREAM

logger = logging.getLogger(__name__)

WAITING = 1000
"""So many events wait for one watcher; who is further behind is dropped."""

BLOCK_MS = 5000
AGAIN_AFTER = 1.0
BATCH = 500


@dataclass(frozen=True)
class LiveEvent:
    """One event of the stream. `id` is the stream's own, in the order of time."""

    id: str
    kind: str
    data: dict[str, Any]

    @cached_property
    def position(self) -> tuple[int, int]:
        return position_of(self.id)

    @cached_property
    def written(self) -> str:
        """The event as it is sent (HTML standard, section 9.2): made once for all who watch.

        JSON holds no line break of its own.
        """
        return f"id: {self.id}\nevent: {self.kind}\ndata: {json.dumps(self.data)}\n\n"


@dataclass(eq=False, slots=True)
class Watcher:
    """One open connection. `task` sends to it: cancelling that ends it."""

    task: asyncio.Task[Any] | None
    queue: asyncio.Queue[LiveEvent] = field(default_factory=lambda: asyncio.Queue(WAITING))


class Hub:
    def __init__(self) -> None:
        self._watchers: set[Watcher] = set()
        self._reader: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def join(self) -> Watcher:
        watcher = Watcher(asyncio.current_task())
        self._watchers.add(watcher)
        if self._reader is None or self._reader.done():
            self._ready.clear()
            self._reader = asyncio.create_task(self._read())
        await self._ready.wait()
        return watcher

    def leave(self, watcher: Watcher) -> None:
        """Hand a watcher nothing any more; the last one stops the reader."""
        self._watchers.discard(watcher)
        if not self._watchers and self._reader is not None:
            self._reader.cancel()
            self._reader = None

    async def since(self, last_id: str, *, just_seen: bool = False) -> list[LiveEvent] | None:
        """What came after an event; None where that is not kept any more, or cannot be asked for.

        One that was the newest a moment ago (`just_seen`) need not be kept: all that came after it is.
        """
        try:
            async with _redis() as redis:
                first: Any = await redis.xrange(STREAM, count=1)
                rows: Any = await redis.xrange(STREAM, min=f"({last_id}")
        except RedisError as error:
            logger.info("the live events cannot be read: %s", error)
            return None
        if just_seen:
            return [_event(row) for row in rows]
        if not first or position_of(last_id) < position_of(first[0][0]):
            return None
        return [_event(row) for row in rows]

    async def _read(self) -> None:
        last = ""
        while True:
            try:
                async with _redis() as redis:
                    last = last or await _newest(redis)
                    self._ready.set()
                    await self._follow(redis, last)
            except RedisError as error:
                # Who watches goes on waiting: heartbeats show that we are here.
                logger.info("the live events cannot be read: %s", error)
                self._ready.set()
                await asyncio.sleep(AGAIN_AFTER)
                last = ""

    async def _follow(self, redis: Redis, last: str) -> None:
        while True:
            answer: Any = await redis.xread({STREAM: last}, count=BATCH, block=BLOCK_MS)
            for _, rows in answer or ():
                for row in rows:
                    self._hand_out(_event(row))
                    last = row[0]
            # Readers are many and the work is small: let them have their turn.
            await asyncio.sleep(0)

    def _hand_out(self, event: LiveEvent) -> None:
        for watcher in list(self._watchers):
            try:
                watcher.queue.put_nowait(event)
            except asyncio.QueueFull:
                self._drop(watcher)

    def _drop(self, watcher: Watcher) -> None:
        logger.info("dropped a reader of live events that does not keep up")
        self.leave(watcher)
        if watcher.task is not None:
            watcher.task.cancel()


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}


def hub() -> Hub:
    loop = asyncio.get_running_loop()
    if loop not in _hubs:
        for closed in [known for known in _hubs if known.is_closed()]:
            del _hubs[closed]
        _hubs[loop] = Hub()
    return _hubs[loop]


def position_of(event_id: str) -> tuple[int, int]:
    """An id of the stream as two numbers. Raises ValueError where it is none."""
    time, _, sequence = event_id.partition("-")
    for part in (time, sequence):
        if not (part.isascii() and part.isdecimal() and len(part) <= 19):
            raise ValueError(f"{event_id!r} is no id of a live event")
    return int(time), int(sequence)


async def _newest(redis: Redis) -> str:
    rows: Any = await redis.xrevrange(STREAM, count=1)
    return str(rows[0][0]) if rows else "0-0"


def _event(row: Any) -> LiveEvent:
    event_id, fields = row
    data: dict[str, Any] = {}
    with suppress(ValueError):
        data = json.loads(fields.get("data", "{}"))
    return LiveEvent(event_id, fields.get("kind", ""), data)


def _redis() -> Redis:
    # Longer than a blocking read lasts.
    return Redis.from_url(settings.REDIS_URL, decode_responses=True, socket_timeout=BLOCK_MS / 1000 + 5)


PER_OWNER = 10
IN_ALL = 500

BEGINS_WITHIN = 10.0
"""Seconds: a client may be gone before its stream has begun, and nobody would give that place free."""


class Seat:
    """One place, from the answer to a request until its stream ends."""

    def __init__(self, owner: str, until: float) -> None:
        self.owner = owner
        self.until = until


class Seats:
    """The places of one web server. Views take them in threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._taken: set[Seat] = set()

    def take(self, owner: str) -> Seat | None:
        """A place for one more stream; None where `owner` has as many as anybody may, or all are taken."""
        now = time.monotonic()
        with self._lock:
            self._taken = {seat for seat in self._taken if seat.until > now}
            own = sum(seat.owner == owner for seat in self._taken)
            if own >= PER_OWNER or len(self._taken) >= IN_ALL:
                return None
            seat = Seat(owner, now + BEGINS_WITHIN)
            self._taken.add(seat)
            return seat

    def begin(self, seat: Seat) -> None:
        with self._lock:
            seat.until = math.inf
            self._taken.add(seat)

    def leave(self, seat: Seat) -> None:
        with self._lock:
            self._taken.discard(seat)


seats = Seats()
