"""Health over time: since when, told once, told when it is over; and the issues of the machine itself."""

from __future__ import annotations

from collections import namedtuple
from datetime import timedelta

import pytest
import responses
from django.apps import apps
from django.utils import timezone, translation
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from connections.models import Breaker, Connection
from core.features import Health
from core.issues import Action, Issue
from history.models import Event
from scanner.models import ManagedLabel, Policy
from system import versions
from system.health import find_issues, machine, watch
from system.models import KnownIssue, RuntimeSetting
from system.words import SystemEvent
from tests.commands import run
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def all_well(monkeypatch):
    schedule = IntervalSchedule.objects.create(every=10, period="seconds")
    PeriodicTask.objects.create(name="tick", task="jobs.tick", interval=schedule, last_run_at=timezone.now())
    queues = frozenset({"bulk", "interactive", "io"})
    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: queues)


@pytest.fixture
def connection() -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(name="My TV", kind="sonarr", url="http://s.test", api_key="key", policy=policy)


def told() -> list[tuple[str, str]]:
    events = Event.objects.filter(kind__in=[SystemEvent.HEALTH, SystemEvent.RESTORED]).order_by("pk")
    return [(event.kind, str(event)) for event in events]


def only() -> Issue:
    (issue,) = find_issues()
    return issue


