"""The rows of the queue: new items, who may work on one, and how it ends.

Every change of an item that somebody works on names the item's claim, so that a worker whose lease ran out
changes nothing. The clock is the database's. Locks are taken in one order: the subject's row, Job, JobItem.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest, Now

from core import sql
from core.fields import stored

from . import listing
from .handlers import FINISH, PLAN, Cancelled, ClaimLost, NewItem
from .models import LIVE_JOB, ItemState, Job, JobItem, JobState

# An item may be worked on when it is due, while its job is live and the job's connection can be talked to. A
# finish does not wait for a key that is refused: it tells what became of the rest, or fails for that reason.
JOBS = "jobs_job AS job LEFT JOIN connections_connection AS connection ON connection.id = job.connection_id"
OPEN = """
    job.state IN ('queued', 'running', 'finishing')
    AND (connection.id IS NULL OR (connection.enabled AND (
        connection.breaker = 'closed' OR (connection.breaker = 'refused' AND job.state = 'finishing'))))
"""
DUE = "item.state = 'pending' AND item.due_at <= statement_timestamp()"
# The jobs are found first, as an array: so the items are read in the order of their index, and no more than
# are needed.
WAITING = f"""
    item.queue = %(queue)s AND {DUE} AND item.job_id = ANY (ARRAY(SELECT job.id FROM {JOBS} WHERE {OPEN}))
"""  # noqa: S608  (constants of this module)
UNRUNG = f"{WAITING} AND item.published_at IS NULL ORDER BY item.due_at, item.id"

# A claim that is lost with the database's machine is made again: nobody could end the item by it.
_CLAIM = f"""
    UPDATE jobs_jobitem AS item
    SET state = 'claimed', attempts = item.attempts + 1, claim = %(claim)s,
        lease_until = statement_timestamp() + %(lease)s, waits_since = statement_timestamp()
    FROM {JOBS}
    WHERE item.id = {{which}} AND {DUE} AND job.id = item.job_id AND {OPEN}
    RETURNING {sql.columns(JobItem, "item")}, {sql.columns(Job, "job")}, {sql.NO_DISK}
"""  # noqa: S608  (constants of this module)
_CLAIM_ONE = _CLAIM.format(which="%(item)s")
# `SKIP LOCKED`: several processes may do this at once, each takes an item of its own.
_CLAIM_NEXT = _CLAIM.format(
    which=f"(SELECT item.id FROM jobs_jobitem AS item WHERE {UNRUNG} LIMIT 1 FOR UPDATE SKIP LOCKED)"  # noqa: S608
)

_END = """
    UPDATE jobs_jobitem
    SET state = %s, claim = NULL, lease_until = NULL, finished_at = statement_timestamp(),
        took_ms = %s, result = %s, error_kind = %s, error = %s
    WHERE id = %s AND claim = %s AND state = 'claimed' AND NOT again
"""

# `finish` is made by whoever moved the job, in the same statement: there is no moment between the two. The
# last live item is looked for from the end, where the rows are that have not been touched yet.
_CLOSE = """
    WITH closing AS (
        UPDATE jobs_job SET state = 'finishing'
        WHERE id = %(job)s AND state = 'running' AND (
            SELECT id FROM jobs_jobitem
            WHERE job_id = %(job)s AND state IN ('pending', 'claimed') ORDER BY id DESC LIMIT 1
        ) IS NULL
        RETURNING id, queue
    )
    INSERT INTO jobs_jobitem AS item
        (job_id, step, key, queue, params, state, attempts, again, error_kind, error, result, published_at)
    SELECT id, 'finish', 'finish', queue, '{}', 'pending', 0, false, '', '', '{}', statement_timestamp()
    FROM closing
    ON CONFLICT (job_id, key) DO UPDATE
        SET state = 'pending', attempts = 0, due_at = statement_timestamp(), finished_at = NULL,
            published_at = statement_timestamp(), error_kind = '', error = ''
    RETURNING item.id
