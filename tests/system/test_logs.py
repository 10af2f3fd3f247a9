"""Log files, request ids, the level while running."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import logs
from core.errors import ConfigError
from history.models import AuditEntry
from jobs import doorbells, services
from jobs.handlers import Plan
from system import log_files, log_level
from system.log_messages import messages_of
from system.models import RuntimeSetting
from tests.commands import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path, settings):
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "logs").mkdir()
    return tmp_path / "logs"


@pytest.fixture(autouse=True)
def level_as_before(settings):
    log_level._state.update(looked=0.0, level="")
    yield
    log_level._state.update(looked=0.0, level="")
    logs.configure(settings.LOGGING)


def test_the_logs_are_listed_and_nothing_else(folder):
    for name in ("web.log", "web.log.1", "notes.txt", ".hidden.log"):
        (folder / name).write_text("x")
    (folder / "link.log").symlink_to(folder / "notes.txt")
    assert [log.name for log in log_files.list_logs()] == ["web.log", "web.log.1"]
    assert "web.log.1" in run("logs").out


@pytest.mark.parametrize(
    "name", ["../secret_key", "/etc/passwd", "link.log", "nothing.log", "", "web.log/../x"]
)
def test_no_path_outside_the_folder_is_ever_opened(folder, name):
    (folder.parent / "secret_key").write_text("s")
    (folder / "link.log").symlink_to(folder.parent / "secret_key")
    with pytest.raises(ConfigError, match="no log file called"):
        log_files.path_of(name)


def test_the_last_lines_without_secrets(folder):
    (folder / "web.log").write_text("".join(f"line {n}\n" for n in range(5000)) + "password=hunter22\n")
    assert log_files.last_lines("web.log", 2) == ["line 4999", "password=****"]
    assert run("logs", "web.log", "--lines", "1").out == "password=****\n"
    assert len(log_files.last_lines("web.log", 1000)) == 1000


def test_where_there_is_no_folder_there_are_no_logs(settings, tmp_path):
    settings.TAGGARR_DATA = tmp_path
    assert log_files.list_logs() == []


def test_the_level_is_changed_while_running_and_by_other_processes_too():
    log_level.set_level("debug")
    assert logging.getLogger("scanner").level == logging.DEBUG
    # Another process has set it, and we look again.
    RuntimeSetting.objects.update(value="error")
    log_level.follow()
    assert logging.getLogger("scanner").level == logging.DEBUG
    log_level._state["looked"] = -100.0
    log_level.follow()
    assert logging.getLogger("scanner").level == logging.ERROR
    assert run("logs", "--level", "").out == "The level is info.\n"
    assert logging.getLogger("scanner").level == logging.INFO


def test_a_change_of_the_level_is_in_the_audit_log():
    for level in ("debug", "debug", ""):
        log_level.set_level(level)
    told = AuditEntry.objects.order_by("pk").values_list("action", "target", "before", "after")
    assert list(told) == [
        ("changed", "log-level.name", "info", "debug"),
        ("changed", "log-level.name", "debug", "info"),
    ]


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="no log level"):
        log_level.set_level("loud")


def test_every_answer_names_its_request(client):
    answer = client.get("/ping")
    assert len(answer["X-Request-ID"]) == 32
    assert client.get("/ping", headers={"x-request-id": "proxy-1234"})["X-Request-ID"] == "proxy-1234"
    assert client.get("/ping", headers={"x-request-id": "a b<script>"})["X-Request-ID"] != "a b<script>"


def test_a_job_is_logged_with_the_request_that_started_it(scripted, caplog):
    caplog.handler.setFormatter(logging.getLogger().handlers[0].formatter)
    bound = logs.bound(request_id="abc")
    with caplog.at_level("INFO", "jobs.services"), doorbells.muted(), bound:
        job, _ = services.start("scripted")
    assert f"started scripted #{job.pk}" in caplog.text
    assert "request_id=abc" in caplog.text


def test_what_a_handler_logs_names_its_job_and_item(scripted):
    seen = []

    def plan(_run):
        seen.append(logs.bound_now())
        return Plan()

    scripted.on_plan = plan
    with doorbells.muted():
        job, _ = services.start("scripted")
        services.run_inline(job)
    (context,) = seen
    assert (context["job"], context["job_name"]) == (job.pk, "scripted")
    assert context["item"] == job.items.get(step="plan").pk
    assert "job" not in logs.bound_now()


LINES = """\
2026-01-15T03:00:00.000000Z [info     ] started scan #1                [jobs.services]
2026-01-15T03:00:01.000000Z [warning  ] the disk is away               [scanner.facts.reading] token=hunter22
2026-01-15T03:00:02.000000Z [error    ] unexpected error               [jobs.runner]
Traceback (most recent call last):
ValueError: nobody expected this
{"event": "written as JSON", "level": "critical", "logger": "jobs"}
2026-01-15T03:00:03.000000Z [info     ] scan #1 ended                  [jobs.runner]
"""


@pytest.mark.parametrize(
    ("level", "text", "levels"),
    [
        ("debug", "", ["info", "warning", "error", "error", "error", "critical", "info"]),
        ("warning", "", ["warning", "error", "error", "error", "critical"]),
        ("debug", "SCAN #1", ["info", "info"]),
        ("error", "expected", ["error", "error"]),
        ("debug", "hunter22", []),
    ],
)
def test_lines_are_found_by_level_and_text_but_not_by_a_secret(folder, level, text, levels):
    (folder / "web.log").write_text(LINES)

    found = log_files.find_lines("web.log", level=level, text=text)

    assert [line.level for line in found] == levels
    assert "hunter22" not in str(found)


def test_lines_are_read_as_messages(folder):
    (folder / "web.log").write_text(LINES)
    read = messages_of(log_files.find_lines("web.log"))

    assert [(one.level, one.text, one.logger) for one in read] == [
        ("info", "started scan #1", "jobs.services"),
        ("warning", "the disk is away", "scanner.facts.reading"),
        ("error", "unexpected error", "jobs.runner"),
        ("critical", "written as JSON", "jobs"),
        ("info", "scan #1 ended", "jobs.runner"),
    ]
    assert read[1].time == datetime(2026, 1, 15, 3, 0, 1, tzinfo=UTC)
    assert read[1].values == {"token": "****"}
    assert read[2].more == "Traceback (most recent call last):\nValueError: nobody expected this"


@pytest.mark.parametrize(
    ("line", "level", "text", "time"),
    [
        (
            "2026-11-25 21:48:48.442 UTC [7] FATAL:  the database is starting up",
            *("critical", "the database is starting up", datetime(2026, 11, 25, 21, 48, 48, 442000, UTC)),
        ),
        (
            "29288:M 25 Nov 2026 21:48:48.481 # WARNING Memory overcommit must be enabled!",
            *(
                "warning",
                "WARNING Memory overcommit must be enabled!",
                datetime(2026, 11, 25, 21, 48, 48, 481000, UTC),
            ),
        ),
        ('{"event": "cut off', "info", '{"event": "cut off', None),
        ("2026-99-99 21:48:48.442 UTC [7] LOG:  odd", "info", "odd", None),
        (
            "2026-01-15T03:00:01.000000Z [debug    ] GET /a [b] answered 200 [web] took_ms=3 why='a b'",
            *("debug", "GET /a [b] answered 200", datetime(2026, 1, 15, 3, 0, 1, tzinfo=UTC)),
        ),
        ("29288:M 99 Nov 2026 99:48:48.481 * odd", "info", "odd", None),
        ("", "info", "", None),
    ],
)
def test_lines_of_every_program_are_understood(line, level, text, time):
    (read,) = messages_of(log_files.with_levels([line]))

    assert (read.level, read.text, read.time) == (level, text, time)


@given(st.text())
def test_no_line_is_too_odd_to_be_read(line):
    (read,) = messages_of(log_files.with_levels([line]))

    assert read.level in log_files.LEVELS


def test_of_many_lines_that_fit_the_last_are_found(folder):
    (folder / "web.log").write_text(LINES * 100)

    found = log_files.find_lines("web.log", text="ended", count=3)

    assert len(found) == 3


def test_a_file_is_sent_without_secrets(folder):
    (folder / "web.log").write_text(LINES * 1000)

    sent = b"".join(log_files.pieces("web.log")).decode()

    assert sent == (LINES * 1000).replace("hunter22", "****")
