import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.management import call_command
from django.db import OperationalError
from django.db import connection as database
from django.db.migrations.recorder import MigrationRecorder

from scanner.models import Policy
from system import checks
from system.health import machine
from system.management.commands import startup
from tests.connections.build import make_connection
from tests.e2e.peers import old_redis
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def connection(db):
    policy = Policy.objects.create(name="Dubbed", target_languages=["eng"])
    return make_connection(
        name="Sonarr", kind="sonarr", url="http://localhost:8989", api_key="0123456789abcdef", policy=policy
    )


def test_nothing_is_wrong_with_a_running_installation(connection):
    assert checks.problems() == []


@pytest.mark.django_db
def test_a_data_folder_that_cannot_be_written(settings, tmp_path):
    settings.TAGGARR_DATA = tmp_path / "missing"

    (problem,) = checks.problems()

    assert "missing, cannot be written (No such file or directory)" in problem


@pytest.mark.django_db
def test_missing_keys(settings):
    settings.ENCRYPTION_KEYS = []

    assert [problem[:20] for problem in checks.problems()] == ["Taggarr has no keys:"]
    assert [warning.id for warning in checks.keys_are_there()] == ["taggarr.W001"]


@pytest.mark.django_db
def test_redis_away(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    (problem,) = checks.problems()

    assert problem.startswith("Redis does not answer: check REDIS_URL")


def test_the_watch_calls_a_redis_that_is_away_none_and_one_that_is_too_old_version_0(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert machine._redis() is None
    with old_redis() as port:
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"
        assert machine._redis() == (0.0, 0)


@pytest.mark.django_db
def test_a_redis_that_is_too_old(settings):
    with old_redis() as port:
        settings.REDIS_URL = f"redis://127.0.0.1:{port}/0"

        assert checks.problems() == ["Redis is too old: Taggarr needs version 6 or newer, or Valkey."]


@pytest.mark.django_db
def test_a_redis_that_refuses_the_password(settings):
    settings.REDIS_URL = settings.REDIS_URL.replace("@", "-not@")

    (problem,) = checks.problems()

    assert problem.startswith("Redis ")
    assert "check REDIS_URL" in problem


@pytest.mark.django_db
def test_a_database_that_is_too_old(monkeypatch):
    class Info:
        server_version = 140011

    monkeypatch.setattr(type(database.connection), "info", Info)

    assert checks.problems() == ["The database is PostgreSQL 14: Taggarr needs 15 or newer."]


def test_the_database_away_is_one_line_and_spares_what_needs_it(monkeypatch):
    def away():
        raise OperationalError("connection refused\n\tIs the server running?")

    monkeypatch.setattr(database, "ensure_connection", away)

    (problem,) = checks.problems()

    assert "check DATABASE_URL and that PostgreSQL runs. connection refused Is the server running?" in problem


def test_a_server_may_come_up_while_we_wait(monkeypatch, db, settings):
    url, waits = settings.REDIS_URL, []

    def comes_up_at_the_second_wait(seconds):
        waits.append(seconds)
        if len(waits) == 2:
            settings.REDIS_URL = url

    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setattr("time.sleep", comes_up_at_the_second_wait)

    assert checks.problems(wait=60) == []
    assert waits == [checks.RETRY_INTERVAL] * 2


def test_a_secret_that_no_key_decrypts(connection, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]

    (problem,) = checks.problems()

    assert "cannot be decrypted with TAGGARR_ENCRYPTION_KEYS" in problem


def test_a_database_of_a_newer_version(db):
    MigrationRecorder(database).record_applied("library", "9999_from_the_future")

    (problem,) = checks.problems()

    assert "newer Taggarr (library 9999_from_the_future)" in problem


def test_migrations_of_other_packages_are_not_judged(db):
    MigrationRecorder(database).record_applied("somebody_else", "0001_initial")

    assert checks.problems() == []


def test_startup_refuses_with_every_problem_and_exit_code_2(monkeypatch, db, capsys):
    monkeypatch.setattr(startup, "problems", lambda _wait: ["First thing.", "Second thing."])

    with pytest.raises(SystemExit) as refused:
        call_command("startup")

    assert refused.value.code == 2
    assert capsys.readouterr().err == "taggarr: First thing.\ntaggarr: Second thing.\n"


@pytest.mark.django_db(transaction=True)
def test_startup_migrates_under_a_lock(monkeypatch, capsys):
    held = []

    def migrate(name, **_options):
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
            held.append((name, cursor.fetchone()[0]))

    monkeypatch.setattr(startup, "call_command", migrate)

    call_command("startup", wait=0)

    assert held == [("migrate", 1), ("setup_token", 0)]
    assert "ready to start" in capsys.readouterr().out
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone()[0] == 0


def test_who_makes_the_first_account_by_other_means_is_told_of_no_token(db, capsys):
    call_command("startup", "--wait=0", "--no-token")

    assert "token" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("program", "told"), [((), True), (("web",), True), (("worker-bulk",), False), (("beat",), False)]
)
def test_only_what_serves_the_pages_tells_the_token_of_the_first_account(db, capsys, program, told):
    call_command("startup", *program, "--wait=0")

    said = capsys.readouterr().out
    assert "ready to start" in said
    assert ("No account yet: open Taggarr in a browser and enter the token" in said) is told


@pytest.mark.e2e
def test_programs_that_start_together_bring_up_an_empty_database(process_environment, tmp_path):
    with database.cursor() as cursor:
        cursor.execute("CREATE DATABASE together")
    head, _, _ = process_environment["DATABASE_URL"].rpartition("/")
    environment = {**process_environment, "DATABASE_URL": f"{head}/together", "TAGGARR_DATA": str(tmp_path)}
    for name in ("TAGGARR_SECRET_KEY", "TAGGARR_ENCRYPTION_KEYS"):
        del environment[name]
    try:
        started = [
            subprocess.Popen(
                [sys.executable, "manage.py", "startup"],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            for _ in range(3)
        ]
        output = [process.communicate(timeout=PATIENCE)[0] for process in started]

        assert [process.returncode for process in started] == [0, 0, 0], output
        assert sum(text.count("Made ") for text in output) == 2
        assert not ((tmp_path / "encryption_keys").stat().st_mode & 0o077)
    finally:
        with database.cursor() as cursor:
            cursor.execute("DROP DATABASE together WITH (FORCE)")
