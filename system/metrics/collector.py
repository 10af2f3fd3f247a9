"""What /metrics shows. A fixed number of queries, whatever the size of the library."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from django.db.models import Count, F, Func, Min
from django.utils import timezone
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from jobs.handlers import FINISH, PLAN
from jobs.listing import last_jobs
from jobs.models import LIVE_ITEM, LIVE_JOB, ItemState, Job, JobItem, JobState, Queue
from library.models import Breaker, File, Instance, Media, Verdict
from system.models import KnownIssue
from system.status import version

from .calls import totals

Family = GaugeMetricFamily | CounterMetricFamily
Source = Callable[[], Iterable[Family]]


class TaggarrCollector(Collector):
    """Asks the database at every scrape."""

    def collect(self) -> Iterator[Family]:
        """Yield every metric."""
        for source in _SOURCES:
            yield from source()


def _gauge(name: str, text: str, labels: list[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"taggarr_{name}", text, labels=labels)


def _info() -> Iterator[Family]:
    found = _gauge("info", "The version that runs; always 1.", ["version"])
    found.add_metric([version()], 1)
    yield found


def _media() -> Iterator[Family]:
    found = _gauge("media", "Series and movies by verdict.", ["instance", "kind", "verdict"])
    rows = Media.objects.order_by().values_list("instance__name", "instance__kind", "verdict")
    counts = {row[:3]: row[3] for row in rows.annotate(Count("pk"))}
    for name, kind in Instance.objects.values_list("name", "kind"):
        for verdict in Verdict.values:
            found.add_metric([name, kind, verdict], counts.get((name, kind, verdict), 0))
    yield found
    dirty = _gauge("media_unwritten", "Series and movies whose tags are still to be written.", ["instance"])
    waiting = Media.objects.filter(dirty=True).order_by().values_list("instance__name")
    for name, count in waiting.annotate(Count("pk")):
        dirty.add_metric([name], count)
    yield dirty


def _files() -> Iterator[Family]:
    by_language = _gauge("files", "Files by the audio language they hold.", ["language"])
    languages = File.objects.order_by().annotate(language=Func(F("languages"), function="unnest"))
    for language, count in languages.values_list("language").annotate(Count("pk")):
        by_language.add_metric([language], count)
    yield by_language
    by_engine = _gauge(
        "files_probed", "Files by the engine that read them, and what is wrong.", ["engine", "problem"]
    )
    rows = File.objects.order_by().values_list("engine", "problem").annotate(Count("pk"))
    for engine, problem, count in rows:
        by_engine.add_metric([engine or "none", problem or "none"], count)
    yield by_engine


def _instances() -> Iterator[Family]:
    breaker = _gauge("breaker_open", "1 where no calls go to the instance now.", ["instance", "state"])
    held = _gauge("held", "1 where the brake holds the instance.", ["instance"])
    scanned = _gauge("last_full_scan_timestamp_seconds", "When the last full scan ended.", ["instance"])
    names: dict[int, str] = {}
    for row in Instance.objects.values("pk", "name", "breaker", "held_since", "last_full_scan_at"):
        names[row["pk"]] = row["name"]
        breaker.add_metric([row["name"], row["breaker"]], row["breaker"] != Breaker.CLOSED)
        held.add_metric([row["name"]], row["held_since"] is not None)
        if row["last_full_scan_at"]:
            scanned.add_metric([row["name"]], row["last_full_scan_at"].timestamp())
    yield from (breaker, held, scanned)
    calls = CounterMetricFamily(
        "taggarr_api_calls", "Calls to Sonarr and Radarr by outcome.", labels=["instance", "outcome"]
    )
    for (pk, outcome), count in totals().items():
        if pk in names:
            calls.add_metric([names[pk], outcome], count)
    yield calls


def _jobs() -> Iterator[Family]:
    took = _gauge("job_duration_seconds", "How long the last job took.", ["job", "instance"])
    items = _gauge("job_items", "Items of the last job by how they ended.", ["job", "instance", "state"])
    rate = _gauge("job_items_per_second", "How fast the last job was.", ["job", "instance"])
    labels: dict[int, list[str]] = {}
    seconds: dict[int, float] = {}
    last = (
        last_jobs()
        .exclude(started_at=None)
        .values_list("pk", "name", "instance__name", "started_at", "finished_at")
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
    ended = _gauge("jobs", "Jobs in the database by state.", ["job", "state"])
    for name, state, count in Job.objects.order_by().values_list("name", "state").annotate(Count("pk")):
        ended.add_metric([name, state], count)
    yield ended


def _queues() -> Iterator[Family]:
    depth = _gauge("queue_items", "Items of live jobs that wait or are worked on.", ["queue", "state"])
    wait = _gauge("queue_wait_seconds", "How long the item that is due first has waited.", ["queue"])
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
    for queue in Queue.values:
        for state in LIVE_ITEM:
            depth.add_metric([queue, state.value], counts.get((queue, state), 0))
        due = oldest.get(queue)
        wait.add_metric([queue], max(0.0, (timezone.now() - due).total_seconds()) if due else 0.0)
    yield from (depth, wait)
    failed = _gauge("failed_items", "Items that failed, in the jobs that are kept.", ["job"])
    rows = JobItem.objects.filter(state=ItemState.FAILED).order_by().values_list("job__name")
    for name, count in rows.annotate(Count("pk")):
        failed.add_metric([name], count)
    yield failed
    failed_jobs = Job.objects.filter(state=JobState.FAILED).count()
    total = _gauge("failed_jobs", "Jobs that failed, of those that are kept.", [])
    total.add_metric([], failed_jobs)
    yield total


def _deliveries() -> Iterator[Family]:
    found = _gauge("deliveries", "Deliveries of notifications by state, of those that are kept.", ["state"])
    rows = JobItem.objects.filter(job__name="notify", step="send").order_by().values_list("state")
    for state, count in rows.annotate(Count("pk")):
        found.add_metric([state], count)
    yield found


def _health() -> Iterator[Family]:
    found = _gauge("health_issues", "Health issues that the last look saw.", ["code"])
    for code, count in KnownIssue.objects.order_by().values_list("code").annotate(Count("pk")):
        found.add_metric([code], count)
    yield found


_SOURCES: tuple[Source, ...] = (_info, _media, _files, _instances, _jobs, _queues, _deliveries, _health)
