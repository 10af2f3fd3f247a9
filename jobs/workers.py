"""Which workers are there: asked of the workers themselves, through the message broker."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import Any

from celery import current_app
from django.utils.translation import gettext_lazy
from kombu.exceptions import OperationalError as BrokerError

logger = logging.getLogger(__name__)

WAIT = 2.0
"""Seconds a worker has for its answer; it answers while its tasks run, within milliseconds."""

START = "start Taggarr with script/up (with Docker: docker compose up -d)"
START_WORKERS = gettext_lazy("Start Taggarr with script/up (with Docker: docker compose up -d).")


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
