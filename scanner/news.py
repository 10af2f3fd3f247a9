"""What is told of scans: that they ended or failed, and which dubs came, went or are wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from jobs.models import Job, JobState
from notify.contract import News, Notice, Topic, link_to
from scanner.events import ScanEvent
from scanner.models import Verdict

FIRST = 10
"""So many titles are named in one message."""

COMPLETED = Topic(
    "scan_completed", _("A scan changed something"), "scanner/news/scan_completed.txt", quiet=True
)
FAILED = Topic("scan_failed", _("A scan failed"), "scanner/news/scan_failed.txt", "failure")
WRONG_DUB = Topic("wrong_dub", _("Wrong dub found"), "scanner/news/wrong_dub.txt", "warning")
DUB_LOST = Topic("dub_lost", _("Dub lost"), "scanner/news/dub_lost.txt", "warning")
DUB_COMPLETE = Topic(
    "dub_complete", _("Dub complete"), "scanner/news/dub_complete.txt", "success", quiet=True
)
ORIGINAL_MISSING = Topic(
    "original_missing", _("Original language missing"), "scanner/news/original_missing.txt", "warning"
)


def of_scan(job: Job) -> Iterator[Notice]:
    """Yield what there is to tell of a scan that ended; of a dry run there is nothing."""
    if job.params.get("dry_run"):
        return
    context = {"job": job, "instance": job.connection, "summary": job.summary, "error": job.error}
    link = link_to("job", job.pk)
    data = {"job": job.pk, "error": job.error, "summary": job.summary}
    if job.state == JobState.FAILED:
        yield Notice(FAILED.name, context, data, job.connection, link)
        return
    changes = _changes(job)
    if job.params.get("media_id") is None:
        told = {**context, "changed": len(changes)}
        counts = {**data, "changed": len(changes)}
        yield Notice(COMPLETED.name, told, counts, job.connection, link, dull=not changes)
    yield from _of_verdicts(job, changes)
    missing = job.events.filter(kind=ScanEvent.ORIGINAL_MISSING).order_by("title")
    if titles := list(missing.values_list("title", flat=True)):
        yield _many(job, ORIGINAL_MISSING, titles)


def _changes(job: Job) -> list[tuple[str, str, str]]:
    """Return (title, before, after) of every title whose verdict is another one than before the job."""
    rows = job.events.filter(kind=ScanEvent.VERDICT).order_by("pk")
    found: dict[int | None, tuple[str, str, str]] = {}
    for media, title, before, after in rows.values_list("subject_id", "title", "before", "after"):
        first = found[media][1] if media in found else str(before)
        found[media] = (title, first, str(after))
    return sorted(change for change in found.values() if change[1] != change[2])


def _of_verdicts(job: Job, changes: list[tuple[str, str, str]]) -> Iterator[Notice]:
    wrong = [title for title, _before, after in changes if after == Verdict.WRONG_DUB]
    lost = [
        (title, after)
        for title, before, after in changes
        if before == Verdict.DUB and after != Verdict.UNKNOWN
    ]
    complete = [
        title for title, before, after in changes if after == Verdict.DUB and before != Verdict.UNKNOWN
    ]
    if wrong:
        yield _many(job, WRONG_DUB, wrong)
    if complete:
        yield _many(job, DUB_COMPLETE, complete)
    # Whoever hears that a dub became a wrong one need not hear that it was lost.
    only_lost = [title for title, after in lost if after != Verdict.WRONG_DUB]
    if only_lost:
        yield replace(_many(job, DUB_LOST, only_lost), beside=WRONG_DUB.name)
    if lost:
        yield replace(_many(job, DUB_LOST, [title for title, _after in lost]), without=WRONG_DUB.name)


def _many(job: Job, topic: Topic, titles: list[str]) -> Notice:
    """One message for however many titles: the count, the first of them and a link."""
    name = job.connection.name if job.connection else ""
    return Notice(
        topic.name,
        {
            "job": job,
            "instance": name,
            "count": len(titles),
            "titles": titles[:FIRST],
            "more": max(0, len(titles) - FIRST),
        },
        {"job": job.pk, "count": len(titles), "titles": titles},
        job.connection,
        _link_to_list(job, topic),
    )


def _link_to_list(job: Job, topic: Topic) -> str:
    """Return the address of the page that lists such titles; of what has no page of its own, of the job."""
    if topic == ORIGINAL_MISSING:
        return link_to("history", instance=job.connection_id, kind=ScanEvent.ORIGINAL_MISSING.value)
    verdict = {WRONG_DUB.name: Verdict.WRONG_DUB, DUB_COMPLETE.name: Verdict.DUB}.get(topic.name)
    if verdict is None:
        return link_to("job", job.pk)
    return link_to("library", instance=job.connection_id, verdict=verdict.value)


BRINGS = News(
    topics=(COMPLETED, FAILED, WRONG_DUB, DUB_LOST, DUB_COMPLETE, ORIGINAL_MISSING),
    jobs={"scan": of_scan},
)
