"""The job that deletes what is old: jobs, history, messages, sessions, logs. Nothing grows for ever."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import Model, QuerySet
from django.db.models.functions import Now

from core.features import Cleaning, brought
from history.models import AuditEntry, Event
from jobs import schedules
from jobs.handlers import OneStep
from jobs.models import LIVE_JOB, ItemState, Job, JobItem, Queue
from jobs.runner import ItemRun

from .backup.job import numbers_of

CHUNK = 2000
DEFAULTS = {"items": 7, "jobs": 30, "history": 365, "logs": 30}
"""Days: the items of a job that were done, whole jobs, events and the audit log, rotated log files."""


class CleanupHandler(OneStep):
    name = "cleanup"
    queue = Queue.IO

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        return numbers_of("clean-up", DEFAULTS, params)

    def do(self, run: ItemRun) -> dict[str, Any]:
        days = run.job.params
        ended = Job.objects.exclude(state__in=LIVE_JOB)
        done = JobItem.objects.filter(state__in=[ItemState.DONE, ItemState.SKIPPED, ItemState.CANCELLED])
        deleted = {
            "job_items": _delete(done.filter(job__in=ended, finished_at__lt=_ago(days["items"])), run),
            "jobs": _delete(ended.filter(finished_at__lt=_ago(days["jobs"])), run),
            "events": _delete(Event.objects.filter(time__lt=_ago(days["history"])), run),
            "audit": _delete(AuditEntry.objects.filter(time__lt=_ago(days["history"])), run),
            "sessions": _delete(Session.objects.filter(expire_date__lt=Now()), run),
            "schedules": schedules.drop_orphans(),
            "logs": _delete_logs(days["logs"]),
        }
        for _, cleaning in brought(Cleaning, also_off=True):
            for name, cleaner in cleaning.cleaners.items():
                run.check()
                deleted[name] = cleaner()
        return {"deleted": deleted}


def _ago(days: int) -> Any:
    return Now() - timedelta(days=days)


def _delete(rows: QuerySet[Any], run: ItemRun) -> int:
    model: type[Model] = rows.model
    total = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:CHUNK]):
        model._default_manager.filter(pk__in=ids).delete()
        total += len(ids)
        run.check()
    return total


def _delete_logs(days: int) -> int:
    """Delete rotated log files (`web.log.2`) that nobody has written to for so many days."""
    oldest = time.time() - days * 24 * 3600
    deleted = 0
    for path in (Path(settings.TAGGARR_DATA) / "logs").glob("*.log.*"):
        if path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
            deleted += 1
    return deleted
