"""Running one item: claim it, let its handler work, and write down how it ended."""

from __future__ import annotations

import logging
import mmap
import time
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import worker_init, worker_shutting_down
from django.db import connection, transaction

from connections import breaker
from core import logs
from core.errors import ApiTransientError, Later, StorageError, TaggarrError
from core.sql import DATABASE_AWAY
from core.words import Phrase

from . import claims, doorbells, endings, listing
from .claims import Trouble
from .handlers import FINISH, PLAN, Cancelled, ClaimLost, Outcome, Plan, Stopping, get
from .models import ItemState, JobItem, JobState, Queue

logger = logging.getLogger(__name__)

TRANSIENT = (ApiTransientError, StorageError, *DATABASE_AWAY)
# Seconds between two looks of `ItemRun.check` at the database.
CHECK_EVERY = 1.0
# Seconds that a worker waits for a database that is away, to write down how an attempt was interrupted, and
# between two tries. After that the lease runs out.
PATIENCE = 60.0
AGAIN_EVERY = 1.0
# Seconds after which who answers a message takes no further item: then the next message of the queue has its
# turn, which may be of another job.
GO_ON_FOR = 0.5
# Seconds that it waits itself until calls may be made again. Until the tick rings, ten seconds may pass: at a
# service that takes five calls a second nine of ten would never be made.
NAP = 0.5


# Whether this worker was told to stop (SIGTERM, a warm shutdown). Only its main process hears of it; those
# that run its tasks, forked from it, share this one byte with it.
_told_to_stop = mmap.mmap(-1, 1)


@worker_init.connect
def begin(sender: Any, **_: Any) -> None:
    """Take a byte of its own: workers are forks of one process, and would share the byte of that.

    What a worker of this name held when it died is put back by the next tick, and not when its lease ends.
    """
    global _told_to_stop  # noqa: PLW0603
    _told_to_stop = mmap.mmap(-1, 1)
    claims.work_as(sender.hostname)
    try:
        claims.let_go()
    except DATABASE_AWAY as error:
        logger.warning("what this worker held before waits until its leases end: %s", error)
    finally:
        connection.close()  # which no fork may use


@worker_shutting_down.connect
def tell_to_stop(**_: Any) -> None:
    """Let items that take long be put back before the grace period ends."""
    _told_to_stop[0] = 1


def is_told_to_stop() -> bool:
    return _told_to_stop[0] == 1


class ItemRun:
    """One attempt at one item: what a handler gets to work with. `job` is its job as the claim found it."""

    def __init__(self, item: JobItem) -> None:
        self.item = item
        self.attempt = item.attempts
        self.job = item.job
        self.progressed = False
        self.waits = 0.0
        self._started = self._looked = self._renewed = time.monotonic()

    def __str__(self) -> str:
        return f"{self.job.name} #{self.item.job_id}, {self.item.key}"

    @property
    def claimed_at(self) -> datetime:
        """When the item was claimed, by the database's clock."""
        assert self.item.lease_until is not None  # noqa: S101  (a claim sets it)
        return self.item.lease_until - claims.lease()

    @property
    def took_ms(self) -> int:
        return int((time.monotonic() - self._started) * 1000)

    def check(self) -> None:
        """Look whether to go on; call it between the parts of the work, as often as you like.

        Raises Cancelled where the job is no longer live, ClaimLost where another holds the item, Stopping
        where this worker was told to stop. It looks once a second at most, and renews the lease when a third
        of it is gone.
        """
        now = time.monotonic()
        if now - self._looked < CHECK_EVERY:
            return
        if is_told_to_stop():
            raise Stopping
        claims.look(self.item)
        self._looked = now
        if now - self._renewed > claims.lease().total_seconds() / 3:
            self.hold()

    def hold(self, seconds: float = 0.0) -> None:
        """Renew the lease; call it before one step that may take long, with the seconds it may take at most.

        Raises ClaimLost where another holds the item.
        """
        claims.renew(self.item, seconds)
        self._renewed = time.monotonic()

    def checkpoint(self, save: Callable[[], object]) -> None:
        """Write what is done so far: `save` and a renewed lease in one transaction, rolled back on ClaimLost.

        From then on the time limit of a task costs the item no attempt: it goes on where it was.
        """
        with transaction.atomic():
            save()
            self.hold()
        self.progressed = True
        # An item that lasts long is followed too.
        listing.item_ended(self.item.job_id)


