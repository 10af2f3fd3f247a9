"""Health: each thing that can be wrong is told once, with its meaning and a remedy."""

from __future__ import annotations

import math
from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from accounts.models import User
from connections.models import Breaker, Connection
from core import flags
from core.cage.keeper import Cage, StalledError, UnreadyError
from jobs.models import ItemState, Job, JobItem, JobState
from library.models import Media, PathMapping
from scanner.health import titles
from scanner.models import FileProblem, ManagedLabel, Policy, ScanSettings
from scanner.scan import reconcile
from system.health import Issue, Severity, find_issues, machine
from tests.commands import run
from tests.connections.build import make_connection
from tests.library.build import add_file, add_title

pytestmark = pytest.mark.django_db

QUEUES = frozenset({"bulk", "interactive", "io"})


@pytest.fixture(autouse=True)
def beat() -> PeriodicTask:
    """A scheduler that sends the tick, and has just done so."""
    schedule = IntervalSchedule.objects.create(every=10, period="seconds")
    return PeriodicTask.objects.create(
        name="tick", task="jobs.tick", interval=schedule, last_run_at=timezone.now()
    )


@pytest.fixture(autouse=True)
def workers(monkeypatch):
    """Workers for all queues."""
    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: QUEUES)


@pytest.fixture
def connection() -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(
        name="My TV", kind="sonarr", url="http://sonarr.test", api_key="key", policy=policy
    )


def add_media(connection: Connection, title: str = "Dark", **fields) -> Media:
    number = Media.objects.count() + 1
    return add_title(
        connection=connection, arr_id=number, title=title, sort_title=title, path=f"/tv/{title}", **fields
    )


def add_job(connection: Connection | None, state: str = JobState.COMPLETED, **fields) -> Job:
    return Job.objects.create(
        name="scan", connection=connection, state=state, finished_at=timezone.now(), **fields
    )


def only() -> Issue:
    (issue,) = find_issues()
    return issue


def test_health_speaks_the_language_of_the_page_and_english_to_programs(connection, admin_client):
    titles = add_media(connection)
    for number in range(2):
        add_file(media=titles, path=f"/tv/{number}.mkv", problem=FileProblem.UNREADABLE)
    german = admin_client.get("/home/health", headers={"Accept-Language": "de"}).content.decode()
    assert "2 Dateien sind nicht lesbar: 0.mkv, 1.mkv." in german
    told = admin_client.get("/api/v1/system/health", headers={"Accept-Language": "de"}).json()
    assert "2 files cannot be read: 0.mkv, 1.mkv." in {issue["what"] for issue in told}


def test_where_all_is_well_nothing_is_said(connection):
    add_media(connection)
    assert find_issues() == find_issues(live=False) == []
    ran = run("doctor")
    assert (ran.code, ran.out) == (0, "All is well.\n")


def test_a_refused_api_key(connection):
    Connection.objects.update(breaker=Breaker.REFUSED, breaker_reason="Sonarr refused the API key (401).")
    issue = only()
    assert (issue.source, issue.severity) == ("My TV", Severity.ERROR)
    assert issue.what == "Sonarr refused the API key (401)."
    assert issue.action.address == f"/settings/connections/{connection.pk}"


def test_an_instance_that_does_not_answer(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="5 calls in a row failed.")
    issue = only()
    assert (issue.severity, issue.what) == (Severity.ERROR, "5 calls in a row failed.")
    assert issue.action.command == "manage.py test_connection 'My TV'"
    assert f"Test it now: {issue.action.command}" in run("doctor").out


def test_each_issue_brings_a_link_or_a_button_to_those_who_may_use_it(connection, admin_client, client):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="Away.")
    job = add_job(connection, JobState.FAILED, error="Away.")
    show = add_media(connection)
    add_file(show, "/tv/a.mkv", problem=FileProblem.UNREADABLE)
    actions = {issue.code: issue.action for issue in find_issues()}
    assert actions["breakers"].to_json() == {
        "text": "Test it now",
        "address": f"/settings/connections/{connection.pk}/test",
        "posts": True,
        "command": "manage.py test_connection 'My TV'",
    }
    page = admin_client.get("/system/health").content.decode()
    assert f'<form method="post" action="/activity/jobs/{job.pk}/retry">' in page
    assert f'href="/wanted/unreadable?instance={connection.pk}"' in page
    answer = admin_client.get("/api/v1/system/health").json()
    assert actions["breakers"].to_json() in [one["action"] for one in answer]
    for action in actions.values():
        assert admin_client.get(action.address).status_code == (405 if action.posts else 200)
    client.force_login(User.objects.create_user("viewer", role="viewer"))
    assert "<form" not in client.get("/system/health").content.decode()


