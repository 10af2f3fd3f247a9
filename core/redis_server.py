"""Connections to Redis or Valkey, for what is asked of the server itself and not of Celery."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = 0.5
"""Seconds that Redis has for an answer that can be done without."""

REST = 10.0
"""Seconds without asking, after Redis did not answer."""

_rest_until = 0.0


def connect_redis(patience: float) -> Redis:
    """Return a client, not connected yet, whose calls raise `redis.RedisError` after `patience` seconds.

    Nothing is tried twice: whoever waits for an answer here can do without it.
    """
    return Redis.from_url(
        settings.REDIS_URL,
        socket_connect_timeout=patience,
        socket_timeout=patience,
        retry=Retry(NoBackoff(), 0),
    )


def ask(question: Callable[[Redis], T], otherwise: T) -> T:
    """What Redis answers; `otherwise` where it does not, and for a while after that without asking."""
    global _rest_until  # noqa: PLW0603  (one a process)
    if time.monotonic() < _rest_until:
        return otherwise
    try:
        return question(_server(os.getpid()))
    except RedisError as error:
        _rest_until = time.monotonic() + REST
        logger.info("Redis does not answer, and is left alone for %.0f seconds: %s", REST, error)
        return otherwise


@lru_cache(maxsize=2)
def _server(_pid: int) -> Redis:
    """The connection of this process; a forked child must not share its parent's."""
    return connect_redis(PATIENCE)
