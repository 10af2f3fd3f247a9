"""Starting, joining, cancelling and retrying jobs."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.db import connection as database
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from accounts.models import User
from connections.models import Connection
from core.errors import ConfigError, ProbeError
from core.subjects import Subject
from jobs import claims, doorbells, services
from jobs.handlers import NewItem, Outcome
from jobs.listing import progress
from jobs.models import LIVE_ITEM, ItemState, Job, JobItem, JobState, Queue, Trigger
from jobs.runner import ItemRun, run_item
from library.models import Media
from tests.jobs.scripted import Scripted

Planned = Callable[..., Job]
Bells = list[tuple[int, str, str]]

on_commit = pytest.mark.django_db(transaction=True)
"""For tests of what happens when a transaction has been committed, or in several connections."""


def fail_units(scripted: Scripted) -> None:
    def work(run: ItemRun) -> Outcome:
        raise ProbeError("no media file")

    scripted.on_work = work


# --- Start ----------------------------------------------------------------------------------------


@on_commit
def test_a_new_job_waits_with_its_plan_which_is_rung_for(
    scripted: Scripted, bells: Bells, connection: Connection
):
    user = User.objects.create_user("anna")
    job, new = services.start(
        "scripted", params={"mode": "update"}, connection=connection, trigger=Trigger.API, user=user
    )
    assert new
    plan = job.items.get()
    assert (plan.key, plan.step, plan.state, plan.queue) == ("plan", "plan", ItemState.PENDING, "bulk")
    assert (job.state, job.params, job.trigger) == (JobState.QUEUED, {"mode": "update"}, Trigger.API)
    assert (job.connection, job.requested_by) == (connection, user)
    assert job.created_at is not None
    assert bells == [(plan.pk, "scripted.plan", "bulk")]
    assert plan.published_at is not None


@on_commit
def test_nothing_is_rung_for_a_start_that_is_rolled_back(scripted: Scripted, bells: Bells):
    with transaction.atomic():
        services.start("scripted")
        assert bells == []
        transaction.set_rollback(True)
    assert bells == []
    assert not Job.objects.exists()


@on_commit
def test_a_job_with_items_has_no_plan(scripted: Scripted, bells: Bells):
    items = [NewItem("a", "unit"), NewItem("b", "other", queue=Queue.IO), NewItem("later", "unit", due_in=60)]
    job, _ = services.start("scripted", items=items, queue=Queue.INTERACTIVE)
    rows = {item.key: item for item in job.items.all()}
    assert list(rows) == ["a", "b", "later"]
    assert [(task, queue) for _, task, queue in bells] == [
        ("scripted.unit", "interactive"),
        ("scripted.other", "io"),
    ]
    assert rows["later"].published_at is None
    assert run_item(rows["a"].pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_two_items_with_one_key_start_nothing(db: None, muted: None, scripted: Scripted):
    with pytest.raises(IntegrityError):
        services.start("scripted", items=[NewItem("same", "unit"), NewItem("same", "unit")])
    assert not Job.objects.exists()


def test_an_unknown_job_is_not_started(db: None):
    with pytest.raises(ConfigError, match="no job called scna"):
        services.start("scna")
    assert not Job.objects.exists()


def test_parameters_that_the_handler_refuses_start_nothing(
    db: None, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    def refuse(params: dict[str, object]) -> dict[str, object]:
        raise ConfigError("mode must be update, rewrite or remove.")

    monkeypatch.setattr(scripted, "validate", refuse)
    with pytest.raises(ConfigError, match="mode must be"):
        services.start("scripted", params={"mode": "x"})
    assert not Job.objects.exists()


def test_a_live_job_with_the_same_key_is_the_answer(db: None, muted: None, scripted: Scripted):
    first, _ = services.start("scripted", dedupe_key="scan:1")
    second, new = services.start("scripted", dedupe_key="scan:1")
    other, other_is_new = services.start("scripted", dedupe_key="scan:2")
    assert (second, new) == (first, False)
    assert other_is_new
    assert other != first
    services.cancel(first)
    third, third_is_new = services.start("scripted", dedupe_key="scan:1")
    assert third_is_new
    assert third != first


@on_commit
def test_a_start_that_another_process_was_quicker_with_returns_its_job(
    bells: Bells, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    save = Job.save
    quicker: list[Job] = []

    def start_elsewhere() -> None:
        quicker.append(services.start("scripted", dedupe_key="scan:1")[0])
        database.close()

    def save_second(job: Job, **options: Any) -> None:
        monkeypatch.setattr(Job, "save", save)
        with ThreadPoolExecutor(1) as pool:
            pool.submit(start_elsewhere).result()
        save(job, **options)

    monkeypatch.setattr(Job, "save", save_second)
    assert services.start("scripted", dedupe_key="scan:1") == (quicker[0], False)
    assert Job.objects.count() == 1


@on_commit
def test_of_many_starts_with_one_key_at_the_same_time_one_makes_a_job(bells: Bells, scripted: Scripted):
    def one(_: int) -> tuple[int, bool]:
        try:
            job, new = services.start("scripted", dedupe_key="scan:1")
            return job.pk, new
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(one, range(24)))
    assert sum(new for _, new in answers) == 1
    assert len({pk for pk, _ in answers}) == 1
    assert Job.objects.count() == JobItem.objects.count() == 1


# --- Request one title ----------------------------------------------------------------------------


def request(media: Media, **changes: object) -> JobItem:
    asked: dict[str, Any] = {
        "connection": media.connection,
        "trigger": Trigger.WEBHOOK,
        "user": None,
        "params": {"mode": "update"},
        "joins": Q(params__mode="update"),
        **changes,
    }
    return services.request_item("scripted", media.subject, **asked)


def start_full(media: Media, mode: str = "update") -> JobItem:
    """A live full scan with a bulk item of this title, not begun."""
    job, _ = services.start(
        "scripted", params={"mode": mode}, items=[NewItem(f"media:{media.pk}", "unit", media.subject)]
    )
    return job.items.get()


@on_commit
def test_a_request_makes_an_interactive_job_of_one_item(media: Media, scripted: Scripted, bells: Bells):
    item = request(media)
    assert (item.step, item.key, item.subject_id, item.queue) == (
        "unit",
        f"media:{media.pk}",
        media.pk,
        "interactive",
    )
    assert (item.job.params, item.job.trigger, item.job.connection) == (
        {"mode": "update"},
        Trigger.WEBHOOK,
        media.connection,
    )
    assert bells == [(item.pk, "scripted.unit", "interactive")]


@on_commit
def test_a_request_joins_the_pending_item_of_a_full_scan_and_hurries_it(
    media: Media, scripted: Scripted, bells: Bells
):
    waiting = start_full(media)
    JobItem.objects.filter(pk=waiting.pk).update(due_at=Now() + timedelta(seconds=200))
    bells.clear()
    item = request(media)
    assert item == waiting
    assert item.queue == "interactive"
    assert claims.claim(item.pk) is not None
    assert bells == [(item.pk, "scripted.unit", "interactive")]
    assert Job.objects.count() == 1


def test_a_request_that_meets_a_claimed_item_has_it_done_once_more(
    media: Media, muted: None, scripted: Scripted
):
    running = start_full(media)
    asked: list[JobItem] = []

    def work(run: ItemRun) -> Outcome:
        if not asked:
            asked.extend([request(media), request(media), request(media)])
        return Outcome()

    scripted.on_work = work
    assert run_item(running.pk)
    assert asked == [running, running, running]
    running.refresh_from_db()
    assert (running.state, running.queue) == (ItemState.PENDING, "interactive")
    assert run_item(running.pk)
    running.refresh_from_db()
    assert running.state == ItemState.DONE
    assert scripted.runs == [running.key, running.key]
    assert Job.objects.count() == 1


@pytest.mark.parametrize("joins", [Q(params__mode="update"), Q(params__mode="update", name="scripted")])
def test_a_request_does_not_join_a_job_that_does_something_else(
    media: Media, muted: None, scripted: Scripted, joins: Q
):
    removing = start_full(media, mode="remove")
    assert request(media, joins=joins) != removing


@pytest.mark.parametrize("state", [ItemState.DONE, ItemState.FAILED, ItemState.SKIPPED])
def test_a_request_does_not_join_an_item_that_has_ended(
    media: Media, muted: None, scripted: Scripted, state: ItemState
):
    ended = start_full(media)
    JobItem.objects.filter(pk=ended.pk).update(state=state)
    assert request(media) != ended


def test_a_request_does_not_join_a_job_that_has_ended(media: Media, muted: None, scripted: Scripted):
    left = start_full(media)
    Job.objects.filter(pk=left.job_id).update(state=JobState.FAILED)
    assert request(media) != left


def test_a_request_starts_a_job_where_the_item_ends_while_it_looks(
    media: Media, muted: None, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    ending = start_full(media)
    update = QuerySet.update

    def end_first(query: QuerySet[JobItem], **changes: object) -> int:
        monkeypatch.undo()
        JobItem.objects.filter(pk=ending.pk).update(state=ItemState.DONE)
        return update(query, **changes)

    monkeypatch.setattr(QuerySet, "update", end_first)
    item = request(media)
    assert item != ending
    assert item.state == ItemState.PENDING


@on_commit
def test_of_many_requests_for_one_media_at_the_same_time_one_makes_a_job(
    media: Media, bells: Bells, scripted: Scripted
):
    def one(_: int) -> int:
        try:
            return request(media).pk
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        items = set(pool.map(one, range(24)))
    assert len(items) == 1
    assert Job.objects.count() == 1


def test_a_job_of_one_subject_says_which(media: Media, muted: None, scripted: Scripted):
    job = request(media).job
    assert (job.subject_kind, job.subject_id) == ("media", media.pk)
    assert start_full(media, mode="remove").job.subject_id is None


def test_subjects_of_two_kinds_with_one_id_are_two(media: Media, muted: None, scripted: Scripted):
    other = services.request_item(
        "scripted",
        Subject("book", media.pk),
        connection=media.connection,
        trigger=Trigger.MANUAL,
        user=None,
        params={},
        joins=Q(),
    )
    assert request(media) != other
    assert other.key == f"book:{media.pk}"


# --- Cancel ---------------------------------------------------------------------------------------


def test_cancelling_ends_the_job_and_what_has_not_begun(planned: Planned):
    job = planned(3)
    running = claims.claim(job.items.get(key="unit:0").pk)
    assert running is not None
    assert services.cancel(job)
    assert job.state == JobState.CANCELLED
    assert job.finished_at is not None
    states = dict(job.items.values_list("key", "state"))
    assert states == {
        "plan": ItemState.DONE,
        "unit:0": ItemState.CLAIMED,
        "unit:1": ItemState.CANCELLED,
        "unit:2": ItemState.CANCELLED,
    }


def test_a_job_that_has_ended_is_not_cancelled(planned: Planned):
    job = services.run_inline(planned())
    assert not services.cancel(job)
    assert job.state == JobState.COMPLETED


def test_cancelling_a_large_job_takes_a_few_queries(planned: Planned, django_assert_max_num_queries):
    job = planned(500)
    with django_assert_max_num_queries(6):
        services.cancel(job)
    assert not job.items.filter(state__in=LIVE_ITEM).exists()


# --- Retry ----------------------------------------------------------------------------------------


def test_a_finished_job_goes_on_with_its_failed_items_and_finishes_anew(planned: Planned, scripted: Scripted):
    fail_units(scripted)
    job = services.run_inline(planned(2))
    assert job.summary["items"]["failed"] == 2
    scripted.on_work = lambda run: Outcome()
    scripted.runs.clear()
    assert services.retry_failed(job) == 2
    assert (job.state, job.finished_at) == (JobState.RUNNING, None)
    job = services.run_inline(job)
    assert job.state == JobState.COMPLETED
    assert (job.summary["items"]["failed"], job.summary["items"]["done"]) == (0, 2)
    assert scripted.runs == ["unit:0", "unit:1", "finish"]
    assert list(job.items.filter(key="unit:0").values_list("attempts", flat=True)) == [1]


def test_a_waiting_item_still_shows_why_it_failed(planned: Planned, scripted: Scripted):
    fail_units(scripted)
    job = services.run_inline(planned(1))
    services.retry_failed(job)
    item = job.items.get(step="unit")
    assert (item.state, item.error) == (ItemState.PENDING, "no media file")


@on_commit
def test_items_to_be_tried_again_are_rung_for_at_once(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    fail_units(scripted)
    job = services.run_inline(planned(1))
    rung: list[str] = []
    monkeypatch.setattr(doorbells, "top_up", rung.append)
    services.retry_failed(job)
    assert rung == ["bulk"]


def test_there_is_nothing_to_retry_in_a_job_that_went_well(planned: Planned):
    job = services.run_inline(planned(1))
    assert services.retry_failed(job) == 0
    assert job.state == JobState.COMPLETED


def test_a_failed_plan_can_be_tried_again(db: None, muted: None, scripted: Scripted):
    def plan(run: ItemRun) -> None:
        raise ProbeError("no")

    scripted.on_plan = plan  # type: ignore[assignment]
    job = services.run_inline(services.start("scripted")[0])
    assert job.state == JobState.FAILED
    scripted.plans(1)
    assert services.retry_failed(job) == 1
    job = services.run_inline(job)
    assert (job.state, job.error) == (JobState.COMPLETED, "")


def test_a_failed_finish_can_be_tried_again_by_itself(planned: Planned, scripted: Scripted):
    def finish(run: ItemRun) -> Outcome:
        raise ConfigError("The label is taken.")

    scripted.on_finish = finish
    job = services.run_inline(planned(1))
    scripted.on_finish = lambda run: Outcome()
    scripted.runs.clear()
    assert services.retry_failed(job) == 1
    assert job.state == JobState.FINISHING
    job = services.run_inline(job)
    assert (job.state, job.error) == (JobState.COMPLETED, "")
    assert scripted.runs == ["finish"]
    assert job.items.get(step="finish").error == ""


def test_retrying_while_the_finish_waits_has_it_run_after_the_items(planned: Planned, scripted: Scripted):
    fail_units(scripted)
    job = planned(1)
    run_item(job.items.get(step="unit").pk)
    job.refresh_from_db()
    assert job.state == JobState.FINISHING
    scripted.on_work = lambda run: Outcome()
    services.retry_failed(job)
    run_item(job.items.get(step="finish").pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    job = services.run_inline(job)
    assert job.state == JobState.COMPLETED
    assert scripted.runs[-2:] == ["unit:0", "finish"]


def test_one_failed_item_can_be_tried_again(planned: Planned, scripted: Scripted):
    fail_units(scripted)
    job = services.run_inline(planned(2))
    scripted.on_work = lambda run: Outcome()
    assert services.retry_item(job.items.get(key="unit:1"))
    job = services.run_inline(job)
    states = dict(job.items.filter(step="unit").values_list("key", "state"))
    assert states == {"unit:0": ItemState.FAILED, "unit:1": ItemState.DONE}
    assert not services.retry_item(job.items.get(key="unit:1"))


def test_the_failed_items_of_a_cancelled_job_can_be_tried_again(planned: Planned, scripted: Scripted):
    fail_units(scripted)
    job = planned(2)
    run_item(job.items.get(key="unit:0").pk)
    services.cancel(job)
    scripted.on_work = lambda run: Outcome()
    assert services.retry_failed(job) == 1
    job = services.run_inline(job)
    assert job.state == JobState.COMPLETED
    assert (job.summary["items"]["done"], job.summary["items"]["cancelled"]) == (1, 1)


def test_a_job_does_not_go_on_beside_a_newer_one_of_its_kind(db: None, muted: None, scripted: Scripted):
    scripted.plans(1)
    fail_units(scripted)
    job = services.run_inline(services.start("scripted", dedupe_key="scan:1")[0])
    services.start("scripted", dedupe_key="scan:1")
    with pytest.raises(ConfigError, match="while a newer job of its kind is running"):
        services.retry_failed(job)
    job.refresh_from_db()
    assert job.state == JobState.COMPLETED
    assert job.items.get(step="unit").state == ItemState.FAILED


# --- Progress -------------------------------------------------------------------------------------


def test_progress_counts_the_items_of_each_state_in_one_query(
    planned: Planned, scripted: Scripted, django_assert_num_queries
):
    job = planned(3)
    run_item(job.items.get(key="unit:0").pk)
    claims.claim(job.items.get(key="unit:1").pk)
    with django_assert_num_queries(1):
        counts = progress(job.pk)
    assert counts == {
        "total": 3,
        "pending": 1,
        "claimed": 1,
        "done": 1,
        "skipped": 0,
        "failed": 0,
        "cancelled": 0,
    }


def test_progress_of_a_job_that_is_not_planned_yet_is_all_zero(db: None, muted: None, scripted: Scripted):
    job, _ = services.start("scripted")
    assert set(progress(job.pk).values()) == {0}