def test_an_issue_is_told_at_the_second_look_and_once(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    watch.look()
    assert told() == []
    watch.look()
    watch.look()
    assert told() == [("health", "My TV: It is away.")]
    event = Event.objects.get(kind=SystemEvent.HEALTH)
    assert event.connection == connection
    assert event.after
    assert event.after["remedy"].startswith("Check that it runs")


def test_it_is_told_when_it_is_over(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    watch.look()
    watch.look()
    Connection.objects.update(breaker=Breaker.CLOSED)
    watch.look()
    assert told()[1:] == [("restored", "My TV works again. The problem was: It is away.")]
    assert not KnownIssue.objects.exists()


def test_what_passes_between_two_looks_is_not_told(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    watch.look()
    Connection.objects.update(breaker=Breaker.CLOSED)
    watch.look()
    assert told() == []


def test_a_count_that_changes_is_no_new_issue(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="5 calls failed.")
    watch.look()
    watch.look()
    Connection.objects.update(breaker_reason="6 calls failed.")
    watch.look()
    assert len(told()) == 1


def test_since_when_is_remembered(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    assert only().since is None
    watch.look()
    long_ago = timezone.now() - timedelta(days=3)
    KnownIssue.objects.update(since=long_ago)
    assert only().since == long_ago
    assert "(since " in run("doctor").out


def test_an_app_adds_checks_of_its_own(monkeypatch):
    def broken():
        yield Issue(
            what="It is broken.",
            meaning="Nothing works.",
            remedy="Mend it.",
            action=Action("Look", "system"),
        )

    app = apps.get_app_config("library")
    monkeypatch.setitem(vars(app)["_brought"], "health", Health(stored=(broken,)))
    issue = only()
    assert (issue.what, issue.code) == ("It is broken.", "broken")


def test_a_disk_that_is_nearly_full(monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**12, 10**12, 10**8))
    issue = only()
    assert issue.what.endswith("is nearly full: 95 MiB left.")
    assert "nearly full" in run("doctor").out
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage(10**12, 0, 10**12))
    assert find_issues() == []


def test_the_disks_of_backups_logs_and_database_files_are_looked_at_too(monkeypatch, settings, tmp_path):
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "logs").mkdir()
    (tmp_path / "pg" / "17").mkdir(parents=True)
    (tmp_path / "backups").symlink_to("/proc")  # another file system
    usage = namedtuple("usage", "total used free")
    full: list[object] = []
    monkeypatch.setattr(
        "shutil.disk_usage", lambda folder: usage(10**12, 0, 10**8 if folder in full else 10**12)
    )

    def named() -> list[str]:
        return [issue.what.partition(" is nearly")[0] for issue in machine.full_disks()]

    assert named() == []
    full[:] = [tmp_path / "backups"]
    assert named() == [f"The disk of {tmp_path}/backups"]
    full[:] = [tmp_path / name for name in ("", "backups", "logs", "pg/17")]
    assert named() == [f"The disk of {tmp_path}", f"The disk of {tmp_path}/backups"], "each disk once"


def test_a_data_folder_that_is_gone_is_not_measured(settings, tmp_path):
    settings.TAGGARR_DATA = tmp_path / "gone"
    assert list(machine.full_disks()) == []


def test_servers_that_are_slow_or_old(monkeypatch):
    monkeypatch.setattr(machine, "_postgres", lambda: (2.0, 17))
    assert only().what == "The database (PostgreSQL) is slow: the smallest query took 2.0 seconds."
    monkeypatch.setattr(machine, "_postgres", lambda: (0.0, 14))
    assert only().what == (
        "The database (PostgreSQL) is too old: Taggarr needs version 15 or newer, and this is 14."
    )
    monkeypatch.setattr(machine, "_postgres", lambda: (0.0, 17))
    monkeypatch.setattr(machine, "_redis", lambda: (0.0, 5))
    assert only().what == "Redis is too old: Taggarr needs version 6 or newer, and this is 5."
    monkeypatch.setattr(machine, "_redis", lambda: None)
    assert find_issues() == []


def test_clocks_that_differ(monkeypatch):
    ahead = timezone.now() + timedelta(minutes=5)
    monkeypatch.setattr("django.utils.timezone.now", lambda: ahead)
    (issue,) = machine.clock()
    assert issue.what.startswith("The clocks of this machine and of the database differ by 30")


@responses.activate
def test_a_newer_version_is_told_once_and_shown(settings):
    settings.RELEASES_URL = "https://releases.test/latest"
    responses.get(settings.RELEASES_URL, json={"tag_name": "v99.1.0"})
    assert versions.look_for_newer() == "99.1.0"
    assert versions.look_for_newer() == "99.1.0"
    assert Event.objects.filter(kind=SystemEvent.NEW_VERSION).count() == 1
    assert only().what.startswith("Taggarr 99.1.0 is out; this is ")
    RuntimeSetting.objects.update(value="0.0.1")
    assert find_issues() == []


@responses.activate
@pytest.mark.parametrize(
    "answer", [{"body": "x"}, {"json": {}}, {"json": []}, {"status": 500}, {"json": {"tag_name": "x"}}]
)
def test_an_answer_that_is_none_changes_nothing(settings, answer):
    settings.RELEASES_URL = "https://releases.test/latest"
    responses.get(settings.RELEASES_URL, **answer)
    assert versions.look_for_newer() is None
    assert not RuntimeSetting.objects.exists()


def test_without_an_address_nothing_is_asked():
    with responses.RequestsMock():
        assert versions.look_for_newer() is None


@pytest.mark.parametrize(
    ("newest", "than", "newer"),
    [
        ("1.10.0", "1.9.9", True),
        ("1.0", "1.0.0", False),
        ("v2.0.0", "1.0.0", True),
        ("nonsense", "1.0.0", False),
        ("1.0.0", "1.0.1", False),
    ],
)
def test_which_version_is_newer(newest, than, newer):
    assert versions.is_newer(newest, than) is newer


def test_live_and_ready(client, settings):
    assert client.get("/health/live").json() == {"status": "OK"}
    assert client.get("/health/ready").json() == {"status": "OK"}
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (503, {"status": "redis unavailable"})
    assert client.get("/health/live").status_code == 200


def test_api_and_page_show_the_same_as_doctor_until_it_is_well(admin_client, connection):
    places = ("/api/v1/system/health", "/system/health")

    def shown() -> list[bool]:
        pages = [admin_client.get(place).content.decode() for place in places]
        return ["It is away." in text for text in (*pages, run("doctor").out)]

    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    assert shown() == [True, True, True]
    Connection.objects.update(breaker=Breaker.CLOSED)
    assert shown() == [False, False, False]


def test_history_tells_issues_in_the_language_of_the_page(connection):
    ManagedLabel.objects.create(connection=connection, label="dub", found=True)
    watch.look()
    watch.look()
    ManagedLabel.objects.update(found=False)
    watch.look()
    events = Event.objects.filter(kind__in=[SystemEvent.HEALTH, SystemEvent.RESTORED]).order_by("pk")
    with translation.override("de"):
        came, went = [event.text.told for event in events]
    assert came.startswith("My TV: Das Tag „dub“ ")
    assert went == came.replace("My TV: ", "My TV: wieder in Ordnung. Das Problem war: ")