"""


# One statement whatever the number of items: the columns travel as arrays.
_INSERT = """
    INSERT INTO jobs_jobitem (job_id, step, key, queue, subject_kind, subject_id, params, state, attempts,
                              due_at, published_at, again, error_kind, error, result)
    SELECT %(job)s, step, key, queue, coalesce(subject_kind, ''), subject_id, params::jsonb, 'pending', 0,
           statement_timestamp() + due_in * interval '1 second',
           CASE WHEN %(rung)s AND due_in <= 0 THEN statement_timestamp() END, false, '', '', '{}'
    FROM unnest(%(steps)s::text[], %(keys)s::text[], %(queues)s::text[], %(kinds)s::text[],
                %(subjects)s::bigint[], %(params)s::text[], %(due_in)s::float8[])
         WITH ORDINALITY AS new (step, key, queue, subject_kind, subject_id, params, due_in, nth)
    ORDER BY nth
    RETURNING key, id
"""


@dataclass(frozen=True)
class Trouble:
    """Why an item failed or waits: `kind` is the error's class, `text` a phrase, or its code."""

    kind: str
    text: str


_NODE = 6
"""Bytes at the end of a claim that say whose it is: of a UUID they are a group of their own."""

_node = secrets.token_bytes(_NODE)


def work_as(worker: str) -> None:
    """Have this process, and forks of it, claim in the name of a worker, which no other has meanwhile."""
    global _node  # noqa: PLW0603
    _node = blake2b(worker.encode(), digest_size=_NODE).digest()


def let_go() -> int:
    """End the leases of what this worker claimed before it died; return of how many items.

    Call it before the worker claims anything: it is only known by its name.
    """
    ours = JobItem.objects.filter(state=ItemState.CLAIMED, claim__endswith=_node.hex())
    return ours.update(lease_until=Now())


def _new_claim() -> uuid.UUID:
    return uuid.UUID(bytes=secrets.token_bytes(16 - _NODE) + _node, version=4)


def lease() -> timedelta:
    """How long a claim holds without being renewed."""
    return timedelta(seconds=settings.JOB_LEASE)


def insert(job: Job, items: Sequence[NewItem], *, rung: bool) -> list[int]:
    """Insert items and return their ids, in order. `rung` says that the caller rings for those due now.

    Raises IntegrityError where two keys are the same.
    """
    if not items:
        return []
    columns: dict[str, Any] = {
        "job": job.pk,
        "rung": rung,
        "steps": [item.step for item in items],
        "keys": [item.key for item in items],
        "queues": [str(item.queue or job.queue) for item in items],
        "kinds": [item.subject.kind if item.subject else None for item in items],
        "subjects": [item.subject.id if item.subject else None for item in items],
        "params": [json.dumps(item.params) for item in items],
        "due_in": [float(item.due_in) for item in items],
    }
    made = dict(sql.fetch(_INSERT, columns))
    return [made[item.key] for item in items]


def claim(item_id: int) -> JobItem | None:
    """Take a due item of a live job, one more attempt; None where it is not to be had (any more).

    It comes with its job as that was before: the first claim of a job's items sets it running.
    """
    return _claim(_CLAIM_ONE, {"item": item_id})


def claim_next(queue: str) -> JobItem | None:
    """Take, as `claim`, the item of a queue that is due first of those that nobody has rung for."""
    return _claim(_CLAIM_NEXT, {"queue": queue})


def _claim(statement: str, which: dict[str, Any]) -> JobItem | None:
    rows = sql.fetch(statement, {**which, "claim": _new_claim(), "lease": lease()})
    if not rows:
        return None
    width = len(JobItem._meta.concrete_fields)
    item, job = sql.build(JobItem, rows[0][:width]), sql.build(Job, rows[0][width:-1])
    item.job = job
    if job.state == JobState.QUEUED:
        Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(state=JobState.RUNNING, started_at=Now())
        listing.job_changed(job.pk)
    return item


def _held(item: JobItem) -> QuerySet[JobItem]:
    return JobItem.objects.filter(pk=item.pk, claim=item.claim, state=ItemState.CLAIMED)


def renew(item: JobItem, seconds: float = 0.0) -> None:
    """Hold the item for the length of a lease from now, or for `seconds` if that is longer; never for less.

    Raises ClaimLost where the item is held by nobody or another.
    """
    until = Now() + max(lease(), timedelta(seconds=seconds))
    if not _held(item).update(lease_until=Greatest(F("lease_until"), until), waits_since=Now()):
        raise ClaimLost


