"""The jobs that take publications back, and that finish those which a crash left."""

from __future__ import annotations

import logging
from collections import Counter
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import Now

from artwork.models import Publication, State
from artwork.publishing.journal import By, carry_out, undo
from artwork.publishing.plan import PublicationError
from core.errors import ConfigError, Later, StorageError
from core.live import inbox_changed
from jobs import services
from jobs.handlers import OneStep
from jobs.models import LIVE_JOB, Job, Trigger
from jobs.runner import ItemRun

logger = logging.getLogger(__name__)

UNDO, FINISH_LEFT = "art_undo", "art_finish"
WAITS_FOR_END = 1.0
"""Seconds until it is seen again whether a job has ended that is to be undone."""

LEFT_AFTER = timedelta(minutes=2)
"""A publication takes a second: one that was begun so long ago, nobody is at any more."""


class UndoHandler(OneStep):
    """Brings back what stood before a publication, or before all that a job published, when that has ended.

    A job of its own does so: it writes files.
    """

    name = UNDO

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        is_known = params.keys() in ({"publication"}, {"job"})
        if not is_known or any(type(one) is not int for one in params.values()):
            raise ConfigError("artwork.undo-params")
        return params

    def do(self, run: ItemRun) -> dict[str, Any]:
        rows = Publication.objects.select_related("title__media__connection")
        if (of_job := run.job.params.get("job")) is None:
            found = list(rows.filter(pk=run.job.params["publication"]))
        else:
            if Job.objects.filter(pk=of_job, state__in=LIVE_JOB).exists():
                raise Later(WAITS_FOR_END)
            found = list(rows.filter(job=of_job, state=State.DONE))
        if not found:
            raise ConfigError("artwork.not-done")
        by = By(run.job.requested_by, run.job.pk)
        files = sum(len(undo(publication, by).steps) for publication in found)
        inbox_changed()
        return {"files": files}


class FinishHandler(OneStep):
    """Finishes publications that a crash left, forward or back."""

    name = FINISH_LEFT

    def do(self, run: ItemRun) -> dict[str, Any]:
        done: Counter[str] = Counter()
        for publication in left():
            run.check()
            try:
                carry_out(publication)
            except (PublicationError, StorageError) as error:
                logger.warning("%s of %s: %s", publication, publication.title, error)
            publication.refresh_from_db(fields=["state"])
            done[publication.state] += 1
        return dict(done)


def left() -> QuerySet[Publication]:
    """The publications that nobody is at any more and that have not ended."""
    rows = Publication.objects.filter(state=State.PLANNED, started_at__lt=Now() - LEFT_AFTER)
    return rows.select_related("title__media__connection").order_by("pk")


def finish_left() -> bool:
    """Have what a crash left finished; return whether there was anything."""
    if not left().exists():
        return False
    services.start(FINISH_LEFT, trigger=Trigger.SCHEDULED, dedupe_key=FINISH_LEFT)
    return True
