"""What the engine adds to /metrics."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count, Min
from django.utils import timezone

from core.features import Metrics
from core.metrics import Family, gauge

from .handlers import FINISH, PLAN
from .listing import last_jobs
from .models import LIVE_ITEM, LIVE_JOB, ItemState, Job, JobItem, JobState, Queue


def last_runs() -> Iterator[Family]:
    """How the last job of each kind went, and how many there are."""
    took = gauge("job_duration_seconds", "How long the last job took.", ["job", "instance"])
    items = gauge("job_items", "Items of the last job by how they ended.", ["job", "instance", "state"])
    rate = gauge("job_items_per_second", "How fast the last job was.", ["job", "instance"])
    labels: dict[int, list[str]] = {}
    seconds: dict[int, float] = {}
    last = (
        last_jobs()
        .exclude(started_at=None)
        .values_list("pk", "name", "connection__name", "started_at", "finished_at")
    )
    for pk, name, instance, started, finished in last:
        labels[pk] = [name, instance or ""]
        seconds[pk] = (finished - started).total_seconds() if started and finished else 0.0
        took.add_metric(labels[pk], seconds[pk])
    done: dict[int, int] = {}
    rows = JobItem.objects.filter(job__in=list(labels)).exclude(step__in=[PLAN, FINISH]).order_by()
    for pk, state, count in rows.values_list("job_id", "state").annotate(Count("pk")):
        items.add_metric([*labels[pk], state], count)
        done[pk] = done.get(pk, 0) + count
    for pk, count in done.items():
        if seconds[pk] > 0:
            rate.add_metric(labels[pk], count / seconds[pk])
    yield from (took, items, rate)
    ended = gauge("jobs", "Jobs in the database by state.", ["job", "state"])
    for name, state, count in Job.objects.order_by().values_list("name", "state").annotate(Count("pk")):
        ended.add_metric([name, state], count)
    yield ended


def queues() -> Iterator[Family]:
    """What waits in each queue, and for how long."""
    depth = gauge("queue_items", "Items of live jobs, pending or claimed.", ["queue", "state"])
    wait = gauge("queue_wait_seconds", "How long the item that is due first has waited.", ["queue"])
    live = JobItem.objects.filter(job__state__in=LIVE_JOB)
    counts = {
        (queue, state): count
        for queue, state, count in live.filter(state__in=LIVE_ITEM)
        .order_by()
        .values_list("queue", "state")
        .annotate(Count("pk"))
    }
    oldest = dict(
        live.filter(state=ItemState.PENDING).order_by().values_list("queue").annotate(Min("due_at"))
    )
    for queue in list(Queue):
        for state in LIVE_ITEM:
            depth.add_metric([queue, state.value], counts.get((queue, state), 0))
        due = oldest.get(queue)
        wait.add_metric([queue], max(0.0, (timezone.now() - due).total_seconds()) if due else 0.0)
    yield from (depth, wait)
    failed = gauge("failed_items", "Items that failed, in the jobs that are kept.", ["job"])
    rows = JobItem.objects.filter(state=ItemState.FAILED).order_by().values_list("job__name")
    for name, count in rows.annotate(Count("pk")):
        failed.add_metric([name], count)
    yield failed
    failed_jobs = Job.objects.filter(state=JobState.FAILED).count()
    total = gauge("failed_jobs", "Jobs that failed, of those that are kept.", [])
    total.add_metric([], failed_jobs)
    yield total


BRINGS = Metrics((last_runs, queues))
