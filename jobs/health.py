"""What is wrong with background work."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Min, Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Now, NullIf
from django.utils import timezone
from django.utils.translation import gettext as _
from django_celery_beat.models import PeriodicTask

from connections.models import Breaker
from core.features import Health
from core.issues import TAGGARR, Action, Issue, Severity, grouped, named
from core.subjects import titled
from core.words import Phrase
from jobs import handlers
from jobs.listing import last_jobs
from jobs.models import LIVE_JOB, ItemState, Job, JobItem, JobState, Queue
from jobs.workers import START_WORKERS, running_schedulers, served_queues

TICK = "jobs.tick"

SILENT = timedelta(minutes=5)
"""The scheduler writes down when it last sent a task every three minutes."""

WAITING = timedelta(minutes=2)
"""Work that is due for so long while nobody does any has no worker."""


def _last_jobs() -> QuerySet[Job]:
    return last_jobs().filter(Q(connection=None) | Q(connection__enabled=True))


def failed_jobs() -> Iterator[Issue]:
    """Yield an issue for every kind of job whose last one failed as a whole."""
    failed = _last_jobs().filter(state=JobState.FAILED).select_related("connection")
    for job in failed:
        yield Issue(
            source=job.connection.name if job.connection else TAGGARR,
            severity=Severity.ERROR,
            what=Phrase("job.last-failed", job=_called(job.name), error=job.error),
            meaning=_("It did nothing, or not all of it."),
            remedy=_("Fix that, then try again."),
            action=_retry(job.pk),
            since=job.finished_at,
        )


def failed_items() -> Iterator[Issue]:
    """Yield an issue for every reason why items of the last jobs failed, unless another check tells it."""
    rows = JobItem.objects.filter(job__in=_last_jobs().exclude(state=JobState.FAILED), state=ItemState.FAILED)
    for handler in handlers.every():
        if (told := handler.told_elsewhere()) is not None:
            rows = rows.exclude(told, job__name=handler.name)
    called = titled(rows).annotate(
        called=Coalesce(NullIf("subject_title", Value("")), "key", output_field=TextField())
    )
    for group in grouped(called, ("job__connection__name", "job__name", "job_id", "error"), "called"):
        source, name, job_id, error = group.key
        yield Issue(
            source=source or TAGGARR,
            what=Phrase(
                "job.items-failed",
                number=group.total,
                job=_called(name),
                names=named(group.first, group.total),
                error=error,
            ),
            meaning=_("They are as they were before."),
            remedy=_("Fix that, then try again."),
            action=_retry(job_id),
        )


def _called(job: str) -> Phrase:
    return Phrase("job.name", name=job)


def _retry(job: int) -> Action:
    command = f"manage.py retry_failed {job}"
    return Action(_("Retry what failed"), "job_retry", (job,), posts=True, command=command)


def _logs() -> Action:
    return Action(_("Show the logs"), "logs")


def silent_scheduler() -> Iterator[Issue]:
    """Yield an issue where the scheduler (beat) has sent nothing for some minutes."""
    task = PeriodicTask.objects.filter(task=TICK).first()
    # `date_changed` moves when beat starts, `last_run_at` when it has sent something.
    seen = max(filter(None, (task.last_run_at, task.date_changed)), default=None) if task else None
    if seen is not None and timezone.now() - seen < SILENT:
        return
    yield Issue(
        severity=Severity.ERROR,
        what=Phrase("beat.silent") if task else Phrase("beat.never-ran"),
        meaning=_("Scheduled scans do not start, and lost work is not tried again."),
        remedy=str(START_WORKERS),
        action=_logs(),
        since=seen,
    )


def waiting_work() -> Iterator[Issue]:
    """Yield an issue for every queue where due work waits and nobody does any."""
    live = JobItem.objects.filter(job__state__in=LIVE_JOB)
    claimable = Q(job__connection=None) | Q(
        job__connection__enabled=True, job__connection__breaker=Breaker.CLOSED
    )
    waiting = live.filter(claimable, state=ItemState.PENDING, due_at__lt=Now() - WAITING).order_by()
    for queue, since in waiting.values_list("queue").annotate(Min("due_at")):
        busy = Q(state=ItemState.CLAIMED) | Q(finished_at__gt=Now() - WAITING)
        if live.filter(busy, queue=queue).exists():
            continue
        yield Issue(
            severity=Severity.ERROR,
            what=Phrase("queue.unserved", queue=queue),
            meaning=_("Scans and tags wait."),
            remedy=str(START_WORKERS),
            action=_logs(),
            since=since,
        )


def workers() -> Iterator[Issue]:
    served = served_queues(list(Queue))
    if served is None:
        yield Issue(
            severity=Severity.ERROR,
            what=Phrase("broker.silent"),
            meaning=_("The workers get no work: it waits in the database."),
            remedy=_("Check that Redis or Valkey runs, and REDIS_URL."),
            action=_logs(),
        )
        return
    missing = [queue for queue in list(Queue) if queue not in served]
    if missing:
        yield Issue(
            severity=Severity.ERROR,
            what=Phrase("worker.none-serves", queues=", ".join(missing)) if served else Phrase("worker.none"),
            meaning=_("Scans and tags wait."),
            remedy=str(START_WORKERS),
            action=_logs(),
        )


def schedulers() -> Iterator[Issue]:
    found = running_schedulers()
    if len(found) > 1:
        yield Issue(
            what=Phrase("beat.several", number=len(found), names=", ".join(found)),
            meaning=_("Each of them starts everything that is scheduled, though nothing is done twice."),
            remedy=_("Keep one, and stop the others: one is enough for all workers and hosts."),
            action=_logs(),
        )


BRINGS = Health(
    stored=(failed_jobs, failed_items, silent_scheduler, waiting_work),
    live=(workers, schedulers),
)
