"""The reconcile job: sends the tags of one instance outside of a full scan's end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from connections.models import Connection
from core.errors import ConfigError
from jobs.handlers import OneStep
from jobs.models import LIVE_JOB, Job, Queue
from jobs.runner import ItemRun
from library.clients import client_for
from library.models import Media
from scanner.scan.reconcile import reconcile
from scanner.scan.starting import start_reconcile

EVERY = timedelta(seconds=60)
"""Between two sendings of a scan that is under way."""


class ReconcileHandler(OneStep):
    """Sends the tags of dirty media: all of an instance, or those that `media_ids` names."""

    name = "reconcile"
    queue = Queue.INTERACTIVE

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        ids = params.get("media_ids")
        if set(params) - {"media_ids"} or not (ids is None or all(isinstance(pk, int) for pk in ids)):
            raise ConfigError("A reconcile has one parameter, 'media_ids': a list of numbers, or none.")
        return {"media_ids": ids}

    def do(self, run: ItemRun) -> dict[str, Any]:
        if run.job.connection is None:
            raise ConfigError("job.instance-gone")
        result = reconcile(
            run.job.connection,
            client_for(run.job.connection),
            media_ids=run.job.params["media_ids"],
            job_id=run.job.pk,
            keep_alive=run.check,
            hold=run.hold,
        )
        return result.summary()


def reconcile_running_scans() -> int:
    """Send what first scans under way have found so far; return how many reconciles were started.

    Called by the tick. Later full scans are not sent from before they end: only the whole tells whether the
    brake must hold them.
    """
    recent = Job.objects.filter(name="reconcile", connection=OuterRef("pk"), created_at__gt=Now() - EVERY)
    running = Job.objects.filter(
        name="scan",
        connection=OuterRef("pk"),
        state__in=LIVE_JOB,
        params__dry_run=False,
        params__media_id=None,
        created_at__lt=Now() - EVERY,
    )
    dirty = Media.objects.filter(connection=OuterRef("pk"), scan_state__dirty=True)
    first = Connection.objects.filter(
        Exists(running), Exists(dirty), ~Exists(recent), scan_settings__last_full_scan_at=None
    )
    return len([start_reconcile(connection) for connection in first])
