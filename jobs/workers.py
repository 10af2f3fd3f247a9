"""Which programs are there for the jobs: workers, and the schedulers (beat) that ring for them.

Workers are asked, through the message broker; a scheduler leaves a sign in Redis that fades when it does no
more rounds.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Collection
from typing import Any

from celery import current_app
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core.redis_server import connect_redis

logger = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds a worker has for its answer; it answers while its tasks run, within milliseconds."""

START = "start Taggarr with script/up (with Docker: docker compose up -d)"
START_WORKERS = gettext_lazy("Start Taggarr with script/up (with Docker: docker compose up -d).")


SIGN = "taggarr:beat:"

FADES_AFTER = 12
"""Seconds; beat does a round every five at least."""

PATIENCE = 1.0


class _EnoughError(Exception):
    """Ends the wait for more answers."""


def served_queues(enough: Collection[str] = (), *, wait: float = WAIT) -> frozenset[str] | None:
    """Return the queues that some worker takes messages from now; None where the broker is away.

    It returns as soon as all queues of `enough` are known to be served, and without them when no worker has
    answered for `wait` seconds.
    """
    served: set[str] = set()

    def hear(answer: dict[str, Any]) -> None:
        for queues in answer.values():
            served.update(queue["name"] for queue in queues if isinstance(queue, dict))
        if enough and served.issuperset(enough):
            raise _EnoughError

    broker = current_app.connection_for_write()
    away: tuple[type[BaseException], ...] = (BrokerError, *broker.connection_errors, *broker.channel_errors)
    try:
        current_app.control.broadcast("active_queues", reply=True, timeout=wait, callback=hear)
    except _EnoughError:
        pass
    except away as error:
        logger.debug("the message broker is away: %s", error)
        return None
    return frozenset(served)


def why_not_served(queue: str, *, wait: float = WAIT) -> str:
    """Return why nobody works on a queue, and what to do, in one sentence; empty where a worker does."""
    served = served_queues([queue], wait=wait)
    if served is None:
        return f"The message broker (Redis) does not answer: check REDIS_URL, or {START}."
    if not served:
        return f"No worker is running: {START}."
    if queue not in served:
        return f"No worker takes the queue “{queue}”: {START}, or start a worker with --queues={queue}."
    return ""


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


def running_schedulers() -> list[str]:
    """Return host and process of each scheduler that runs, or ended moments ago; none while Redis is away."""
    try:
        with connect_redis(PATIENCE) as server:
            return sorted(key.decode().removeprefix(SIGN) for key in server.scan_iter(match=f"{SIGN}*"))
    except RedisError as error:
        logger.debug("no sign could be read from Redis: %s", error)
        return []


def _own_sign() -> str:
    return f"{SIGN}{socket.gethostname()} ({os.getpid()})"