def take_over(item: JobItem) -> bool:
    """Take the claim of a worker whose lease has run out; False where it was renewed, or the item ended."""
    claim = _new_claim()
    expired = _held(item).filter(lease_until__lt=Now())
    taken = expired.update(claim=claim, lease_until=Now() + lease(), waits_since=Now())
    if taken:
        item.claim = claim
    return bool(taken)


def look(item: JobItem) -> None:
    """Raise Cancelled where the job is no longer live, ClaimLost where the item is no longer held."""
    row = JobItem.objects.filter(pk=item.pk).values_list("job__state", "state", "claim").first()
    if row is None or row[1:] != (ItemState.CLAIMED, item.claim):
        raise ClaimLost
    if row[0] not in LIVE_JOB:
        raise Cancelled


def lock_live_job(item: JobItem) -> Job | None:
    """Lock and return the item's job, so that nobody cancels it meanwhile; None where it has ended."""
    return Job.objects.select_for_update(no_key=True).filter(pk=item.job_id, state__in=LIVE_JOB).first()


def end(
    item: JobItem,
    state: ItemState,
    *,
    took_ms: int,
    result: dict[str, Any] | None = None,
    trouble: Trouble | None = None,
) -> bool:
    """End an item that is held.

    Returns False where it was asked for again meanwhile: then it is pending once more, and the caller rings
    its doorbell. Raises ClaimLost where it is not held any more.
    """
    kind, text = _texts(trouble)
    ending = (state, took_ms, json.dumps(result or {}), kind, stored(text), item.pk, item.claim)
    if sql.change(_END, ending):
        return True
    with transaction.atomic():
        if lock_live_job(item):
            put_back(item, attempts=0, trouble=trouble, rung=True)
            return False
        # Nobody is to do it again: its job has ended.
        _held(item).update(again=False)
        if not sql.change(_END, ending):
            raise ClaimLost
    return True


def cancel(item: JobItem, took_ms: int) -> None:
    """End an item whose job was cancelled; raises ClaimLost where it is not held any more."""
    ended = _held(item).update(
        state=ItemState.CANCELLED,
        claim=None,
        lease_until=None,
        again=False,
        finished_at=Now(),
        took_ms=took_ms,
    )
    if not ended:
        raise ClaimLost


def put_back(
    item: JobItem,
    *,
    attempts: int,
    delay: float = 0.0,
    trouble: Trouble | None = None,
    rung: bool = False,
) -> None:
    """Make an item that is held pending again, due in `delay` seconds; the caller has locked its live job.

    `rung` says that the caller rings its doorbell at once. Raises ClaimLost where it is not held any more.
    """
    kind, text = _texts(trouble)
    put = _held(item).update(
        state=ItemState.PENDING,
        claim=None,
        lease_until=None,
        again=False,
        attempts=attempts,
        due_at=Now() + timedelta(seconds=delay),
        waits_since=Now(),
        published_at=Now() if rung else None,
        error_kind=kind,
        error=text,
    )
    if not put:
        raise ClaimLost


def _texts(trouble: Trouble | None) -> tuple[str, str]:
    return (trouble.kind, trouble.text) if trouble else ("", "")


def close(job: Job) -> int | None:
    """Move a running job that has no live item to `finishing`.

    Returns the id of the `finish` item then made, which the caller rings for or runs; None where nothing was
    to be done.
    """
    rows = sql.fetch(_CLOSE, {"job": job.pk})
    return rows[0][0] if rows else None


def end_job(
    item: JobItem, state: JobState, *, error: str = "", summary: dict[str, Any] | None = None
) -> None:
    """End the job together with its `plan` or `finish`; a job that moved on meanwhile stays as it is."""
    before = {PLAN: (JobState.QUEUED, JobState.RUNNING), FINISH: (JobState.FINISHING,)}[item.step]
    changes: dict[str, Any] = {"state": state, "finished_at": Now(), "error": error}
    if summary is not None:
        changes["summary"] = summary
    if Job.objects.filter(pk=item.job_id, state__in=before).update(**changes):
        listing.job_changed(item.job_id)
