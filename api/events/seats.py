"""How many streams of live events one person or key may have open at this web server."""

from __future__ import annotations

import math
import time
from threading import Lock

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