def run_item(item_id: int) -> bool:
    """Run one item if it can be claimed; return whether it was. Never raises for what the handler does."""
    item = _claim_one(item_id)
    if item is None:
        return False
    _run(item)
    _close(item)
    return True


def answer(item_id: int) -> None:
    """Run the item that a message rang for, then others of its queue that nobody has rung for.

    After `GO_ON_FOR` seconds it rings for the next ones instead. Where calls have to wait for their turn it
    waits too; where that takes longer than `NAP` nothing follows: the next items would be put back as well.
    """
    end = time.monotonic() + GO_ON_FOR
    item = _claim_one(item_id)
    while item is not None:
        run = _run(item)
        is_soon = run.waits <= NAP
        if is_soon:
            time.sleep(run.waits)
        goes_on = is_soon and time.monotonic() < end and not is_told_to_stop()
        following = _claim(partial(claims.claim_next, item.queue)) if goes_on else None
        # While this process holds another item of the job, that is not done.
        if following is None or following.job_id != item.job_id:
            _close(item, may_finish=following is None)
        if is_soon and not goes_on:
            _leave_to_others(item.queue)
        item = following


def _claim_one(item_id: int) -> JobItem | None:
    if not isinstance(item_id, int) or not 0 < item_id < 2**63:
        logger.warning("refused a message that does not hold the id of an item")
        return None
    return _claim(partial(claims.claim, item_id))


def _claim(claim: Callable[[], JobItem | None]) -> JobItem | None:
    """Claim an item, on a new connection where the old one broke; None also where the database is away."""
    try:
        try:
            item = claim()
        except DATABASE_AWAY:
            _drop_connection()
            item = claim()
    except DATABASE_AWAY as error:
        logger.warning("no item was claimed, the tick will ring again: %s", error)
        return None
    # The connection has just answered: Django need not ask whether it still does.
    connection.health_check_done = True  # type: ignore[attr-defined]
    return item


def _run(item: JobItem) -> ItemRun:
    run = ItemRun(item)
    try:
        with logs.bound(job=item.job_id, job_name=item.job.name, item=item.pk):
            _attempt(run)
    except DATABASE_AWAY as error:
        logger.warning("%s goes on when its lease has run out: %s", run, error)
    listing.item_ended(item.job_id)
    return run


def _close(item: JobItem, *, may_finish: bool = True) -> None:
    """Start the finish of the item's job where this was its last one.

    Where somebody waits for the job that is done here: a message would lie behind all others of the queue.
    """
    try:
        if may_finish and item.queue == item.job.queue == Queue.INTERACTIVE:
            finish = claims.close(item.job)
            if finish is not None:
                run_item(finish)
        else:
            endings.close(item.job)
    except DATABASE_AWAY as error:
        logger.warning("the tick closes %s if that was its last item: %s", item.job, error)


def _leave_to_others(queue: str) -> None:
    try:
        doorbells.top_up(queue)
    except DATABASE_AWAY as error:
        logger.warning("the tick rings for what waits in %s: %s", queue, error)


def _drop_connection() -> None:
    if not connection.in_atomic_block:
        connection.close()


def _attempt(run: ItemRun) -> None:
    try:
        _succeed(run)
    except Exception as error:  # noqa: BLE001  (the outermost boundary of a handler)
        if connection.errors_occurred or isinstance(error, SoftTimeLimitExceeded):
            _drop_connection()  # it may be broken, or in the middle of a statement
        _write_down(run, error)
    except BaseException:  # the process is told to stop: that costs no attempt
        _give_back(run)
        raise


def _succeed(run: ItemRun) -> None:
    handler = get(run.job.name)
    if run.item.step == PLAN:
        _end_plan(run, handler.plan(run))
    elif run.item.step == FINISH:
        _end_finish(run, handler.finish(run))
    else:
        _end_work(run, handler.work(run))


def _end_plan(run: ItemRun, plan: Plan) -> None:
    with transaction.atomic():
        if plan.save:
            plan.save()
        job = claims.lock_live_job(run.item)
        if job is None:
            raise Cancelled
        job.summary = plan.summary
        job.save(update_fields=["summary"])
        claims.insert(job, plan.items, rung=False)
        claims.end(run.item, ItemState.DONE, took_ms=run.took_ms)
    for queue in sorted({item.queue or job.queue for item in plan.items}):
        doorbells.top_up(queue)
    listing.job_changed(run.item.job_id)


