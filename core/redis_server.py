"""Connections to Redis or Valkey, for what is asked of the server itself and not of Celery."""

from __future__ import annotations

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry


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