def test_a_held_instance(connection):
    since = timezone.now()
    ScanSettings.objects.update(held_since=since, held_reason="The scan would change 9 of 10 verdicts.")
    issue = only()
    assert (issue.severity, issue.since) == (Severity.ERROR, since)
    assert issue.what == "The scan would change 9 of 10 verdicts."
    assert issue.action.command == "manage.py release 'My TV'"


def test_a_disabled_instance_is_left_out(connection):
    ScanSettings.objects.update(held_since=timezone.now(), held_reason="Much.")
    Connection.objects.update(enabled=False, breaker=Breaker.OPEN)
    add_media(connection, scan_error="It is away.", dirty=True, reconcile_error="It is away.")
    ManagedLabel.objects.create(connection=connection, label="dub", found=True)
    add_job(connection, JobState.FAILED)
    assert find_issues() == []


def test_a_tag_that_was_there_before(connection):
    ManagedLabel.objects.create(connection=connection, label="dub", found=True)
    ManagedLabel.objects.create(connection=connection, label="semi-dub")
    issue = only()
    assert (issue.severity, issue.source) == (Severity.WARNING, "My TV")
    assert issue.what == "The tag “dub” was there before Taggarr wrote it."
    assert issue.action.command == "manage.py adopt_tags 'My TV' dub"


def test_a_tag_of_a_language_that_was_there_before(connection):
    ManagedLabel.objects.create(connection=connection, label="audio-ja", found=True)
    assert find_issues() == []
    add_media(connection, language_labels=["audio-en", "audio-ja"])
    assert only().what == "The tag “audio-ja” was there before Taggarr wrote it."


def test_a_tag_that_no_policy_asks_for_any_more_is_no_question(connection):
    ManagedLabel.objects.create(connection=connection, label="old-dub", found=True)
    assert find_issues() == []


def test_a_secret_that_does_not_decrypt_does_not_hide_the_rest(connection):
    with database.cursor() as cursor:
        cursor.execute("UPDATE connections_connection SET secret = 'gAAAAA-of-another-key'")
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="It is away.")
    add_job(connection, JobState.FAILED, error="It is away.")
    ManagedLabel.objects.create(connection=connection, label="dub", found=True)
    issues = find_issues()
    assert [issue.what for issue in issues] == [
        "Its stored secret cannot be decrypted.",
        "It is away.",
        "The last scan failed: It is away.",
        "The tag “dub” was there before Taggarr wrote it.",
    ]
    assert "TAGGARR_ENCRYPTION_KEYS" in issues[0].remedy


def test_an_offline_folder_is_told_once_for_all_its_media(connection):
    for number in range(5):
        add_media(connection, f"Show {number}", scan_error="The folder /tv is not there: mount it.")
    issue = only()
    assert (issue.severity, issue.what) == (Severity.ERROR, "The folder /tv is not there: mount it.")
    assert "5 series could not be scanned: Show 0, Show 1, Show 2 and 2 more." in issue.meaning


def test_different_reasons_are_told_apart(connection):
    add_media(connection, "One", scan_error="The folder /tv is not there.")
    add_media(connection, "Two", scan_error="Sonarr answered 404.")
    assert {issue.what for issue in find_issues()} == {"The folder /tv is not there.", "Sonarr answered 404."}


@pytest.mark.parametrize(
    ("problem", "sentence"),
    [
        (FileProblem.UNREADABLE, "300 files cannot be read: 000.mkv, 001.mkv, 002.mkv, "),
        (FileProblem.BAD_NAME, "300 files cannot be opened, for their names are not valid UTF-8: 000.mkv, "),
        (FileProblem.UNREACHABLE, "300 files could not be reached: 000.mkv, "),
    ],
)
def test_three_hundred_bad_files_are_one_line(connection, problem, sentence):
    show = add_media(connection, scan_error="/tv/Dark/000.mkv is away." if problem == "unreachable" else "")
    for number in range(300):
        add_file(show, f"/tv/Dark/{number:03}.mkv", problem=problem)
    issue = only()
    assert (issue.severity, issue.source) == (Severity.WARNING, "My TV")
    assert issue.what.startswith(sentence)
    assert issue.what.endswith(", 023.mkv, 024.mkv and 275 more.")


def test_each_of_a_few_bad_files_is_named(connection):
    show = add_media(connection)
    names = [f"{number:02}.mkv" for number in range(titles.NAMED_FILES)]
    for name in names:
        add_file(show, f"/tv/Dark/{name}", problem=FileProblem.UNREADABLE)
    assert only().what == f"25 files cannot be read: {', '.join(names)}."


