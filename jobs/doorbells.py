"""Doorbells: the Celery messages that tell a worker of an item that is due.

A message carries an item's id and nothing that may not be lost. `published_at` is set before the message is
sent; where sending fails it is taken back, and the tick rings later.

No more than `JOB_WINDOW` messages lie in a queue, enough to wake all workers: a message costs more than most
items do. Whoever answers one goes on with items that nobody has rung for, and then rings for the next
(`top_up`); the tick does the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerError

from core import sql

from .claims import UNRUNG, WAITING
from .handlers import task_name
from .models import ItemState, JobItem

logger = logging.getLogger(__name__)

_muted: ContextVar[bool] = ContextVar("doorbells_muted", default=False)

# `SKIP LOCKED`: several processes may do this at once, each takes rows of its own. In a subquery of the join,
# PostgreSQL may look for due rows once for each row it meets, and pass the limit.
_MARK = """
    WITH due AS MATERIALIZED (
        SELECT item.id, item.job_id FROM jobs_jobitem AS item
        WHERE {which}
        LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs_jobitem AS rung SET published_at = statement_timestamp()
    FROM due JOIN jobs_job AS job ON job.id = due.job_id
    WHERE rung.id = due.id
    RETURNING rung.id, job.name, rung.step
"""
_MARK_UNRUNG = _MARK.format(which=UNRUNG)
_MARK_OLD = _MARK.format(
    # One rung for in the future was rung for before the clock was set back.
    which=f"{WAITING} AND item.published_at NOT BETWEEN statement_timestamp() - %(old)s * interval '1 second'"
    " AND statement_timestamp() + %(old)s * interval '1 second' ORDER BY item.published_at"
)
_COUNT_RUNG = f"""
    SELECT count(*) FROM jobs_jobitem AS item WHERE {WAITING} AND item.published_at IS NOT NULL
"""  # noqa: S608  (constants of this module)


@dataclass(frozen=True)
class Doorbell:
    """One message: the task that runs the item, and the queue it goes to."""

    item_id: int
    task: str
    queue: str


@contextmanager
def muted() -> Iterator[None]:
    """Ring nothing within: the items are run by this process itself (or rung by a tick, if there is one)."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)


def is_muted() -> bool:
    """Whether the items are run by this process itself."""
    return _muted.get()


def ring(item_id: int, job_name: str, step: str, queue: str) -> None:
    """Ring for one item when the transaction has been committed; its `published_at` is set already."""
    ring_all([Doorbell(item_id, task_name(job_name, step), queue)])


def ring_all(bells: Sequence[Doorbell]) -> None:
    """Ring for items when the transaction has been committed; their `published_at` is set already."""

    def publish() -> None:
        _publish(bells)

    transaction.on_commit(publish, robust=True)


def top_up(queue: str) -> int:
    """Ring for the next due items that nobody has rung for, while the queue has room; return how many."""
    length = None if _muted.get() else queue_length(queue)
    if length is None or length >= settings.JOB_WINDOW:
        return 0
    return _publish(_mark(_MARK_UNRUNG, queue, settings.JOB_WINDOW - length))


def ring_again(queue: str) -> int:
    """Ring again for items whose message seems lost; return how many.

    There is nothing to do while the queue is as long as the number of items that wait in it; else the oldest
    are rung for again, as many as are missing. One message too many does no harm.
    """
    wanted = 0 if _muted.get() else min(sql.fetch(_COUNT_RUNG, {"queue": queue})[0][0], settings.JOB_WINDOW)
    length = queue_length(queue) if wanted else None
    if length is None or length >= wanted:
        return 0
    return _publish(_mark(_MARK_OLD, queue, wanted - length))


def queue_length(queue: str) -> int | None:
    """How many messages wait in a queue of the broker; None where the broker is away, which is logged."""
    with current_app.connection_or_acquire() as broker:
        try:
            # Not the channel's own client: on that one lies, where this process has asked the workers which
            # queues they serve, a question that Redis has still to answer.
            with broker.default_channel.conn_or_acquire() as client:
                return int(client.llen(queue))
        except (BrokerError, *broker.connection_errors, *broker.channel_errors) as error:
            logger.warning("the message broker is away: %s", error)
            return None


def _mark(statement: str, queue: str, limit: int) -> list[Doorbell]:
    given = {"queue": queue, "limit": limit, "old": settings.JOB_RING_AGAIN_AFTER}
    rows = sql.fetch(statement, given)
    return [Doorbell(item_id, task_name(name, step), queue) for item_id, name, step in sorted(rows)]


def _publish(bells: Sequence[Doorbell]) -> int:
    """Send the messages, all through one producer; return how many were sent."""
    if not bells:
        return 0
    sent = 0
    try:
        for bell in () if _muted.get() else bells:
            _send(bell)
            sent += 1
    except BrokerError as error:
        logger.warning("the message broker is away, %s items wait for the next tick: %s", len(bells), error)
    finally:
        if unrung := [bell.item_id for bell in bells[sent:]]:
            JobItem.objects.filter(pk__in=unrung, state=ItemState.PENDING).update(published_at=None)
    return sent


def _send(bell: Doorbell) -> None:
    current_app.send_task(bell.task, args=(bell.item_id,), queue=bell.queue, ignore_result=True)
