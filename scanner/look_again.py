"""Looking again for files that a scan could not reach: later, in small jobs of their own.

A scan does not wait for a file that is moved, copied or replaced just now, nor for one that will never come:
it decides from the others and ends. `ScanState.look_again_at` says when to look next
(`scanner.scan.media.LOOKS`); after the last of these looks only scans look.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now

from connections.models import Breaker, Connection
from core.errors import ConfigError
from core.subjects import Subject
from jobs import services as jobs
from jobs.handlers import NewItem, Outcome, Plan
from jobs.models import LIVE_JOB, Job, Trigger
from jobs.runner import ItemRun
from library.clients import client_for
from library.models import MEDIA, Media, included
from scanner.facts.sources import Source
from scanner.models import FactsFrom, ScanSettings, ScanState
from scanner.scan.job import ScanHandler
from scanner.scan.media import scan_media
from scanner.scan.reconcile import reconcile
from scanner.scan.starting import ScanParams

MOST = 200
"""So many media are looked at by one job; those left over have one of their own afterwards."""


class LookAgainHandler(ScanHandler):
    """Scans media some of whose files could not be reached; Sonarr or Radarr is not synced for it."""

    name = "look_again"

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        if params:
            raise ConfigError("A look at files that could not be reached has no parameters.")
        return asdict(ScanParams())

    def plan(self, run: ItemRun) -> Plan:  # noqa: ARG002
        return Plan()

    def work(self, run: ItemRun) -> Outcome:
        return scan_media(run, ScanParams.of(run.job.params), patient=True)

    def finish(self, run: ItemRun) -> Outcome:
        if run.job.connection is None:
            raise ConfigError("job.instance-gone")
        media_ids = run.job.items.filter(subject_kind=MEDIA).values_list("subject_id", flat=True)
        written = reconcile(
            run.job.connection,
            client_for(run.job.connection),
            media_ids=[pk for pk in media_ids if pk is not None],
            job_id=run.job.pk,
            keep_alive=run.check,
            hold=run.hold,
        )
        return Outcome(result=written.summary())


def look_again() -> int:
    """Start a look for each instance that has files to look for again; return how many. Called by the tick.

    None starts beside a live scan of the instance, which may reach them itself.
    """
    due = Media.objects.filter(included(), scan_state__look_again_at__lte=Now())
    busy = Job.objects.filter(
        name__in=("scan", LookAgainHandler.name), connection=OuterRef("pk"), state__in=LIVE_JOB
    )
    read_here = ScanSettings.objects.exclude(facts_from=FactsFrom.ARR).values("connection")
    free = Connection.objects.filter(~Exists(busy), enabled=True, breaker=Breaker.CLOSED, pk__in=read_here)
    return len([_start(connection, due) for connection in free.filter(pk__in=due.values("connection"))])


def _start(connection: Connection, due: Any) -> Job:
    with transaction.atomic():
        chosen = due.filter(connection=connection).order_by("scan_state__look_again_at", "pk")
        ids = list(chosen.values_list("pk", flat=True)[:MOST])
        # Whatever comes of the look, it is not started again for the same reason.
        ScanState.objects.filter(media__in=ids).update(look_again_at=None)
        given = {"source": Source.DISK.value}
        job, _ = jobs.start(
            LookAgainHandler.name,
            connection=connection,
            trigger=Trigger.SCHEDULED,
            dedupe_key=f"{LookAgainHandler.name}:{connection.pk}",
            items=[NewItem(f"media:{pk}", "media", Subject(MEDIA, pk), given) for pk in ids],
        )
        return job
