"""Telling those who watch how a job stands."""

from __future__ import annotations

import logging
import time
from functools import partial

from django.db import DatabaseError, transaction

from core import live

from .listing import progress
from .models import Job

logger = logging.getLogger(__name__)

PROGRESS_EVERY = 1.0
"""Seconds between two events of one job's progress, whichever processes run its items."""

MOST_JOBS = 100
"""So many jobs' times are remembered."""

_next_progress: dict[int, float] = {}


def job_changed(job_id: int) -> None:
    """Tell, when the transaction has been committed, how a job stands."""
    transaction.on_commit(partial(_publish_job, job_id), robust=True)


def item_ended(job_id: int) -> None:
    """Tell how far a job is; at most once a second for each job, among all processes."""
    now = time.monotonic()
    if now < _next_progress.get(job_id, 0.0):
        return
    if len(_next_progress) >= MOST_JOBS:
        _next_progress.clear()
    _next_progress[job_id] = now + PROGRESS_EVERY
    if live.is_first(f"progress:{job_id}", PROGRESS_EVERY):
        _publish_job(job_id)


def _publish_job(job_id: int) -> None:
    try:
        job = Job.objects.filter(pk=job_id).first()
        counts = progress(job_id) if job else {}
    except DatabaseError as error:
        logger.info("the progress of job %s could not be read: %s", job_id, error)
        return
    if job:
        told = {"id": job.pk, "name": job.name, "state": job.state, "error": job.error}
        about = {"subject_kind": job.subject_kind, "subject_id": job.subject_id}
        live.publish("job", {**told, **about, "instance": job.connection_id, "progress": counts})
