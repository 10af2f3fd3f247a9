"""All of Taggarr in a handful of numbers, for dashboards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from jobs.models import LIVE_JOB, Job, JobState
from library.models import File
from scanner.models import ScanState, Verdict
from system.models import KnownIssue


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
