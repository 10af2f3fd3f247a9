"""The tick: what it mends, and that no part of it keeps another from being done."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import responses
from django.conf import settings as django_settings
from django.db import connection as database
from django.db.models.functions import Now

from connections.models import Breaker, Connection
from jobs import claims, doorbells, endings, services, tasks, tick
from jobs.contract import Jobs
from jobs.handlers import ClaimLost
from jobs.models import ItemState, Job, JobItem, JobState, Queue
from jobs.runner import run_item
from tests.jobs.scripted import Scripted

Planned = Callable[..., Job]


@pytest.fixture(autouse=True)
def hooks(monkeypatch: pytest.MonkeyPatch) -> list[Callable[[], object]]:
    """What apps have done at each tick: nothing yet."""
    found: list[Callable[[], object]] = []
    monkeypatch.setattr(tick, "brought", lambda _: [(None, Jobs(ticks=tuple(found)))])
    return found


def claim_and_die(item: JobItem) -> JobItem:
    """Claim an item, and let its lease run out."""
    assert claims.claim(item.pk) is not None
    JobItem.objects.filter(pk=item.pk).update(lease_until=Now() - timedelta(seconds=1))
    item.refresh_from_db()
    return item


def unit(job: Job) -> JobItem:
    return job.items.filter(step="unit").earliest("pk")


def test_an_item_whose_worker_died_is_done_by_another(planned: Planned):
    job = planned()
    item = claim_and_die(unit(job))
    assert endings.reset_expired_leases() == 1
    item.refresh_from_db()
    assert (item.state, item.claim, item.error_kind) == (ItemState.PENDING, None, "WorkerLost")
    assert run_item(item.pk)
    item.refresh_from_db()
    assert (item.state, item.attempts, item.error) == (ItemState.DONE, 2, "")


def test_a_lease_that_has_not_run_out_is_left_alone(planned: Planned):
    job = planned()
    assert claims.claim(unit(job).pk) is not None
    assert endings.reset_expired_leases() == 0
    assert unit(job).state == ItemState.CLAIMED


def test_a_worker_that_starts_again_lets_go_what_it_held_and_nothing_of_others(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(claims, "_node", claims._node)
    first, second = planned(), planned()
    claims.work_as("worker-io@nas")
    assert claims.claim(unit(first).pk) is not None
    claims.work_as("worker-bulk@nas")
    assert claims.claim(unit(second).pk) is not None

    claims.work_as("worker-io@nas")
    assert claims.let_go() == 1
    assert endings.reset_expired_leases() == 1
    assert (unit(first).state, unit(second).state) == (ItemState.PENDING, ItemState.CLAIMED)


def test_an_item_that_kills_its_workers_fails_after_its_attempts(planned: Planned):
    job = planned()
    states = []
    for _ in range(3):
        claim_and_die(unit(job))
        tick.tick()
        states.append(unit(job).state)
    assert states == [ItemState.PENDING, ItemState.PENDING, ItemState.FAILED]
    assert "worker stopped, or was stopped" in unit(job).error
    job.refresh_from_db()
    assert job.state == JobState.FINISHING


def test_a_plan_that_kills_its_workers_fails_its_job(db: None, muted: None, scripted: Scripted):
    job, _ = services.start("scripted")
    for _ in range(3):
        claim_and_die(job.items.get())
        endings.reset_expired_leases()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "worker stopped, or was stopped" in job.error


def test_an_item_of_a_cancelled_job_whose_worker_died_is_cancelled(planned: Planned):
    job = planned()
    item = claim_and_die(unit(job))
    services.cancel(job)
    endings.reset_expired_leases()
    item.refresh_from_db()
    assert item.state == ItemState.CANCELLED


def test_an_item_of_a_job_that_nobody_knows_has_the_default_attempts(planned: Planned):
    job = planned()
    Job.objects.filter(pk=job.pk).update(name="of an older version")
    for _ in range(4):
        claim_and_die(unit(job))
        endings.reset_expired_leases()
        JobItem.objects.update(due_at=Now())
    assert unit(job).state == ItemState.PENDING
    claim_and_die(unit(job))
    endings.reset_expired_leases()
    assert unit(job).state == ItemState.FAILED


@pytest.mark.django_db(transaction=True)
def test_two_ticks_at_once_reset_a_lease_once(planned: Planned, monkeypatch: pytest.MonkeyPatch):
    job = planned(5)
    for item in job.items.filter(step="unit"):
        claim_and_die(item)

    def one(_: int) -> int:
        try:
            with doorbells.muted():
                return endings.reset_expired_leases()
        finally:
            database.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one, range(8))) == 5
    assert set(job.items.filter(step="unit").values_list("attempts", flat=True)) == {1}


def test_a_worker_that_ends_its_item_just_before_the_tick_wins(planned: Planned, monkeypatch):
    job = planned()
    item = claim_and_die(unit(job))
    late = JobItem.objects.select_related("job").get(pk=item.pk)
    assert claims.end(item, ItemState.DONE, took_ms=1)
    assert not endings._take_over(late)
    assert unit(job).state == ItemState.DONE


def test_an_item_taken_from_the_tick_itself_is_left_to_who_took_it(planned: Planned, monkeypatch):
    job = planned()
    item = claim_and_die(unit(job))
    late = JobItem.objects.select_related("job").get(pk=item.pk)

    def taken(*args: object, **kwargs: object) -> None:
        raise ClaimLost

    monkeypatch.setattr(endings, "try_again", taken)
    assert not endings._take_over(late)


def test_a_job_is_closed_whose_last_worker_died_before_it_looked(planned: Planned):
    job = planned()
    found = claims.claim(unit(job).pk)
    assert found is not None
    claims.end(found, ItemState.DONE, took_ms=1)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    tick.tick()
    job.refresh_from_db()
    assert job.state == JobState.FINISHING
    assert job.items.filter(step="finish").count() == 1


def test_a_job_that_still_has_something_to_do_is_not_closed(planned: Planned):
    job = planned()
    assert endings.close_idle_jobs() == 0
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_every_queue_is_rung(db: None, monkeypatch: pytest.MonkeyPatch):
    rung: list[tuple[str, str]] = []
    monkeypatch.setattr(doorbells, "top_up", lambda queue: rung.append(("new", queue)))
    monkeypatch.setattr(doorbells, "ring_again", lambda queue: rung.append(("old", queue)))
    tick.tick()
    assert set(rung) == {(which, queue) for which in ("new", "old") for queue in Queue}


@responses.activate
def test_an_open_breaker_is_tried_by_one_ping_a_tick(connection: Connection, muted: None):
    ping = responses.get("http://sonarr.test/ping", json={"status": "OK"})
    past = Now() - timedelta(seconds=1)
    Connection.objects.update(breaker=Breaker.OPEN, breaker_open_until=past, breaker_pause=60)
    tick.tick()
    connection.refresh_from_db()
    assert connection.breaker == Breaker.CLOSED
    assert ping.call_count == 1


def test_what_another_app_hangs_on_is_called_at_each_tick(
    db: None, muted: None, hooks: list[Callable[[], object]]
):
    called: list[str] = []
    hooks.append(lambda: called.append("hook"))
    tasks.tick()
    tasks.tick()
    assert called == ["hook", "hook"]


def test_a_part_that_fails_keeps_no_other_from_being_done(
    db: None,
    muted: None,
    hooks: list[Callable[[], object]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    called: list[str] = []

    def broken() -> None:
        raise RuntimeError("broken")

    hooks.extend([broken, lambda: called.append("after")])
    monkeypatch.setattr(endings, "reset_expired_leases", broken)
    tick.tick()
    assert called == ["after"]
    assert "the tick failed in jobs.endings.mend" in caplog.text
    assert "broken" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_breaks_costs_one_part_and_no_more(
    muted: None, hooks: list[Callable[[], object]], caplog: pytest.LogCaptureFixture
):
    jobs: list[int] = []

    def break_connection() -> None:
        with database.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    hooks.extend([break_connection, lambda: jobs.append(Job.objects.count())])
    tick.tick()
    assert jobs == [0]
    assert caplog.text.count("the tick failed in") == 1


def test_beat_sends_the_tick():
    entry = django_settings.CELERY_BEAT_SCHEDULE["tick"]
    assert entry["task"] == tasks.tick.name == "jobs.tick"
    assert entry["schedule"] == django_settings.JOB_TICK
    assert entry["options"]["queue"] == "io"
