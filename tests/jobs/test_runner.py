"""One attempt at one item: what becomes of it, whatever its handler does."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.db.models.functions import Now

from connections.models import Connection
from core.errors import (
    ApiAuthError,
    ApiPermanentError,
    ApiTransientError,
    ConfigError,
    Later,
    NfoError,
    ProbeError,
    StorageError,
)
from jobs import services
from jobs.handlers import NewItem, Outcome, Plan
from jobs.models import ItemState, Job, JobItem, JobState, Queue
from jobs.runner import ItemRun, run_item
from tests.jobs.scripted import Scripted
from tests.jobs.units import effect, effects, fails_with, run_unit, unit

Planned = Callable[..., Job]


# --- What goes well -------------------------------------------------------------------------------


def test_a_job_goes_from_plan_over_its_items_to_finish(planned: Planned, scripted: Scripted):
    job = planned(2)
    assert job.state == JobState.RUNNING
    for item in job.items.filter(state=ItemState.PENDING):
        assert run_item(item.pk)
    job.refresh_from_db()
    assert job.state == JobState.FINISHING
    assert run_item(job.items.get(step="finish").pk)
    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
    assert job.finished_at is not None
    assert scripted.runs == ["plan", "unit:0", "unit:1", "finish"]


def test_a_plan_without_items_goes_straight_to_finish(planned: Planned):
    job = planned(0)
    assert job.state == JobState.FINISHING


def test_the_plan_s_items_are_inserted_as_they_were_planned(planned: Planned, scripted: Scripted, media):
    items = [
        NewItem("b", "unit", media.subject, {"n": [1, "ü"]}),
        NewItem("a", "other", queue=Queue.IO, due_in=60),
    ]
    scripted.on_plan = lambda run: Plan(items)
    job, _ = services.start("scripted")
    run_item(job.items.get().pk)
    b, a = job.items.exclude(step="plan").order_by("pk")
    assert (b.key, b.step, b.subject_id, b.params, b.queue) == (
        "b",
        "unit",
        media.pk,
        {"n": [1, "ü"]},
        "bulk",
    )
    assert (a.key, a.step, a.subject_id, a.params, a.queue) == ("a", "other", None, {}, "io")
    assert timedelta(seconds=59) < a.due_at - b.due_at < timedelta(seconds=61)


def test_a_plan_that_names_a_key_twice_inserts_nothing_and_fails(planned: Planned, scripted: Scripted):
    twice = [NewItem("same", "unit"), NewItem("same", "unit")]
    scripted.on_plan = lambda run: Plan(twice, save=lambda: effect("planned"))
    job, _ = services.start("scripted")
    run_item(job.items.get().pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert job.items.count() == 1
    assert effects() == []


def test_what_an_item_saves_is_committed_with_its_end(planned: Planned, scripted: Scripted):
    scripted.on_work = lambda run: Outcome(result={"n": 1}, save=lambda: effect("done"))
    item = run_unit(planned())
    assert (item.state, item.result) == (ItemState.DONE, {"n": 1})
    assert effects() == ["done"]


def test_what_a_plan_saves_is_committed_with_its_items(planned: Planned, scripted: Scripted):
    scripted.on_plan = lambda run: Plan(
        [NewItem("unit:0", "unit")], summary={"media": 1}, save=lambda: effect("planned")
    )
    job, _ = services.start("scripted")
    run_item(job.items.get().pk)
    job.refresh_from_db()
    assert effects() == ["planned"]
    assert job.summary == {"media": 1}


def test_the_finish_is_merged_over_the_plan_s_summary_and_counts_the_items(
    planned: Planned, scripted: Scripted
):
    def work(run: ItemRun) -> Outcome:
        if run.item.key == "unit:0":
            raise ProbeError("no media file")
        return Outcome(ItemState.SKIPPED)

    scripted.on_work = work
    scripted.on_finish = lambda run: Outcome(result={"b": 2}, save=lambda: effect("finished"))
    job = planned(2)
    Job.objects.filter(pk=job.pk).update(summary={"a": 1, "b": 1})
    services.run_inline(job)
    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
    assert {key: job.summary[key] for key in "ab"} == {"a": 1, "b": 2}
    counts = {state: count for state, count in job.summary["items"].items() if count}
    assert counts == {"total": 2, "failed": 1, "skipped": 1}
    assert effects() == ["finished"]


def test_a_message_delivered_twice_runs_its_item_once(planned: Planned, scripted: Scripted):
    job = planned()
    run_unit(job)
    assert not run_item(unit(job).pk)
    assert scripted.runs.count("unit:0") == 1


@pytest.mark.parametrize("wrong", ["7", None, {"id": 7}, [7], 1.5, 0, -1, 2**63])
def test_a_message_without_an_id_is_refused(db: None, wrong: object, caplog: pytest.LogCaptureFixture):
    assert not run_item(wrong)  # type: ignore[arg-type]
    assert "does not hold the id of an item" in caplog.text


def test_the_run_knows_its_job_its_attempt_and_when_it_was_claimed(planned: Planned, scripted: Scripted):
    seen: list[Any] = []

    def work(run: ItemRun) -> Outcome:
        seen.extend([run.job.pk, run.job.name, run.attempt, str(run), run.claimed_at])
        return Outcome()

    scripted.on_work = work
    job = planned()
    run_unit(job)
    assert seen[:4] == [job.pk, "scripted", 1, f"scripted #{job.pk}, unit:0"]
    finished_at = unit(job).finished_at
    assert finished_at is not None
    assert timedelta(0) <= finished_at - seen[4] < timedelta(seconds=10)


# --- What goes wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ApiTransientError("Sonarr did not answer in 30 s."), "Sonarr did not answer in 30 s."),
        (StorageError("/tv is away."), "/tv is away."),
        (OperationalError("deadlock"), "The database could not be reached or was busy."),
        (InterfaceError("closed"), "The database could not be reached or was busy."),
    ],
    ids=["api", "storage", "database", "connection"],
)
def test_an_error_that_may_pass_makes_the_item_wait_and_says_why(
    planned: Planned, scripted: Scripted, error: Exception, text: str
):
    fails_with(scripted, error)
    item = run_unit(planned())
    assert (item.state, item.attempts) == (ItemState.PENDING, 1)
    assert (item.error, item.error_kind) == (text, type(error).__name__)
    assert item.finished_at is None


def test_the_wait_that_a_server_asked_for_is_kept(planned: Planned, scripted: Scripted):
    fails_with(scripted, ApiTransientError("busy", status=429, retry_after=120))
    item = run_unit(planned())
    wait = item.due_at - JobItem.objects.annotate(now=Now()).get(pk=item.pk).now
    assert timedelta(seconds=110) < wait <= timedelta(seconds=120)


def test_a_call_that_has_no_slot_yet_costs_no_attempt_and_comes_back_then(
    planned: Planned, scripted: Scripted
):
    fails_with(scripted, Later(90))
    item = run_unit(planned())
    wait = item.due_at - JobItem.objects.annotate(now=Now()).get(pk=item.pk).now
    assert (item.state, item.attempts, item.error_kind) == (ItemState.PENDING, 0, "Later")
    assert timedelta(seconds=80) < wait <= timedelta(seconds=90)


@pytest.mark.parametrize(
    ("breaker", "counts", "attempts"),
    [("open", True, 0), ("refused", True, 1), ("closed", True, 1), ("open", False, 1)],
)
def test_what_fails_because_its_connection_is_away_costs_no_attempt(
    planned: Planned, scripted: Scripted, connection: Connection, breaker: str, counts: bool, attempts: int
):
    def work(run: ItemRun) -> Outcome:
        # The breaker opens while the item is being worked on.
        Connection.objects.update(breaker=breaker)
        raise ApiTransientError("Nothing answers.", counts_for_breaker=counts)

    job = planned(connection=connection)
    scripted.on_work = work
    item = run_unit(job)
    assert (item.state, item.attempts, item.error) == (ItemState.PENDING, attempts, "Nothing answers.")
    if breaker != "closed":
        assert not run_item(item.pk), "the breaker lets nobody try"


def test_an_error_that_does_not_pass_fails_the_item_after_its_attempts(planned: Planned, scripted: Scripted):
    fails_with(scripted, StorageError("/tv is away."))
    job = planned()
    assert [run_unit(job).state for _ in range(3)] == [ItemState.PENDING, ItemState.PENDING, ItemState.FAILED]
    assert unit(job).error == "/tv is away."
    assert unit(job).attempts == 3
    job.refresh_from_db()
    assert job.state == JobState.FINISHING


def test_an_item_that_succeeds_later_forgets_its_trouble(planned: Planned, scripted: Scripted):
    fails_with(scripted, StorageError("/tv is away."))
    job = planned()
    run_unit(job)
    scripted.on_work = lambda run: Outcome()
    item = run_unit(job)
    assert (item.state, item.error, item.attempts) == (ItemState.DONE, "", 2)


@pytest.mark.parametrize(
    "error",
    [
        ApiPermanentError("Sonarr has no such series."),
        ApiAuthError("Wrong API key."),
        ProbeError("no media file"),
        ConfigError("No such folder."),
        NfoError("malformed"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_that_stays_fails_the_item_at_once(planned: Planned, scripted: Scripted, error: Exception):
    fails_with(scripted, error)
    item = run_unit(planned())
    assert (item.state, item.attempts) == (ItemState.FAILED, 1)
    assert (item.error, item.error_kind) == (str(error), type(error).__name__)


def test_a_bug_fails_the_item_at_once_and_is_logged_with_its_traceback(
    planned: Planned, scripted: Scripted, caplog: pytest.LogCaptureFixture
):
    fails_with(scripted, KeyError("api_key=secret"))
    item = run_unit(planned())
    assert (item.state, item.error_kind) == (ItemState.FAILED, "KeyError")
    assert "log says more" in item.error
    assert "secret" not in item.error
    record = next(record for record in caplog.records if record.levelno == logging.ERROR)
    assert record.exc_info is not None
    assert "unit:0" in record.getMessage()


def test_every_attempt_that_fails_stands_in_the_log(
    planned: Planned, scripted: Scripted, caplog: pytest.LogCaptureFixture
):
    fails_with(scripted, StorageError("probe.gone", name="a.mkv"))
    job = planned()
    while unit(job).state == ItemState.PENDING:
        unit(job).job.items.update(due_at=Now())
        run_unit(job)
    told = [record for record in caplog.records if "There is no file a.mkv now" in record.getMessage()]
    assert [record.levelname for record in told] == ["WARNING"] * (unit(job).attempts - 1) + ["ERROR"]
    assert len(told) > 1


def test_a_job_whose_handler_is_gone_says_so(planned: Planned):
    job = planned()
    Job.objects.filter(pk=job.pk).update(name="of an older version")
    item = run_unit(job)
    assert (item.state, item.error_kind) == (ItemState.FAILED, "ConfigError")
    assert "no job called of an older version" in item.error


def test_nothing_is_saved_where_saving_fails(planned: Planned, scripted: Scripted):
    def save() -> None:
        effect("half")
        raise StorageError("disk full")

    scripted.on_work = lambda run: Outcome(save=save)
    item = run_unit(planned())
    assert (item.state, item.error) == (ItemState.PENDING, "disk full")
    assert effects() == []


def test_a_plan_that_fails_for_good_fails_its_job(db: None, muted: None, scripted: Scripted):
    def plan(run: ItemRun) -> Plan:
        raise ApiPermanentError("This is Radarr, not Sonarr.")

    scripted.on_plan = plan
    job, _ = services.start("scripted")
    run_item(job.items.get().pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, "This is Radarr, not Sonarr.")
    assert job.finished_at is not None
    assert list(job.items.values_list("step", "state")) == [("plan", "failed")]


def test_a_plan_is_tried_again_before_its_job_fails(db: None, muted: None, scripted: Scripted):
    def plan(run: ItemRun) -> Plan:
        raise ApiTransientError("Sonarr did not answer.")

    scripted.on_plan = plan
    job, _ = services.start("scripted")
    states = []
    for _ in range(3):
        run_item(job.items.get().pk)
        job.refresh_from_db()
        states.append(job.state)
    assert states == [JobState.RUNNING, JobState.RUNNING, JobState.FAILED]


def test_a_finish_that_fails_fails_its_job_and_keeps_the_items(planned: Planned, scripted: Scripted):
    def finish(run: ItemRun) -> Outcome:
        raise ConfigError("The label is taken.")

    scripted.on_finish = finish
    job = services.run_inline(planned())
    assert (job.state, job.error) == (JobState.FAILED, "The label is taken.")
    assert unit(job).state == ItemState.DONE
