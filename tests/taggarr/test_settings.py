"""The settings take effect, and wrong ones end every program with one line."""

import gc
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from celery import signals
from celery.worker.control import Panel
from django.conf import settings
from django.db import OperationalError, connection
from django.views.debug import get_default_exception_reporter_filter

from scanner.languages import codes
from taggarr.celery import ANSWERS, app, keep_connection_open, keep_our_logging
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {
    "manage.py": ["manage.py", "check"],
    "beat": ["-m", "taggarr.beat"],
    "worker": ["-m", "taggarr.worker", "--queues=bulk", "--name=bulk"],
    "web": ["-m", "taggarr.serve", "--port", "0"],
    "supervisor": ["-m", "system.up"],
}


def run(program, **environment):
    return subprocess.run(
        [sys.executable, *PROGRAMS[program]],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


@pytest.mark.django_db
def test_the_database_is_a_real_postgresql():
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_setting_ends_every_program_with_one_line(program):
    ended = run(program, TAGGARR_LOG_LEVEL="loud")

    assert ended.returncode == 2
    assert ended.stderr == (
        "taggarr: TAGGARR_LOG_LEVEL: 'loud' is not valid: allowed are debug, info, warning, error.\n"
    )


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"TAGGARR_WORKRES": "2"}, "did you mean TAGGARR_WORKERS?"),
        ({"DATABASE_URL": "sqlite:///x"}, "DATABASE_URL is not the address of a PostgreSQL database"),
        ({"TAGGARR_SECRET_KEY": "changeme"}, "TAGGARR_SECRET_KEY is a placeholder or too short"),
        (
            {"TAGGARR_DEBUG": "on", "TAGGARR_BIND": "::"},
            "TAGGARR_DEBUG is on and TAGGARR_BIND is not loopback",
        ),
        ({"TAGGARR_FORWARD_AUTH_HEADER": "Remote-User"}, "TAGGARR_TRUSTED_PROXIES is empty: name the proxy"),
        ({"TAGGARR_OIDC_URL": "https://id.example.org"}, "TAGGARR_OIDC_CLIENT_ID is not: set both"),
        ({"TAGGARR_MAIL_URL": "smtp://mail.example.org"}, "TAGGARR_PUBLIC_URL is empty: the mailed links"),
        ({"TAGGARR_MAIL_URL": "https://mail.example.org"}, "TAGGARR_MAIL_URL is not the address of a mail"),
        ({"TAGGARR_MAIL_URL": "smtp://mail.example.org:x"}, "TAGGARR_MAIL_URL is not the address of a mail"),
    ],
)
def test_what_is_refused_is_named(environment, told, settings_of, capsys):
    with pytest.raises(SystemExit) as ended:
        settings_of(**environment)

    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


