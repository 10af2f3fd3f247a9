"""Limits of the web server that turned somebody away: noted in Redis for health, where they fade."""

from __future__ import annotations

import logging
import threading
import time
from typing import Literal, get_args

from redis.exceptions import RedisError

from core.redis_server import connect_redis

logger = logging.getLogger(__name__)

Limit = Literal["connections", "address", "slow", "requests", "streams"]

SIGN = "taggarr:refused:"
FADES_AFTER = 900
PATIENCE = 1.0

NOTED_EVERY = 10.0
"""Seconds: a flood costs no more than that."""

_noted: dict[Limit, float] = {}


def note(limit: Limit, most: int, who: str) -> None:
    """Remember that somebody reached a limit of `most`. Returns at once and never raises."""
    now = time.monotonic()
    if now - _noted.get(limit, -NOTED_EVERY) < NOTED_EVERY:
        return
    _noted[limit] = now
    logger.warning("a limit of the web server was reached: %s (%d), by %s", limit, most, who)
    threading.Thread(target=_write, args=(limit, f"{most} {who}"), daemon=True).start()


def recent() -> dict[Limit, tuple[int, str]]:
    """The limits that were reached of late, and who did last; none while Redis is away."""
    limits = get_args(Limit)
    try:
        with connect_redis(PATIENCE) as server:
            values = server.mget([SIGN + limit for limit in limits])
    except RedisError as error:
        logger.debug("the reached limits could not be read from Redis: %s", error)
        return {}
    found = {
        limit: value.decode().split(" ", 1) for limit, value in zip(limits, values, strict=True) if value
    }
    return {limit: (int(most), who) for limit, (most, who) in found.items()}


def _write(limit: Limit, told: str) -> None:
    try:
        with connect_redis(PATIENCE) as server:
            server.set(SIGN + limit, told, ex=FADES_AFTER)
    except RedisError as error:
        logger.debug("a reached limit could not be noted in Redis: %s", error)
