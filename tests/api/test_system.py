"""The system over the API: tasks, audit log, backups, logs and settings."""

from pathlib import Path

import pytest

from connections.models import Connection
from history.models import AuditEntry
from jobs.models import Job, Schedule
from notify.models import Channel, Message
from notify.services import deliver
from system.backup import services
from tests.connections.build import make_connection
from tests.streams import sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def task():
    """A task that starts the clean-up every night."""
    return Schedule.objects.create(job="cleanup", cron="45 4 * * *")


def test_a_task_gets_an_interval_instead_of_its_cron_line_and_back(api, task):
    address = f"/api/v1/system/tasks/{task.pk}"

    hourly = api.patch(address, {"every": 3600}, format="json").json()
    assert (hourly["every"], hourly["cron"], hourly["schedule"]) == (3600, "", "every hour")

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
    api.patch(f"/api/v1/connections/{plain_instance.pk}", {"enabled": False}, format="json")

    found = api.get("/api/v1/system/audit?kind=connection&action=changed&actor=ada&search=shelf").json()

    assert found["count"] == 1
    (line,) = found["results"]
    assert (line["before"], line["after"]) == ({"enabled": True}, {"enabled": False})
    assert api.get("/api/v1/system/audit?actor=vera").json()["count"] == 0
    everything = api.get("/api/v1/system/audit").content.decode()
    assert "k" * 28 not in everything


# Backups


@pytest.fixture
def backup(data_folder, settings, plain_instance):
    """A backup of a library with one instance."""
    return services.make_backup()


@pytest.fixture
def data_folder(tmp_path, settings):
    """A folder of its own for backups and logs."""
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "logs").mkdir()
    return tmp_path


def test_a_backup_is_made_by_a_job_and_not_twice_at_once(api):
    started = api.post("/api/v1/system/backups")
    refused = api.post("/api/v1/jobs", {"name": "backup"}, format="json")

    job = Job.objects.get(name="backup")
    assert (started.status_code, started.json()["id"]) == (202, job.pk)
    assert refused.status_code == 409
    assert refused.json()["job"].endswith(f"/api/v1/jobs/{job.pk}")


def test_a_backup_is_listed_shown_sent_and_deleted(api, in_person, backup):
    address = f"/api/v1/system/backups/{backup.name}"

    (listed,) = api.get("/api/v1/system/backups").json()
    assert (listed["name"], listed["kind"], listed["checked_at"]) == (backup.name, "taggarr", None)
    shown = api.get(address).json()
    assert (shown["name"], shown["postgresql"] != "") == (backup.name, True)
    checked = api.post(f"{address}/check").json()
    assert (checked["trouble"], checked["checked_at"] is None) == ("", False)
    download = in_person.get(f"{address}/download")
    assert download["Content-Type"] == "application/zip"
    assert backup.name in download["Content-Disposition"]
    assert sent(download) == services.path_of(backup.name).read_bytes()

    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
    assert api.delete(address).status_code == 404


def test_a_backup_from_elsewhere_is_taken_in(api, backup):
    content = services.path_of(backup.name).read_bytes()
    address = "/api/v1/system/backups/upload"

    taken = api.generic("POST", address, content, content_type="application/zip")
    assert taken.status_code == 201, taken.content
    assert (taken.json()["kind"], taken.json()["size"]) == ("uploaded", len(content))

    for wrong in (b"", b"PK no archive", content[:-30]):
        assert api.generic("POST", address, wrong, content_type="application/zip").status_code == 422
    assert api.generic("POST", address, content, content_type="text/plain").status_code == 415
    assert len(services.list_backups()) == 2


def test_a_restore_waits_for_the_next_start_and_is_taken_back(api, in_person, backup):
    staged = "/api/v1/system/restore"
    assert api.get(staged).status_code == 404

    address = f"/api/v1/system/backups/{backup.name}/restore"
    asked = in_person.post(address, {"drop_secrets": True}, format="json")

    assert asked.status_code == 202
    assert (asked.json()["name"], asked.json()["drop_secrets"]) == (backup.name, True)
    assert api.get(staged).json() == asked.json()
    assert api.delete(staged).status_code == 204
    assert api.delete(staged).status_code == 404


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc%2Fpasswd", "wish.json", "taggarr-20260101-000000.zip", "%00"]
)
def test_nothing_but_backups_and_logs_is_sent(in_person, backup, name):
    for kind in ("backups", "logs"):
        assert in_person.get(f"/api/v1/system/{kind}/{name}/download").status_code == 404


