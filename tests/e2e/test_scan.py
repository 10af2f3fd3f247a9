"""A whole scan on real workers, and everything that can happen to them: the tags are right all the same."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from connections.models import Connection
from demo.arr.process import StandIn
from demo.arr.state import ArrState
from history.models import Event
from jobs import services
from jobs.models import LIVE_ITEM, ItemState, Job, JobItem, JobState, Queue
from jobs.workers import served_queues
from library.models import Media
from scanner.events import ScanEvent
from scanner.models import Policy
from scanner.scan.starting import start_media_scan, start_scan
from tests.connections.build import make_connection
from tests.e2e.conftest import Beat, Broker, Worker
from tests.e2e.counting import SHORT_LEASE
from tests.scanner.build import JPN_ENG, add_series, spec, tags_at
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

StartWorker = Callable[..., Worker]

SERIES = 40
KINDS = {
    "dub": ([spec(*JPN_ENG)] * 3, {"dub"}),
    "semi-dub": ([spec(*JPN_ENG), spec("jpn"), spec("jpn")], {"semi-dub"}),
    "wrong-dub": ([spec("jpn"), spec("ger"), spec("jpn")], {"wrong-dub"}),
    "original": ([spec("jpn")] * 3, set()),
}


@pytest.fixture
def sonarr(tmp_path: Path, sonarr_process: StandIn) -> StandIn:
    """Forty series of all kinds, each with a tag of somebody else's, in a Sonarr that takes its time."""
    state = ArrState("sonarr")
    for number in range(SERIES):
        kind = list(KINDS)[number % len(KINDS)]
        add_series(state, tmp_path / "tv", f"{kind} {number}", {1: list(KINDS[kind][0])}, tags=["4k"])
    sonarr_process.load(state)
    sonarr_process.fault("latency", "/episode$", count=None, seconds=0.05)
    return sonarr_process


@pytest.fixture
def connection(transactional_db: None, sonarr: StandIn) -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(
        name="Sonarr", kind="sonarr", url=sonarr.url, api_key=sonarr.api_key, policy=policy
    )


def wait_for_media(count: int) -> None:
    """Return in the middle of the scan."""
    done = JobItem.objects.filter(step="media", state=ItemState.DONE)
    wait_until(lambda: done.count() >= count, f"{count} media were scanned", meanwhile=Beat())


def finish(job: Job) -> None:
    def ended() -> bool:
        job.refresh_from_db()
        return not job.is_live

    wait_until(ended, f"{job} ended", meanwhile=Beat())


def check(job: Job, sonarr: StandIn) -> None:
    """Every item ended once, every verdict was found once, and the tags are what the verdicts ask for."""
    assert job.state == JobState.COMPLETED
    assert not JobItem.objects.filter(state__in=LIVE_ITEM).exists()
    assert job.items.filter(step="media", state=ItemState.DONE).count() == SERIES
    assert tags_at(sonarr) == {m.title: {"4k"} | KINDS[m.title.split()[0]][1] for m in Media.objects.all()}
    assert {m.title: m.scan_state.verdict for m in Media.objects.all()} == {
        m.title: m.title.split()[0] for m in Media.objects.all()
    }
    found = Event.objects.filter(kind=ScanEvent.VERDICT).values_list("subject_id", flat=True)
    assert len(found) == Media.objects.count()
    assert set(found) == set(Media.objects.values_list("pk", flat=True))
    assert not Media.objects.filter(scan_state__dirty=True).exists()


def test_a_worker_killed_in_mid_scan_costs_nothing(start_worker: StartWorker, connection, sonarr):
    first = start_worker(lease=SHORT_LEASE)
    job, _ = start_scan(connection)
    wait_for_media(15)
    first.kill()
    start_worker()
    finish(job)
    check(job, sonarr)


def test_a_broker_restarted_empty_in_mid_scan_costs_nothing(
    start_worker: StartWorker, broker: Broker, connection, sonarr
):
    start_worker()
    job, _ = start_scan(connection)
    wait_for_media(15)
    broker.stop()
    broker.restart()
    finish(job)
    check(job, sonarr)