def test_a_file_without_audio(connection):
    show = add_media(connection)
    add_file(media=show, path="D:\\TV\\mute.mkv", reason={"reason": "no-audio"})
    add_file(media=show, path="/tv/other.mkv", reason={"reason": "no-language"})
    assert only().what == "1 file has no audio track: mute.mkv."


def test_files_of_excluded_media_are_nobodys_worry(connection):
    show = add_media(connection, excluded=True, scan_error="Away.")
    add_file(media=show, path="/tv/a.mkv", problem=FileProblem.UNREADABLE)
    assert find_issues() == []


def test_a_fight_over_tags(connection):
    add_media(connection, "Fought", dirty=True, reconcile_rounds=reconcile.ROUNDS)
    add_media(connection, "Tried", dirty=True, reconcile_rounds=reconcile.ROUNDS - 1)
    assert only().what == "The tags of 1 series came undone 3 times: Fought."
    assert reconcile.ROUNDS == 3


def test_tags_that_could_not_be_written(connection):
    add_media(connection, "One", dirty=True, reconcile_error="The NFO is malformed.")
    add_media(connection, "Two", dirty=True, reconcile_error="The NFO is malformed.")
    Connection.objects.update(kind="radarr")
    issue = only()
    assert issue.what == "The NFO is malformed."
    assert "of 2 movies could not be written: One, Two." in issue.meaning


def test_a_job_that_failed(connection):
    job = add_job(connection, JobState.FAILED, error="Nothing answers at http://sonarr.test.")
    issue = only()
    assert issue.severity == Severity.ERROR
    assert issue.what == "The last scan failed: Nothing answers at http://sonarr.test."
    assert issue.action.command == f"manage.py retry_failed {job.pk}"


def test_a_job_that_failed_is_forgotten_when_the_next_one_did_not(connection):
    add_job(connection, JobState.FAILED, error="Away.")
    add_job(connection)
    assert find_issues() == []


def test_a_scan_of_one_media_does_not_make_good_for_all(connection):
    add_job(connection, JobState.FAILED, error="Away.")
    add_job(connection, subject_kind="media", subject_id=1)
    assert only().what == "The last scan failed: Away."


def test_items_that_failed(connection):
    job = add_job(connection)
    for number in range(4):
        JobItem.objects.create(
            job=job, step="media", key=f"media:{number}", state=ItemState.FAILED, error="A bug."
        )
    issue = only()
    assert (
        issue.what == "4 items of the last job “scan” failed (media:0, media:1, media:2 and 1 more): A bug."
    )
    assert issue.source == "My TV"


def test_an_item_that_failed_is_called_by_its_subject(connection):
    show = add_media(connection, title="Dark")
    JobItem.objects.create(
        job=add_job(connection),
        subject_kind="media",
        subject_id=show.pk,
        step="media",
        key=str(show.pk),
        state=ItemState.FAILED,
        error="A bug.",
    )
    assert "failed (Dark): A bug." in str(only().what)


def test_an_item_whose_media_tells_it_is_not_told_twice(connection):
    show = add_media(connection, scan_error="Sonarr answered 404.")
    JobItem.objects.create(
        job=add_job(connection),
        subject_kind="media",
        subject_id=show.pk,
        step="media",
        key="media:1",
        state=ItemState.FAILED,
        error="404",
    )
    assert only().what == "Sonarr answered 404."


def test_a_job_without_an_instance_is_taggarrs_own():
    add_job(None, JobState.FAILED, error="The disk is full.")
    assert only().source == "Taggarr"


def test_without_workers(monkeypatch):
    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: frozenset())
    issue = only()
    assert (issue.severity, issue.what) == (Severity.ERROR, "No worker answers.")
    assert issue.remedy == "Start Taggarr with script/up (with Docker: docker compose up -d)."


def test_without_a_worker_for_some_queue(monkeypatch):
    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: frozenset({"bulk"}))
    assert only().what == "No worker serves interactive, io."


def test_without_a_broker(monkeypatch):
    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: None)
    assert only().what == "The message broker (Redis) does not answer."


def test_without_a_scheduler(beat):
    PeriodicTask.objects.update(
        last_run_at=timezone.now() - timedelta(minutes=9), date_changed=timezone.now() - timedelta(hours=1)
    )
    issue = only()
    assert issue.what == "The scheduler (beat) is silent."
    assert issue.since is not None
    beat.delete()
    assert only().what == "The scheduler (beat) has never run."


def test_a_scheduler_that_has_just_started_is_not_silent(beat):
    PeriodicTask.objects.update(last_run_at=None, date_changed=timezone.now())
    assert find_issues() == []


@pytest.fixture
def reader(monkeypatch):
    """Has the reader of damaged files answer so when it is started."""

    def answers(error: Exception | None = None, wall: str = "") -> None:
        def find_wall(_cage: Cage) -> str:
            if error:
                raise error
            return wall

        monkeypatch.setattr(Cage, "find_wall", find_wall)

    return answers


