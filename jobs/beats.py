"""Which schedulers (beat) run: each leaves a sign in Redis that fades when it does no more rounds."""

from __future__ import annotations

import logging
import os
import socket

from redis.exceptions import RedisError

from core.redis_server import connect_redis

logger = logging.getLogger(__name__)

SIGN = "taggarr:beat:"

FADES_AFTER = 12
"""Seconds; beat does a round every five at least."""

PATIENCE = 1.0


def leave_sign() -> None:
    """Show that this process schedules. Never raises: without Redis nothing is scheduled anyway."""
    try:
        with connect_redis(PATIENCE) as server:
            server.set(_own_sign(), "", ex=FADES_AFTER)
    except RedisError as error:
        logger.debug("no sign could be left in Redis: %s", error)


def remove_sign() -> None:
    try:
        with connect_redis(PATIENCE) as server:
            server.delete(_own_sign())
    except RedisError as error:
        logger.debug("the sign could not be removed from Redis: %s", error)


def running() -> list[str]:
    """Return host and process of each scheduler that runs, or ended moments ago; none while Redis is away."""
    try:
        with connect_redis(PATIENCE) as server:
            return sorted(key.decode().removeprefix(SIGN) for key in server.scan_iter(match=f"{SIGN}*"))
    except RedisError as error:
        logger.debug("no sign could be read from Redis: %s", error)
        return []


def _own_sign() -> str:
    return f"{SIGN}{socket.gethostname()} ({os.getpid()})"
