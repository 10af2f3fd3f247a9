"""Limits of the web server that turned somebody away: noted in Redis for health, where they fade."""

from __future__ import annotations

import logging
import threading
import time
from functools import partial
from typing import Any, Literal, get_args

from redis import Redis

from core import redis_server

logger = logging.getLogger(__name__)

Limit = Literal["connections", "address", "slow", "requests", "streams"]

SIGN = "taggarr:refused:"
FADES_AFTER = 900

NOTED_EVERY = 10.0
"""Seconds: a flood costs no more than that."""

_noted: dict[Limit, float] = {}


def note(limit: Limit, most: int, who: str) -> None:
    """Remember that somebody reached a limit of `most`. Returns at once and never raises."""
    now = time.monotonic()
    if now - _noted.get(limit, -NOTED_EVERY) < NOTED_EVERY:
        return
    _noted[limit], told = now, f"{most} {who}"
    logger.warning("a limit of the web server was reached: %s (%d), by %s", limit, most, who)
    write = partial(redis_server.ask, lambda server: server.set(SIGN + limit, told, ex=FADES_AFTER), None)
    threading.Thread(target=write, daemon=True).start()


def recent() -> dict[Limit, tuple[int, str]]:
    """The limits that were reached of late, and who did last; none while Redis is away."""
    limits = get_args(Limit)

    def values_of(server: Redis) -> Any:
        return server.mget([SIGN + limit for limit in limits])

    nothing: list[bytes | None] = [None] * len(limits)
    values = redis_server.ask(values_of, nothing)
    found = {
        limit: value.decode().split(" ", 1) for limit, value in zip(limits, values, strict=True) if value
    }
    return {limit: (int(most), who) for limit, (most, who) in found.items()}