def test_a_folder_that_cannot_be_made_is_told(api, settings):
    settings.TAGGARR_DATA = Path("/proc/none")

    answer = api.get("/api/v1/system/backups")

    assert answer.status_code == 503
    assert "/proc/none" in answer.json()["detail"]


# Logs


@pytest.fixture
def log(data_folder):
    lines = [
        "2026-01-15T12:00:00Z [info     ] started",
        "2026-01-15T12:00:01Z [warning  ] redis does not answer",
        "Traceback: of the warning",
        "2026-01-15T12:00:02Z [info     ] X-Api-Key: 0123456789abcdef0123456789abcdef",
    ]
    (data_folder / "logs" / "web.log").write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_logs_are_listed_and_their_last_lines_shown(api, log):
    (listed,) = api.get("/api/v1/system/logs").json()
    assert (listed["name"], listed["size"] > 0) == ("web.log", True)

    shown = api.get("/api/v1/system/logs/web.log?level=warning&search=REDIS").json()
    assert [line["level"] for line in shown] == ["warning"]
    assert len(api.get("/api/v1/system/logs/web.log?lines=2").json()) == 2
    assert api.get("/api/v1/system/logs/none.log").status_code == 404


@pytest.mark.parametrize("query", ["level=loud", "lines=0", "lines=x", "lines=10001", "level=", "line=5"])
def test_lines_that_cannot_be_are_refused(api, log, query):
    assert api.get(f"/api/v1/system/logs/web.log?{query}").status_code == 422


def test_a_log_is_sent_without_secrets(in_person, log):
    text = sent(in_person.get("/api/v1/system/logs/web.log/download")).decode()

    assert "redis does not answer" in text
    assert "0123456789abcdef" not in text


# Settings


def test_the_settings_tell_what_is_in_force_and_no_secret(api):
    found = api.get("/api/v1/settings").json()

    assert found["log_level"] == "info"
    assert found["retention"]["keep"] == 7
    environment = {one["name"]: one for one in found["environment"]}
    assert environment["TAGGARR_SECRET_KEY"]["value"] == ""
    assert environment["TAGGARR_PORT"]["value"] == "8484"


def test_log_level_and_retention_are_changed(api):
    changed = api.patch(
        "/api/v1/settings", {"log_level": "warning", "retention": {"keep": 3, "history": 730}}, format="json"
    )

    assert changed.status_code == 200, changed.content
    assert changed.json() == api.get("/api/v1/settings").json()
    kept = changed.json()["retention"]
    assert (changed.json()["log_level"], kept["keep"], kept["history"]) == ("warning", 3, 730)
    assert Schedule.objects.get(job="backup").params == {"keep": 3}
    api.patch("/api/v1/settings", {"log_level": "info"}, format="json")


@pytest.mark.parametrize(
    "wrong",
    [{"log_level": "loud"}, {"log_level": ""}, {"retention": {"keep": 0}}, {"retention": {"keep": "3"}}],
)
def test_settings_that_cannot_be_are_refused(api, wrong):
    before = api.get("/api/v1/settings").json()

    assert api.patch("/api/v1/settings", wrong, format="json").status_code == 422
    assert api.get("/api/v1/settings").json() == before


# Lists


@pytest.mark.parametrize("path", ["channels", "deliveries", "system/tasks", "system/audit"])
def test_a_longer_list_costs_no_more_queries(
    api, make_instance, path, read_just_now, django_assert_max_num_queries
):
    address = f"/api/v1/{path}"
    for number in range(2):
        fill(make_instance(), number)
    api.get(address)  # the use of the key is remembered, once a minute

    with django_assert_max_num_queries(20) as few:
        assert api.get(address).json()["count"] >= 2
    for number in range(2, 8):
        fill(make_instance(), number)

    with django_assert_max_num_queries(len(few)):
        assert api.get(address).json()["count"] >= 8


@pytest.fixture
def make_instance(plain_instance):
    """Makes instances."""

    def make():
        count = Connection.objects.count()
        return make_connection(
            name=f"Shelf {count}",
            kind="sonarr",
            url="http://127.0.0.1:9",
            policy=plain_instance.scan_settings.policy,
        )

    return make


def fill(connection, number):
    """One row more in every list, of an instance of its own."""
    channel = Channel.objects.create(name=f"Hook {number}", kind="webhook", address="http://127.0.0.1:9/x")
    channel.connections.add(connection)
    deliver([channel], Message(topic="wrong_dub", title="Wrong dub", text="German.", connection=connection))
    Schedule.objects.create(job="scan", connection=connection, every=3600)
    AuditEntry.objects.create(action="changed", kind="instance", target=str(connection))