@pytest.fixture
def settings_of(monkeypatch):
    """The settings that an environment makes."""

    def read(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return runpy.run_path(str(ROOT / "taggarr" / "settings.py"))

    return read


def test_a_mail_server_is_used_with_its_user_its_password_and_its_encryption(settings_of):
    address = "starttls://anna%40example.org:p%2Fw@mail.example.org"
    made = settings_of(TAGGARR_MAIL_URL=address, TAGGARR_PUBLIC_URL="https://taggarr.example.org")

    assert (made["EMAIL_HOST"], made["EMAIL_PORT"]) == ("mail.example.org", 587)
    assert (made["EMAIL_HOST_USER"], made["EMAIL_HOST_PASSWORD"]) == ("anna@example.org", "p/w")
    assert (made["EMAIL_USE_SSL"], made["EMAIL_USE_TLS"]) == (False, True)


@pytest.mark.parametrize(
    ("more", "scope"),
    [
        ({}, ["openid", "profile", "email"]),
        ({"TAGGARR_OIDC_ADMIN_GROUP": "family"}, ["openid", "profile", "email", "groups"]),
    ],
)
def test_a_provider_is_asked_for_groups_only_where_one_makes_admins(more, scope, settings_of):
    made = settings_of(
        TAGGARR_OIDC_URL="https://id.example.org",
        TAGGARR_OIDC_CLIENT_ID="taggarr",
        TAGGARR_OIDC_CLIENT_SECRET="s" * 40,
        **more,
    )

    (app,) = made["SOCIALACCOUNT_PROVIDERS"]["openid_connect"]["APPS"]
    assert (app["client_id"], app["secret"]) == ("taggarr", "s" * 40)
    assert app["settings"]["scope"] == scope
    assert app["settings"]["oauth_pkce_enabled"]


def test_settings_load_where_nothing_is_set_yet(tmp_path):
    bare = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    command = [sys.executable, "manage.py", "check"]

    ended = subprocess.run(
        command,
        cwd=ROOT,
        env={**bare, "TAGGARR_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 0
    assert "taggarr.W001" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_secrets_are_masked_on_error_pages():
    shown = str(get_default_exception_reporter_filter().get_safe_settings())
    password = settings.DATABASES["default"]["PASSWORD"]

    assert password
    assert password not in shown
    assert settings.ENCRYPTION_KEYS[0] not in shown


def test_celery_takes_json_alone_and_keeps_nothing_in_redis():
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_serializer == "json"
    assert app.conf.result_backend is None
    assert app.conf.task_ignore_result
    assert app.conf.task_acks_late
    assert not app.conf.task_reject_on_worker_lost
    assert app.conf.worker_prefetch_multiplier == 1
    assert app.conf.task_soft_time_limit < app.conf.task_time_limit
    assert app.conf.task_time_limit * 3 < app.conf.broker_transport_options["visibility_timeout"]


def test_what_celery_shows_of_its_settings_holds_no_secret():
    shown = str(app.conf.table(with_defaults=True, censored=True))

    assert "soft_time_limit" in shown
    for secret in (settings.DATABASES["default"]["PASSWORD"], settings.SECRET_KEY, *settings.ENCRYPTION_KEYS):
        assert secret not in shown
    # The password of Redis is the same as that of the database here, or there is none.
    assert settings.REDIS_URL not in shown


def test_the_connection_of_a_worker_outlives_its_tasks():
    assert app.conf.get("CELERY_DB_REUSE_MAX") == settings.CELERY_DB_REUSE_MAX


@pytest.mark.django_db
def test_beat_sends_a_tick_again_and_again():
    from django_celery_beat.schedulers import ModelEntry

    entry = ModelEntry.from_entry("tick", app=app, **app.conf.beat_schedule["tick"])

    assert entry.task == "jobs.tick"
    assert entry.schedule.run_every.total_seconds() == 10
    assert entry.options["queue"] == "io"
    assert entry.options["expires"] == settings.BEAT_MESSAGE_LIFE


@pytest.mark.parametrize("name", ["tick", "system.watch_health", "scanner.look_at_roots"])
def test_clocks_that_differ_are_told_of_before_anything_that_beat_sends_gets_lost_by_that(name):
    """The machine of beat is as far behind as health lets pass, that of the worker as far ahead."""
    life = app.conf.beat_schedule[name]["options"]["expire_seconds"]

    assert life >= 2 * settings.CLOCK_SKEW + 2 * settings.JOB_TICK


def test_a_worker_process_keeps_its_connection(monkeypatch):
    monkeypatch.setitem(settings.DATABASES["default"], "CONN_MAX_AGE", 0)

    keep_connection_open()

    assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 600


@pytest.mark.django_db(transaction=True)
def test_a_task_gets_a_new_connection_where_the_last_one_broke():
    from jobs.tasks import tick

    with pytest.raises(OperationalError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    signals.task_prerun.send(sender=tick)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


def test_a_worker_answers_questions_and_takes_no_other_command(monkeypatch):
    monkeypatch.setattr(Panel, "data", dict(Panel.data))
    assert {"shutdown", "revoke"} <= Panel.data.keys()

    signals.celeryd_init.send(sender="worker")

    assert Panel.data.keys() == ANSWERS


def test_what_a_worker_has_loaded_is_out_of_the_way_of_collections_in_its_processes():
    gc.unfreeze()
    try:
        signals.worker_before_create_process.send(sender=None)
        assert gc.get_freeze_count() > 10_000
    finally:
        gc.unfreeze()


def test_the_tables_of_languages_are_made_before_the_processes_that_share_them():
    codes.choices.cache_clear()
    try:
        signals.worker_before_create_process.send(sender=None)
        assert codes.choices.cache_info().currsize == 1
    finally:
        gc.unfreeze()


def test_workers_log_as_every_program_does(monkeypatch):
    configured: list[object] = []
    monkeypatch.setattr("core.logs.configure", configured.append)

    keep_our_logging()

    assert configured == [settings.LOGGING]