def test_without_the_mediainfo_library(reader):
    reader(UnreadyError("no such file", lasting=True))
    assert only().what == "The MediaInfo library is missing."


def test_a_system_that_does_not_let_the_reader_be_locked_in(reader):
    reader(wall="limits alone")
    assert only().what == "This system cannot lock in the reader of damaged files (seccomp)."


def test_a_reader_that_cannot_be_started_just_now_is_no_issue(reader):
    for error in (UnreadyError("it could not be started", lasting=False), StalledError("was slow")):
        reader(error)
        assert find_issues() == []


def test_a_path_mapping_that_leads_nowhere(connection, tmp_path):
    (tmp_path / "Dark").mkdir()
    PathMapping.objects.create(connection=connection, remote_prefix="/tv", local_prefix="/nowhere/tv")
    PathMapping.objects.create(connection=connection, remote_prefix="/other", local_prefix=str(tmp_path))
    issue = only()
    assert issue.what == "The path mapping of /tv leads nowhere on this machine."
    assert issue.remedy == "The folder /nowhere/tv does not exist here: mount it, or correct the path."


def test_without_asking_workers_work_that_nobody_does_shows_them_missing(connection):
    job = add_job(connection, JobState.RUNNING)
    long_ago = timezone.now() - timedelta(minutes=5)
    JobItem.objects.create(job=job, step="media", key="one", queue="bulk", due_at=long_ago)
    (issue,) = find_issues(live=False)
    assert issue.what == "Work is waiting in the queue “bulk”, and no worker takes it."
    assert issue.since == long_ago
    JobItem.objects.create(job=job, step="media", key="two", queue="bulk", state=ItemState.CLAIMED)
    assert find_issues(live=False) == []


def test_work_for_an_instance_that_is_left_alone_waits_rightly(connection):
    Connection.objects.update(breaker=Breaker.OPEN, breaker_reason="Away.")
    job = add_job(connection, JobState.RUNNING)
    JobItem.objects.create(
        job=job, step="media", key="one", queue="bulk", due_at=timezone.now() - timedelta(minutes=5)
    )
    assert [issue.what for issue in find_issues(live=False)] == ["Away."]


def test_the_stored_part_takes_as_many_queries_for_a_large_library_as_for_a_small_one(
    connection, monkeypatch
):
    monkeypatch.setattr(flags, "FRESH", math.inf)  # the switches are read every ten seconds, by whoever asks
    counts = []
    for size in (1, 30):
        for number in range(size):
            show = add_media(connection, f"Show {size} {number}", scan_error=f"Reason {number}")
            add_file(media=show, path="/tv/a.mkv", problem=FileProblem.UNREADABLE)
        with CaptureQueriesContext(database) as queries:
            find_issues(live=False)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 26


def test_errors_come_first():
    Policy.objects.create(name="English", target_languages=["eng"])
    one = make_connection(name="A", kind="sonarr", url="x", api_key="k", policy=Policy.objects.get())
    two = make_connection(name="B", kind="sonarr", url="x", api_key="k", policy=Policy.objects.get())
    ManagedLabel.objects.create(connection=one, label="dub", found=True)
    Connection.objects.filter(pk=two.pk).update(breaker=Breaker.OPEN, breaker_reason="Away.")
    assert [issue.source for issue in find_issues()] == ["B", "A"]


def test_the_doctor_prints_what_it_means_and_what_to_do(connection):
    since = timezone.now()
    ScanSettings.objects.update(held_since=since, held_reason="Too much would change.")
    ran = run("doctor")
    assert ran.code == 1
    assert ran.out == (
        f"error My TV: Too much would change. (since {since:%Y-%m-%d %H:%M})\n"
        "  Scans go on, but no tag and no NFO is written.\n"
        "  Look at the changes, then release or decline them.\n"
        "  Look at them and decide: manage.py release 'My TV'\n"
    )


def test_a_warning_alone_is_exit_code_0(connection):
    ManagedLabel.objects.create(connection=connection, label="dub", found=True)
    ran = run("doctor", "--json")
    assert ran.code == 0
    assert ran.json[0]["severity"] == "warning"
    assert ran.json[0]["since"].endswith("+00:00")


def test_a_role_that_is_a_superuser_is_told_and_ours_is_none():
    assert list(machine.database_rights()) == []

    with database.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY VIEW pg_roles AS SELECT current_user AS rolname, true AS rolsuper")
        cursor.execute("SET LOCAL search_path = pg_temp, public, pg_catalog")
        (issue,) = machine.database_rights()

    assert issue.what.startswith("The database role taggarr is a superuser")
