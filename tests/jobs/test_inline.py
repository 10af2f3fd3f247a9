"""Running a job in this process, without Celery and without Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from connections import breaker
from connections.models import Breaker, Connection
from core.errors import ApiAuthError, ApiError, ApiTransientError, StorageError
from jobs import claims, doorbells, services
from jobs.handlers import NewItem, Outcome, Plan, RetryPolicy
from jobs.models import ItemState, Job, JobItem, JobState
from jobs.runner import ItemRun
from tests.jobs.scripted import Scripted

Planned = Callable[..., Job]


def test_a_job_is_run_to_its_end(db: None, scripted: Scripted, muted: None):
    scripted.plans(120)
    job, _ = services.start("scripted")
    job = services.run_inline(job)
    assert job.state == JobState.COMPLETED
    assert job.summary["items"]["done"] == 120
    assert len(scripted.runs) == 122


@pytest.mark.django_db(transaction=True)
def test_no_message_is_sent(scripted: Scripted, monkeypatch: pytest.MonkeyPatch):
    def refuse(*args: object) -> None:
        raise AssertionError("the broker was asked")

    scripted.plans(3)
    with doorbells.muted():
        job, _ = services.start("scripted")
    monkeypatch.setattr(doorbells, "_send", refuse)
    monkeypatch.setattr(doorbells, "queue_length", refuse)
    assert services.run_inline(job).state == JobState.COMPLETED


def test_items_that_wait_for_their_next_attempt_are_waited_for(
    db: None, scripted: Scripted, muted: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "NAP", 0.01)
    monkeypatch.setattr(type(scripted), "retry", RetryPolicy(attempts=3, base=0.1, cap=0.1))

    def work(run: ItemRun) -> Outcome:
        if run.attempt < 3:
            raise StorageError("away")
        return Outcome()

    scripted.on_work = work
    scripted.on_plan = lambda run: Plan([NewItem("unit:0", "unit", due_in=0.05)])
    job = services.run_inline(services.start("scripted")[0])
    assert job.state == JobState.COMPLETED
    assert job.items.get(step="unit").attempts == 3


def test_progress_is_told_while_it_runs_and_at_the_end(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "TELL_EVERY", 0.0)
    told: list[dict[str, int]] = []
    services.run_inline(planned(3), on_progress=told.append)
    assert [counts["done"] for counts in told[:3]] == [1, 2, 3]
    assert told[-1]["done"] == told[-1]["total"] == 3


def test_an_item_that_another_process_lost_is_taken_over(
    planned: Planned, scripted: Scripted, settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "NAP", 0.01)
    settings.JOB_TICK = 0
    job = planned(1)
    item = job.items.get(step="unit")
    assert claims.claim(item.pk) is not None
    JobItem.objects.filter(pk=item.pk).update(lease_until=Now() - timedelta(seconds=1))
    assert services.run_inline(job).state == JobState.COMPLETED


def test_an_instance_that_is_left_alone_is_tried_again(
    planned: Planned, scripted: Scripted, connection: Connection, settings, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "NAP", 0.01)
    settings.JOB_TICK = 0
    job = planned(1, connection=connection)
    Connection.objects.update(breaker=Breaker.OPEN)
    pings: list[int] = []

    def answer_at_the_third() -> None:
        pings.append(1)
        if len(pings) == 3:
            Connection.objects.update(breaker=Breaker.CLOSED)

    monkeypatch.setattr(breaker, "ping_due", answer_at_the_third)
    assert services.run_inline(job).state == JobState.COMPLETED
    assert len(pings) >= 3
    assert job.items.get(step="unit").attempts == 1


@pytest.mark.parametrize(
    ("error", "attempts"), [(None, 1), (ApiAuthError("Wrong API key."), 1), (ApiTransientError("Away."), 3)]
)
def test_a_job_ends_though_the_key_of_its_instance_is_refused(
    planned: Planned, scripted: Scripted, connection: Connection, error: ApiError | None, attempts: int
):
    """What its last item met: nobody would wait for a finish that comes with the next key."""

    def work(run: ItemRun) -> Outcome:
        Connection.objects.update(breaker=Breaker.REFUSED)
        raise ApiAuthError("Wrong API key.")

    def finish(run: ItemRun) -> Outcome:
        if error:
            raise error
        return Outcome()

    job = planned(1, connection=connection)
    scripted.on_work, scripted.on_finish = work, finish
    job = services.run_inline(job)
    assert (job.state, job.error) == ((JobState.FAILED, str(error)) if error else (JobState.COMPLETED, ""))
    assert job.items.get(step="finish").attempts == attempts


def test_an_error_of_the_listener_ends_the_run_and_not_the_job(
    planned: Planned, scripted: Scripted, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(services, "TELL_EVERY", 0.0)

    def stop(counts: dict[str, int]) -> None:
        raise KeyboardInterrupt

    job = planned(3)
    with pytest.raises(KeyboardInterrupt):
        services.run_inline(job, on_progress=stop)
    job.refresh_from_db()
    assert job.is_live
    assert not job.items.filter(state=ItemState.CLAIMED).exists()


def test_a_job_that_has_ended_is_returned_as_it_is(planned: Planned, scripted: Scripted):
    job = services.run_inline(planned(1))
    scripted.runs.clear()
    assert services.run_inline(job).state == JobState.COMPLETED
    assert scripted.runs == []
