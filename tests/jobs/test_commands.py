"""`manage.py jobs`, `retry_failed` and `cancel_job`."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from jobs.handlers import Outcome
from jobs.management.commands import retry_failed as command
from jobs.models import ItemState, Job, JobState
from jobs.services import run_inline, start
from tests.commands import run

HEADER = ["Job", "What", "Instance", "State", "Done", "Failed", "Started", "Took", "Error"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def workers_are_there(monkeypatch):
    monkeypatch.setattr(command, "why_not_served", lambda _queue: "")


@pytest.fixture
def failed(scripted, connection) -> Job:
    """A job of two items, one of which failed."""
    scripted.plans(2)

    def work(run):
        if run.item.key == "unit:1":
            raise ConfigError("It cannot be done.")
        return Outcome()

    scripted.on_work = work
    job, _ = start("scripted", connection=connection)
    return run_inline(job)


def test_jobs_are_listed_newest_first(failed, scripted):
    newer, _ = start("scripted")
    ran = run("jobs")
    lines = ran.out.splitlines()
    assert lines[0].split() == HEADER
    assert lines[1].split()[:4] == [str(newer.pk), "scripted", "queued", "0/0"]
    assert lines[2].split()[:6] == [str(failed.pk), "scripted", "Sonarr", "completed", "2/2", "1"]


def test_live_jobs_alone_can_be_listed(failed, scripted):
    assert run("jobs", "--live").out == "No job is under way.\n"
    live, _ = start("scripted")
    assert [row["job"] for row in run("jobs", "--live", "--json").json] == [live.pk]


def test_without_any_job_that_is_said():
    assert run("jobs").out == "No job has been started yet.\n"


def test_the_list_is_as_long_as_asked_for(failed, scripted):
    start("scripted")
    assert len(run("jobs", "--limit", "1", "--json").json) == 1


def test_a_job_is_listed_with_its_counts(failed):
    (row,) = run("jobs", "--json").json
    assert (row["done"], row["total"], row["failed"]) == (2, 2, 1)
    assert (row["instance"], row["state"], row["error"]) == ("Sonarr", "completed", "")
    assert row["finished_at"].endswith("+00:00")


def test_listing_many_jobs_takes_as_many_queries_as_listing_one(failed, scripted, django_assert_num_queries):
    for _ in range(5):
        start("scripted")
    with django_assert_num_queries(2):
        run("jobs")


def test_failed_items_are_tried_again(failed, scripted):
    scripted.on_work = lambda run: Outcome()
    ran = run("retry_failed", str(failed.pk))
    assert ran.out == f"scripted #{failed.pk}: 1 item is tried again.\n"
    run_inline(failed)
    assert failed.items.filter(state=ItemState.FAILED).count() == 0


def test_without_a_number_the_last_jobs_are_tried_again(failed, scripted, connection):
    ran = run("retry_failed")
    assert ran.out == f"scripted #{failed.pk}: 1 item is tried again.\n"


def test_a_failure_that_a_later_job_made_good_is_left_alone(failed, scripted, connection):
    scripted.plans(0)
    later, _ = start("scripted", connection=connection)
    run_inline(later)
    assert run("retry_failed").out == "Nothing to try again: nothing failed.\n"


def test_where_nothing_failed_that_is_said(scripted):
    job, _ = start("scripted")
    run_inline(job)
    assert run("retry_failed", str(job.pk)).out == "Nothing to try again: nothing failed.\n"


def test_a_retry_without_a_worker_says_so(failed, monkeypatch):
    monkeypatch.setattr(command, "why_not_served", lambda queue: f"Nobody serves {queue}.")
    assert run("retry_failed").err == "Nobody serves bulk.\n"


def test_a_live_job_is_cancelled(scripted):
    job, _ = start("scripted")
    assert run("cancel_job", str(job.pk)).out == f"Cancelled scripted #{job.pk}.\n"
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED


def test_a_job_that_has_ended_is_not_cancelled(failed):
    assert run("cancel_job", str(failed.pk)).out == f"scripted #{failed.pk} had ended already: Completed.\n"


@pytest.mark.parametrize("name", ["retry_failed", "cancel_job"])
@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_an_unknown_job_is_told(name, number):
    ran = run(name, number)
    assert (ran.code, ran.err) == (2, f"There is no job {number}: manage.py jobs lists those there are.\n")
