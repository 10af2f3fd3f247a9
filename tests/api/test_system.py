"""The system over the API: tasks and the audit log."""

import pytest

from jobs.models import Job, Schedule

pytestmark = pytest.mark.django_db


@pytest.fixture
def task():
    """A task that starts the clean-up every night."""
    return Schedule.objects.create(job="cleanup", cron="45 4 * * *")


def test_a_task_gets_an_interval_instead_of_its_cron_line_and_back(api, task):
    address = f"/api/v1/system/tasks/{task.pk}"

    hourly = api.patch(address, {"every": 3600}, format="json").json()
    assert (hourly["every"], hourly["cron"], hourly["schedule"]) == (3600, "", "every 3600 s")

    nightly = api.patch(address, {"cron": "0 3 * * *"}, format="json").json()
    assert (nightly["every"], nightly["cron"]) == (None, "0 3 * * *")

    off = api.patch(address, {"enabled": False}, format="json").json()
    assert (off["enabled"], off["schedule"]) == (False, "never (disabled)")


@pytest.mark.parametrize(
    "wrong",
    [
        {"every": 5},
        {"every": "3600"},
        {"cron": "every day"},
        {"every": 3600, "cron": "0 3 * * *"},
        {"every": None, "cron": ""},
        {"params": {"wish": 1}},
        {"params": []},
        {"enabled": "no"},
    ],
)
def test_a_task_that_cannot_be_is_refused(api, task, wrong):
    answer = api.patch(f"/api/v1/system/tasks/{task.pk}", wrong, format="json")

    assert answer.status_code == 422, answer.content
    task.refresh_from_db()
    assert (task.cron, task.every, task.params) == ("45 4 * * *", None, {})


def test_a_task_is_run_now_and_not_twice_at_once(api, task):
    address = f"/api/v1/system/tasks/{task.pk}/run"

    started, refused = api.post(address), api.post(address)

    job = Job.objects.get(name="cleanup")
    assert (started.status_code, started.json()["id"]) == (202, job.pk)
    assert refused.status_code == 409
    assert refused.json()["job"].endswith(f"/api/v1/jobs/{job.pk}")


def test_the_audit_log_tells_who_changed_what_without_secrets(api, plain_instance):
    api.patch(f"/api/v1/instances/{plain_instance.pk}", {"enabled": False}, format="json")

    found = api.get("/api/v1/system/audit?kind=instance&action=changed&actor=ada&search=shelf").json()

    assert found["count"] == 1
    (line,) = found["results"]
    assert (line["before"], line["after"]) == ({"enabled": True}, {"enabled": False})
    assert api.get("/api/v1/system/audit?actor=vera").json()["count"] == 0
    everything = api.get("/api/v1/system/audit").content.decode()
    assert "k" * 28 not in everything
