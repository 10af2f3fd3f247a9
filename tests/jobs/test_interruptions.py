"""Attempts that are interrupted: cancelled, robbed of their claim, out of time, without a database."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection

from core.errors import ConfigError, ProbeError, StorageError
from jobs import claims, endings, runner, services
from jobs.handlers import ClaimLost, NewItem, Outcome, Plan
from jobs.models import ItemState, Job, JobItem, JobState
from jobs.runner import ItemRun, run_item
from tests.jobs.scripted import Scripted
from tests.jobs.units import effect, effects, fails_with, run_unit, unit

Planned = Callable[..., Job]


# --- Cancelling and losing the claim --------------------------------------------------------------


def test_a_cancelled_item_stops_at_its_next_look_and_saves_nothing(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runner, "CHECK_EVERY", 0.0)
    job = planned(2)

    def work(run: ItemRun) -> Outcome:
        services.cancel(job)
        run.check()
        return Outcome(save=lambda: effect("too late"))

    scripted.on_work = work
    assert run_unit(job).state == ItemState.CANCELLED
    assert effects() == []
    assert set(job.items.filter(step="unit").values_list("state", flat=True)) == {ItemState.CANCELLED}


def test_an_item_that_does_not_look_ends_as_it_would_in_a_cancelled_job(planned: Planned, scripted: Scripted):
    job = planned()

    def work(run: ItemRun) -> Outcome:
        services.cancel(job)
        return Outcome(save=lambda: effect("done"))

    scripted.on_work = work
    assert run_unit(job).state == ItemState.DONE
    assert effects() == ["done"]
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert not job.items.filter(step="finish").exists()


def test_a_retry_in_a_cancelled_job_is_a_cancelled_item(planned: Planned, scripted: Scripted):
    job = planned()

    def work(run: ItemRun) -> Outcome:
        services.cancel(job)
        raise StorageError("away")

    scripted.on_work = work
    assert run_unit(job).state == ItemState.CANCELLED


def test_a_plan_of_a_job_cancelled_meanwhile_inserts_nothing(db: None, muted: None, scripted: Scripted):
    job, _ = services.start("scripted")

    def plan(run: ItemRun) -> Plan:
        services.cancel(job)
        return Plan([NewItem("unit:0", "unit")], save=lambda: effect("planned"))

    scripted.on_plan = plan
    run_item(job.items.get().pk)
    assert list(job.items.values_list("step", "state")) == [("plan", "cancelled")]
    assert effects() == []


def test_a_finish_that_fails_in_a_job_cancelled_meanwhile_leaves_it_cancelled(
    planned: Planned, scripted: Scripted
):
    job = planned(0)

    def finish(run: ItemRun) -> Outcome:
        services.cancel(job)
        raise ConfigError("The label is taken.")

    scripted.on_finish = finish
    run_item(job.items.get(step="finish").pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.CANCELLED, "")


def test_a_finish_of_a_job_cancelled_meanwhile_leaves_it_cancelled(planned: Planned, scripted: Scripted):
    job = planned(0)

    def finish(run: ItemRun) -> Outcome:
        services.cancel(job)
        return Outcome()

    scripted.on_finish = finish
    run_item(job.items.get(step="finish").pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert job.items.get(step="finish").state == ItemState.DONE


def steal(item: JobItem) -> None:
    """Let another worker take the item, as after a lease that ran out."""
    JobItem.objects.filter(pk=item.pk).update(state=ItemState.PENDING)
    assert claims.claim(item.pk) is not None


@pytest.mark.parametrize(
    "ending", [Outcome(save=lambda: effect("twice")), StorageError("away"), ProbeError("bad")]
)
def test_a_worker_that_lost_its_claim_saves_nothing_and_ends_nothing(
    planned: Planned, scripted: Scripted, ending: Outcome | Exception
):
    def work(run: ItemRun) -> Outcome:
        steal(run.item)
        if isinstance(ending, Exception):
            raise ending
        return ending

    scripted.on_work = work
    item = run_unit(planned())
    assert (item.state, item.attempts, item.error) == (ItemState.CLAIMED, 2, "")
    assert effects() == []


def test_looking_finds_a_lost_claim(planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(runner, "CHECK_EVERY", 0.0)
    after_the_look: list[str] = []

    def work(run: ItemRun) -> Outcome:
        steal(run.item)
        run.check()
        after_the_look.append("went on")
        return Outcome()

    scripted.on_work = work
    assert run_unit(planned()).state == ItemState.CLAIMED
    assert after_the_look == []


def test_looking_often_asks_the_database_once_a_second(
    planned: Planned, scripted: Scripted, django_assert_num_queries
):
    def work(run: ItemRun) -> Outcome:
        with django_assert_num_queries(0):
            for _ in range(1000):
                run.check()
        return Outcome()

    scripted.on_work = work
    assert run_unit(planned()).state == ItemState.DONE


def test_looking_renews_the_lease_when_a_third_of_it_is_gone(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, settings
):
    settings.JOB_LEASE = 90
    monkeypatch.setattr(runner, "CHECK_EVERY", 0.0)
    clock = [1000.0]
    monkeypatch.setattr(runner, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    renewed: list[float] = []
    monkeypatch.setattr(claims, "renew", lambda item, seconds: renewed.append(clock[0]))

    def work(run: ItemRun) -> Outcome:
        for _ in range(7):
            clock[0] += 10
            run.check()
        return Outcome()

    scripted.on_work = work
    run_unit(planned())
    assert renewed == [1040.0]


def test_holding_makes_room_for_one_long_step(planned: Planned, scripted: Scripted):
    leases: list[timedelta] = []

    def work(run: ItemRun) -> Outcome:
        run.hold(500)
        lease_until = JobItem.objects.get(pk=run.item.pk).lease_until
        assert lease_until is not None
        leases.append(lease_until - run.claimed_at)
        return Outcome()

    scripted.on_work = work
    run_unit(planned())
    assert leases[0] >= timedelta(seconds=500)


# --- Checkpoints, time limits, shutdown -----------------------------------------------------------


def test_a_checkpoint_saves_in_the_middle_and_the_time_limit_then_costs_no_attempt(
    planned: Planned, scripted: Scripted
):
    def work(run: ItemRun) -> Outcome:
        run.checkpoint(lambda: effect("50 files"))
        raise SoftTimeLimitExceeded

    scripted.on_work = work
    job = planned()
    for _ in range(5):
        item = run_unit(job)
        assert (item.state, item.attempts) == (ItemState.PENDING, 0)
    assert effects() == ["50 files"] * 5


def test_a_checkpoint_tells_whoever_watches_that_a_long_item_goes_on(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    told: list[int] = []
    monkeypatch.setattr("jobs.listing.item_ended", told.append)

    def work(run: ItemRun) -> Outcome:
        run.checkpoint(lambda: None)
        assert told[-1:] == [run.job.pk]
        return Outcome()

    scripted.on_work = work
    assert run_unit(planned()).state == ItemState.DONE


def test_the_time_limit_without_progress_costs_attempts(planned: Planned, scripted: Scripted):
    fails_with(scripted, SoftTimeLimitExceeded())
    job = planned()
    states = [run_unit(job).state for _ in range(3)]
    assert states == [ItemState.PENDING, ItemState.PENDING, ItemState.FAILED]
    assert "longer than one task may take" in unit(job).error


def test_a_checkpoint_of_a_worker_that_lost_its_claim_is_rolled_back(planned: Planned, scripted: Scripted):
    lost: list[bool] = []

    def work(run: ItemRun) -> Outcome:
        steal(run.item)
        try:
            run.checkpoint(lambda: effect("50 files"))
        except ClaimLost:
            lost.append(True)
            raise
        return Outcome()

    scripted.on_work = work
    run_unit(planned())
    assert lost == [True]
    assert effects() == []


def test_an_item_that_looks_is_put_back_without_an_attempt_where_its_worker_was_told_to_stop(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(runner, "CHECK_EVERY", 0.0)
    monkeypatch.setattr(runner, "is_told_to_stop", lambda: True)

    def work(run: ItemRun) -> Outcome:
        run.check()
        return Outcome(save=lambda: effect("too late"))

    scripted.on_work = work
    item = run_unit(planned())
    assert (item.state, item.attempts) == (ItemState.PENDING, 0)
    assert effects() == []


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_process_told_to_stop_gives_its_item_back_without_an_attempt(
    planned: Planned, scripted: Scripted, stop: type[BaseException]
):
    fails_with(scripted, stop())
    job = planned()
    with pytest.raises(stop):
        run_item(unit(job).pk)
    assert (unit(job).state, unit(job).attempts) == (ItemState.PENDING, 0)


# --- The database away ----------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_broke_between_two_items_is_replaced(planned: Planned):
    item = unit(planned())
    connection.connection.close()
    assert run_item(item.pk)
    item.refresh_from_db()
    assert item.state == ItemState.DONE


def test_an_item_is_left_alone_where_the_database_is_away_at_the_claim(
    planned: Planned, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def away(item_id: int) -> None:
        raise OperationalError("connection refused")

    job = planned()
    with monkeypatch.context() as patched:
        patched.setattr(claims, "claim", away)
        assert not run_item(unit(job).pk)
    assert "the tick will ring again" in caplog.text
    assert (unit(job).state, unit(job).attempts) == (ItemState.PENDING, 0)


def test_the_lease_runs_out_where_the_database_is_away_at_the_end(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    job = planned()
    monkeypatch.setattr(runner, "PATIENCE", 0.0)
    monkeypatch.setattr(claims, "end", away)
    monkeypatch.setattr(claims, "lock_live_job", away)
    assert run_item(unit(job).pk)
    assert unit(job).state == ItemState.CLAIMED
    assert "when its lease has run out" in caplog.text


def test_the_tick_closes_a_job_where_the_database_went_away_after_its_last_item(
    planned: Planned, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def away(_job: Job) -> None:
        raise OperationalError("connection refused")

    job = planned()
    with monkeypatch.context() as patched:
        patched.setattr(claims, "close", away)
        assert run_item(unit(job).pk)
    job.refresh_from_db()
    assert (unit(job).state, job.state) == (ItemState.DONE, JobState.RUNNING)
    assert "the tick closes" in caplog.text
    endings.mend()
    job.refresh_from_db()
    assert job.state == JobState.FINISHING


def away_for_a_while(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """From now on the database is away at the end of an attempt, then once for each word."""
    left = ["once", "twice"]
    lock_live_job = claims.lock_live_job

    def away(*args: object, **kwargs: object) -> None:
        raise OperationalError("connection refused")

    def away_or_not(item: JobItem) -> Job | None:
        if left:
            left.pop()
            raise OperationalError("connection refused")
        return lock_live_job(item)

    monkeypatch.setattr(runner, "AGAIN_EVERY", 0.0)
    monkeypatch.setattr(claims, "end", away)
    monkeypatch.setattr(claims, "lock_live_job", away_or_not)
    return left


def test_an_item_is_put_back_when_the_database_is_there_again(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
):
    item = unit(planned())
    left = away_for_a_while(monkeypatch)
    assert run_item(item.pk)
    item.refresh_from_db()
    assert (item.state, item.attempts, left) == (ItemState.PENDING, 1, [])
    assert item.error == "The database could not be reached or was busy."


def test_what_another_worker_took_over_meanwhile_is_left_to_it(
    planned: Planned, monkeypatch: pytest.MonkeyPatch
):
    item = unit(planned())
    away_for_a_while(monkeypatch)

    def taken_over(_away: Exception) -> None:
        JobItem.objects.filter(pk=item.pk).update(claim=uuid.uuid4(), attempts=2)

    monkeypatch.setattr(runner, "_wait_for_database", taken_over)
    assert run_item(item.pk)
    item.refresh_from_db()
    assert (item.state, item.attempts, item.error) == (ItemState.CLAIMED, 2, "")


def test_a_worker_that_is_told_to_stop_waits_for_no_database(
    planned: Planned,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    monkeypatch.setattr(runner, "is_told_to_stop", lambda: True)
    item = unit(planned())
    left = away_for_a_while(monkeypatch)
    assert run_item(item.pk)
    assert left == ["once"]
    assert "when its lease has run out" in caplog.text


def test_the_time_limit_ends_the_wait_for_the_database(
    planned: Planned,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    def out_of_time(_seconds: float) -> None:
        raise SoftTimeLimitExceeded

    item = unit(planned())
    away_for_a_while(monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr("jobs.runner.time.sleep", out_of_time)
        assert run_item(item.pk)
    assert "when its lease has run out" in caplog.text