def test_a_broker_emptied_in_mid_scan_costs_nothing(
    start_worker: StartWorker, broker: Broker, connection, sonarr
):
    start_worker()
    job, _ = start_scan(connection)
    for threshold in (5, 15, 25):
        wait_for_media(threshold)
        broker.empty()
    finish(job)
    check(job, sonarr)


def test_messages_that_come_twice_do_nothing_twice(start_worker: StartWorker, connection, sonarr):
    start_worker(fault="twice")
    start_worker(fault="twice")
    job, _ = start_scan(connection)
    finish(job)
    check(job, sonarr)
    asked = [entry for entry in sonarr.journal("GET") if entry["path"].endswith("/episode")]
    again = list(job.items.filter(attempts__gt=1).values_list("key", "attempts", "error"))
    assert len(asked) == SERIES, again


def test_messages_that_are_lost_are_sent_again(start_worker: StartWorker, connection, sonarr):
    start_worker(fault="lost")
    job, _ = start_scan(connection)
    finish(job)
    check(job, sonarr)


def test_a_sonarr_that_fails_now_and_then_is_asked_again(start_worker: StartWorker, connection, sonarr):
    sonarr.fault("status", "/api/v3/", status=503, probability=0.05, seed=7, count=None)
    sonarr.fault("drop", "/api/v3/episode", probability=0.05, seed=8, count=None)
    start_worker()
    job, _ = start_scan(connection)
    finish(job)
    check(job, sonarr)


def test_web_pages_of_a_proxy_now_and_then_are_asked_again(start_worker: StartWorker, connection, sonarr):
    sonarr.fault("html", "/series$", count=2)
    sonarr.fault("html", "/api/v3/", probability=0.1, seed=7, count=None)
    start_worker()
    job, _ = start_scan(connection)
    finish(job)
    check(job, sonarr)


def test_a_media_mount_that_goes_and_comes_back_in_mid_scan_costs_nothing(
    start_worker: StartWorker, connection, sonarr, tmp_path
):
    start_worker()
    job, _ = start_scan(connection)
    wait_for_media(10)
    root, away = tmp_path / "tv", tmp_path / "away"
    root.rename(away)
    root.mkdir()  # an empty mount point is left
    unreached = JobItem.objects.filter(step="media", error_kind="StorageError")
    wait_until(unreached.exists, "a series could not be reached", meanwhile=Beat())
    assert not [entry for entry in sonarr.journal() if entry["method"] != "GET"]
    root.rmdir()
    away.rename(root)
    finish(job)
    check(job, sonarr)


def test_two_scans_of_one_instance_at_a_time_write_the_tags_of_one(
    start_worker: StartWorker, connection, sonarr
):
    start_worker()
    start_worker()
    job, _ = start_scan(connection)
    assert start_scan(connection) == (job, False)
    wait_for_media(5)
    second, is_new = services.start("scan", connection=connection)
    assert is_new
    finish(job)
    finish(second)
    assert second.state == JobState.COMPLETED
    check(job, sonarr)


def test_a_media_asked_for_in_mid_scan_has_its_tag_within_seconds(
    start_worker: StartWorker, connection, sonarr
):
    sonarr.clear_faults()
    sonarr.fault("latency", "/episode$", count=None, seconds=0.5)  # the scan takes ten seconds
    start_worker(queues="bulk")
    start_worker(queues="interactive,io")
    wait_until(lambda: served_queues(list(Queue)) == frozenset(list(Queue)), "both workers are there")
    job, _ = start_scan(connection)
    wait_for_media(3)
    last = Media.objects.filter(title__startswith="dub").order_by("sort_title", "pk").last()
    assert last is not None
    asked = time.monotonic()
    start_media_scan(last)
    wait_until(lambda: "dub" in tags_at(sonarr)[last.title], "its tag stood", meanwhile=Beat())
    took = time.monotonic() - asked
    job.refresh_from_db()
    assert job.is_live, f"the scan was over after {took:.1f} s: it tells nothing"
    sonarr.clear_faults()
    finish(job)
    check(job, sonarr)
