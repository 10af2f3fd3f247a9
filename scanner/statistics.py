"""Counts over the whole library: verdicts, languages, how much of it is known, and how scans went."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q

from connections.models import Connection
from jobs.models import LIVE_JOB, Job, JobState
from library.models import File, Media, excluded
from scanner.languages.codes import name_of_code
from scanner.models import FileScanState, ScanState, Verdict
from system.models import KnownIssue

SCANS = 30
"""How many scans the trend shows."""


@dataclass(frozen=True, slots=True)
class InstanceStats:
    """How much of an instance is known: `scanned` media of all, and the verdicts of these."""

    id: int
    name: str
    kind: str
    media: int
    scanned: int
    excluded: int
    failed: int
    files: int
    probed: int
    verdicts: dict[str, int]


@dataclass(frozen=True, slots=True)
class LanguageStats:
    language: str
    name: str
    files: int


@dataclass(frozen=True, slots=True)
class ScanStats:
    """One finished scan of an instance: what it found in the end."""

    job: int
    instance: int | None
    finished_at: datetime
    verdicts: dict[str, int]
    changed: int


@dataclass(frozen=True, slots=True)
class Statistics:
    media: int
    files: int
    verdicts: dict[str, int]
    instances: list[InstanceStats]
    languages: list[LanguageStats]
    scans: list[ScanStats]


def statistics() -> Statistics:
    """Count the whole library: one query each for instances, media, files, languages and scans."""
    connections = _instances()
    total = {verdict: sum(one.verdicts[verdict] for one in connections) for verdict in Verdict.values}
    return Statistics(
        media=sum(one.media for one in connections),
        files=sum(one.files for one in connections),
        verdicts=total,
        instances=connections,
        languages=language_stats(),
        scans=_scans(),
    )


def _instances() -> list[InstanceStats]:
    verdicts = {verdict: Count("pk", filter=Q(scan_state__verdict=verdict)) for verdict in Verdict.values}
    counts = (
        Media.objects.order_by()
        .values("connection_id")
        .annotate(
            media_count=Count("pk"),
            scanned=Count("pk", filter=Q(scan_state__scanned_at__isnull=False)),
            excluded_count=Count("pk", filter=excluded()),
            failed=Count("pk", filter=~Q(scan_state__scan_error="") | ~Q(scan_state__reconcile_error="")),
            **{f"verdict_{verdict.replace('-', '_')}": count for verdict, count in verdicts.items()},
        )
    )
    of_files = (
        File.objects.order_by()
        .values("media__connection_id")
        .annotate(files=Count("pk"), probed=Count("scan_state__probed_at"))
    )
    media: dict[int, Any] = {row["connection_id"]: row for row in counts}
    files: dict[int, Any] = {row["media__connection_id"]: row for row in of_files}
    return [_instance(one, media.get(one.pk, {}), files.get(one.pk, {})) for one in Connection.objects.all()]


def _instance(connection: Connection, media: dict[str, Any], files: dict[str, Any]) -> InstanceStats:
    return InstanceStats(
        id=connection.pk,
        name=connection.name,
        kind=connection.kind,
        media=media.get("media_count", 0),
        scanned=media.get("scanned", 0),
        excluded=media.get("excluded_count", 0),
        failed=media.get("failed", 0),
        files=files.get("files", 0),
        probed=files.get("probed", 0),
        verdicts={
            verdict: media.get(f"verdict_{verdict.replace('-', '_')}", 0) for verdict in Verdict.values
        },
    )


def language_stats() -> list[LanguageStats]:
    """Count the files by audio language, the most frequent first. One query that reads every file."""
    # Files share few combinations of languages: those are counted, not every track.
    rows = FileScanState.objects.filter(counted=True).values_list("languages").annotate(Count("pk"))
    counts: Counter[str] = Counter()
    for codes, files in rows:
        counts.update(dict.fromkeys(codes, files))
    found = [LanguageStats(code, name_of_code(code), files) for code, files in counts.items()]
    return sorted(found, key=lambda one: (-one.files, one.name))


def _scans() -> list[ScanStats]:
    done = Job.objects.filter(
        name="scan", state=JobState.COMPLETED, finished_at__isnull=False, params__media_id=None
    ).exclude(params__mode="remove")
    return [
        ScanStats(
            job=job.pk,
            instance=job.connection_id,
            finished_at=job.finished_at,
            verdicts=job.summary.get("verdicts", {}),
            changed=job.summary.get("changed", 0),
        )
        for job in reversed(done.order_by("-pk")[:SCANS])
        if job.finished_at
    ]


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of media and files, health issues at the last look, live jobs, and the end of the last scan."""

    media: int
    files: int
    dub: int
    semi_dub: int
    wrong_dub: int
    original: int
    unknown: int
    issues: int
    live_jobs: int
    last_scan_at: datetime | None


def summary() -> Summary:
    """Count, with one query each for media, files, issues, jobs and scans."""
    rows = ScanState.objects.values_list("verdict").annotate(Count("pk"))
    verdicts: dict[str, int] = dict(rows)
    scans = Job.objects.filter(name="scan", state=JobState.COMPLETED, params__media_id=None)
    return Summary(
        media=sum(verdicts.values()),
        files=File.objects.count(),
        dub=verdicts.get(Verdict.DUB, 0),
        semi_dub=verdicts.get(Verdict.SEMI_DUB, 0),
        wrong_dub=verdicts.get(Verdict.WRONG_DUB, 0),
        original=verdicts.get(Verdict.ORIGINAL, 0),
        unknown=verdicts.get(Verdict.UNKNOWN, 0),
        issues=KnownIssue.objects.count(),
        live_jobs=Job.objects.filter(state__in=LIVE_JOB).count(),
        last_scan_at=scans.aggregate(Max("finished_at"))["finished_at__max"],
    )
