"""Inserting the items of a job, thousands at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection

from .handlers import NewItem
from .models import Job

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
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        made = dict(cursor.fetchall())
    return [made[item.key] for item in items]
