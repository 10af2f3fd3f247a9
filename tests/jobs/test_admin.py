"""Jobs in the admin: what is shown, what an admin can do, and that nothing can be changed."""

from __future__ import annotations

from html import unescape

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Role, User
from connections.models import Connection
from core.errors import ProbeError
from jobs import services
from jobs.handlers import Outcome
from jobs.models import Job, JobState

JOBS = "admin:jobs_job_changelist"


@pytest.fixture
def browser(client, db):
    client.force_login(User.objects.create_user("root", role=Role.ADMIN))
    return client


@pytest.fixture
def failed_job(planned, scripted, connection: Connection) -> Job:
    """A job of three units, one of which failed."""

    def work(run) -> Outcome:
        if run.item.key == "unit:1":
            raise ProbeError("no <media> file")
        return Outcome()

    scripted.on_work = work
    job = services.run_inline(planned(3, connection=connection))
    scripted.on_work = lambda run: Outcome()
    return job


def act(browser, page: str, action: str, *chosen: int) -> list[str]:
    """Choose rows and an action; return what is said."""
    answer = browser.post(reverse(page), {"action": action, "_selected_action": chosen}, follow=True)
    return [str(message) for message in answer.context["messages"]]


def test_the_list_shows_how_far_each_job_is(browser, failed_job: Job):
    page = unescape(browser.get(reverse(JOBS)).content.decode())
    assert f"scripted #{failed_job.pk}" in page
    assert "3 of 3, 1 failed" in page
    assert "Sonarr" in page


def test_the_list_costs_the_same_whatever_the_number_of_jobs(
    browser, planned, connection: Connection, django_assert_num_queries, read_just_now
):
    planned(1, connection=connection)
    with CaptureQueriesContext(database) as few:
        browser.get(reverse(JOBS))
    for _ in range(5):
        planned(2, connection=connection)
    with django_assert_num_queries(len(few)):
        browser.get(reverse(JOBS))


def test_a_job_shows_its_progress(browser, failed_job: Job):
    page = unescape(browser.get(reverse("admin:jobs_job_change", args=[failed_job.pk])).content.decode())
    assert "3 of 3, 1 failed" in page
    assert 'name="_save"' not in page


def test_a_job_that_has_not_begun_took_no_time(browser, scripted, muted):
    services.start("scripted")
    assert browser.get(reverse(JOBS)).status_code == 200


def test_jobs_are_found(browser, failed_job: Job):
    assert f"scripted #{failed_job.pk}" in browser.get(reverse(JOBS), {"q": "Sonarr"}).content.decode()
    assert "0 jobs" in browser.get(reverse(JOBS), {"q": "nothing of the kind"}).content.decode()


def test_a_job_is_cancelled_once(browser, planned):
    job = planned(2)
    assert act(browser, JOBS, "cancel", job.pk) == [f"{job}: cancelled."]
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert act(browser, JOBS, "cancel", job.pk) == [f"{job}: had ended already."]


def test_failed_items_are_tried_again(browser, failed_job: Job):
    assert act(browser, JOBS, "retry_failed", failed_job.pk) == [f"{failed_job}: 1 item to be tried again."]
    assert act(browser, JOBS, "retry_failed", failed_job.pk) == [f"{failed_job}: 0 items to be tried again."]
    assert services.run_inline(failed_job).summary["items"]["done"] == 3


def test_what_cannot_be_done_is_told(browser, scripted, failed_job: Job):
    Job.objects.filter(pk=failed_job.pk).update(dedupe_key="scan:1")
    services.start("scripted", dedupe_key="scan:1")
    said = act(browser, JOBS, "retry_failed", failed_job.pk)
    assert said == [
        f"{failed_job} cannot go on while a newer job of its kind is running: "
        "wait for that one, or cancel it."
    ]


def test_nobody_adds_by_hand(browser):
    assert browser.get(reverse("admin:jobs_job_add")).status_code == 403


def test_nobody_changes_or_deletes(browser, failed_job: Job):
    address = reverse("admin:jobs_job_change", args=[failed_job.pk])
    assert browser.post(address, {"state": "queued"}).status_code == 403
    assert browser.post(reverse("admin:jobs_job_delete", args=[failed_job.pk])).status_code == 403
    failed_job.refresh_from_db()
    assert failed_job.state == JobState.COMPLETED


def test_a_viewer_sees_nothing_of_it(client, db, failed_job: Job):
    client.force_login(User.objects.create_user("eve", role=Role.VIEWER))
    for answer in (
        client.get(reverse(JOBS), follow=True),
        client.post(reverse(JOBS), {"action": "cancel", "_selected_action": failed_job.pk}, follow=True),
    ):
        assert answer.status_code == 403
        assert "Only an admin may do this" in answer.content.decode()
