"""What a scan came to, for whoever asked for it: the command line, pages and the API say the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db.models import Count, Q

from core.subjects import titled
from core.words import Phrase, counted
from jobs.handlers import FINISH, PLAN
from jobs.listing import progress
from jobs.models import ItemState, Job, JobItem, JobState
from library.models import File, Media
from scanner.labels.managed import labels_in_question
from scanner.models import FactsFrom
from scanner.scan.media import UNREACHED


@dataclass(frozen=True, slots=True)
class FailedMedia:
    """One title that could not be scanned as a whole, or whose tags could not be written, and why."""

    media: int | None
    title: str
    error: str


@dataclass(frozen=True, slots=True)
class ScanReport:
    """The outcome of one scan job.

    `verdicts` maps each verdict to a number of media, `added` and `removed` each label; in a dry run these
    say what would be written. `took` is in seconds, None while the scan is live. `held` is the sentence of
    the brake, empty where the instance is not held. `from_app` counts the titles of whose files the app alone
    says what they hold; `waiting` are, of a dry run, the labels that stood there before and
    nobody has answered.
    """

    job: int
    instance: str
    state: str
    mode: str
    dry_run: bool
    media: int
    files: int
    scanned: int
    verdicts: dict[str, int]
    changed: int
    added: dict[str, int]
    removed: dict[str, int]
    nfo_written: int
    failed: list[FailedMedia] = field(default_factory=list)
    held: str = ""
    from_app: int = 0
    waiting: list[str] = field(default_factory=list)
    offline: list[str] = field(default_factory=list)
    error: str = ""
    took: float | None = None

    @property
    def is_done(self) -> bool:
        return self.state == JobState.COMPLETED

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def report_of(job: Job, *, with_failed: bool = True) -> ScanReport:
    """Return what a scan job came to, as far as it has come; what failed only where that is wanted."""
    summary = job.summary
    written = summary.get("would", summary)
    media_id = job.params.get("media_id")
    media = Media.objects.filter(connection=job.connection_id)
    if media_id is not None:
        media = media.filter(pk=media_id)
    files = File.objects.filter(media__in=media)
    by_app = files.filter(scan_state__engine=FactsFrom.ARR)
    asked = labels_in_question().filter(connection=job.connection_id) if job.params.get("dry_run") else ()
    settings = job.connection.scan_settings if job.connection else None
    took = (job.finished_at - job.started_at).total_seconds() if job.finished_at and job.started_at else None
    return ScanReport(
        job=job.pk,
        instance=job.connection.name if job.connection else "",
        state=job.state,
        mode=job.params.get("mode", ""),
        dry_run=bool(job.params.get("dry_run")),
        media=summary["media"] if "media" in summary else media.count(),
        files=files.count(),
        scanned=progress(job.pk)[ItemState.DONE],
        verdicts=summary.get("verdicts", {}),
        changed=summary.get("changed", 0),
        added=written.get("added", {}),
        removed=written.get("removed", {}),
        nfo_written=written.get("nfo_written", 0),
        failed=[*_not_scanned(job), *_not_written(job, media_id)] if with_failed else [],
        held=settings.held_reason if settings and settings.held_since else "",
        from_app=by_app.aggregate(titles=Count("media", distinct=True))["titles"],
        waiting=[row.label for row in asked],
        offline=[Phrase.of(why) for why in summary.get("offline", [])],
        error=job.error,
        took=took,
    )


def result_of(summary: Mapping[str, Any]) -> list[Phrase]:
    """What a job that decides or writes tags came to, in a few words, by its summary."""
    planned = summary.get("would")
    written = planned or summary
    tags = sum(sum(written.get(way, {}).values()) for way in ("added", "removed"))
    numbers = {
        "scan.verdicts-changed": summary.get("changed", 0),
        "scan.tags-planned" if planned else "scan.tags-changed": tags,
        "scan.nfos-planned" if planned else "scan.nfos-written": written.get("nfo_written", 0),
    }
    return counted(numbers, none="scan.nothing-changed")


def _not_scanned(job: Job) -> list[FailedMedia]:
    failed = JobItem.objects.filter(job=job).exclude(step__in=[PLAN, FINISH])
    failed = failed.filter(Q(state=ItemState.FAILED) | Q(state=ItemState.DONE, result__has_key=UNREACHED))
    return [
        FailedMedia(
            item.subject_id if item.subject_title else None,
            item.subject_title or item.key,
            Phrase.of(item.result[UNREACHED]) if UNREACHED in item.result else item.error,
        )
        for item in titled(failed).order_by("subject_title", "pk")
    ]


def _not_written(job: Job, media_id: int | None) -> list[FailedMedia]:
    if not job.summary.get("not_written"):
        return []
    dirty = Media.objects.filter(connection=job.connection_id, scan_state__dirty=True)
    failed = dirty.exclude(scan_state__reconcile_error="").select_related("scan_state")
    if media_id is not None:
        failed = failed.filter(pk=media_id)
    return [FailedMedia(media.pk, str(media), media.scan_state.reconcile_error) for media in failed]