def _end_work(run: ItemRun, outcome: Outcome) -> None:
    with transaction.atomic() if outcome.save else nullcontext():
        if outcome.save:
            outcome.save()
        ended = claims.end(run.item, outcome.state, took_ms=run.took_ms, result=outcome.result)
    if not ended:
        doorbells.ring(run.item.pk, run.job.name, run.item.step, run.item.queue)


def _end_finish(run: ItemRun, outcome: Outcome) -> None:
    with transaction.atomic():
        if outcome.save:
            outcome.save()
        job = claims.lock_live_job(run.item)
        claims.end(run.item, outcome.state, took_ms=run.took_ms, result=outcome.result)
        if job:
            summary = {**job.summary, **outcome.result, "items": listing.progress(job.pk)}
            claims.end_job(run.item, JobState.COMPLETED, summary=summary)


def _write_down(run: ItemRun, error: Exception) -> None:
    """Write down why an attempt did not succeed, as soon as the database is there.

    Nothing is done for the item meanwhile, and every change of it names the claim of this attempt: where
    another has taken the item over by then, nothing is written. Raises what Django raises where the database
    stays away, or this worker is told to stop.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            _interrupted(run, error)
        except DATABASE_AWAY as away:
            if time.monotonic() > end or is_told_to_stop():
                raise
            logger.warning("%s is put back when the database is there again: %s", run, away)
            _wait_for_database(away)
        else:
            return


def _wait_for_database(away: Exception) -> None:
    _drop_connection()
    try:
        time.sleep(AGAIN_EVERY)
    except SoftTimeLimitExceeded:
        raise away from None


def _interrupted(run: ItemRun, error: Exception) -> None:
    """Write down why an attempt did not succeed; raises only where the database cannot be reached."""
    try:
        match error:
            case ClaimLost():
                logger.info("%s: another worker has it", run)
            case Cancelled():
                claims.cancel(run.item, run.took_ms)
            case Stopping():
                _give_back(run)
            case SoftTimeLimitExceeded():
                _out_of_time(run)
            case Later():
                run.waits = error.seconds
                _give_back(run, Trouble("Later", error.phrase), delay=error.seconds)
            case _ if isinstance(error, TRANSIENT):
                _retry(run, error)
            case TaggarrError():
                _fail(run, Trouble(type(error).__name__, error.phrase))
            case _:
                logger.error("%s: unexpected error", run, exc_info=error)
                kind = type(error).__name__
                _fail(run, Trouble(kind, Phrase("item.unexpected", kind=kind)))
    except ClaimLost:
        logger.info("%s: another worker has it", run)


def _out_of_time(run: ItemRun) -> None:
    trouble = Trouble("SoftTimeLimitExceeded", "item.time-limit")
    if run.progressed:
        _give_back(run, trouble)
    else:
        _try_again(run, trouble)


def _retry(run: ItemRun, error: Exception) -> None:
    away = isinstance(error, DATABASE_AWAY)
    text = "item.database-away" if away else getattr(error, "phrase", str(error))
    trouble = Trouble(type(error).__name__, text)
    if _is_outage(run, error):
        _give_back(run, trouble)
    else:
        _try_again(run, trouble, getattr(error, "retry_after", None))


def _is_outage(run: ItemRun, error: Exception) -> bool:
    """Whether the job's connection is away: its breaker lets nobody try before it is back."""
    return (
        isinstance(error, ApiTransientError)
        and error.counts_for_breaker
        and run.job.connection_id is not None
        and breaker.is_open(run.job.connection_id)
    )


def _try_again(run: ItemRun, trouble: Trouble, retry_after: float | None = None) -> None:
    endings.try_again(run.item, trouble, took_ms=run.took_ms, retry_after=retry_after)


def _give_back(run: ItemRun, trouble: Trouble | None = None, *, delay: float = 0.0) -> None:
    """Put an item back as if this attempt had not been."""
    endings.put_back(run.item, attempts=run.attempt - 1, took_ms=run.took_ms, delay=delay, trouble=trouble)


def _fail(run: ItemRun, trouble: Trouble) -> None:
    endings.fail(run.item, trouble, took_ms=run.took_ms)
