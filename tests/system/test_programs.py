import os
import sys

import pytest
from celery import current_app
from django.conf import settings

from core import options
from core.errors import ConfigError
from jobs import handlers
from system import programs


def test_all_programs_as_the_settings_have_them(monkeypatch):
    monkeypatch.setenv("TAGGARR_WORKERS", "7")
    monkeypatch.setenv("TAGGARR_BIND", "0.0.0.0")

    found = {program.name: program for program in programs.configured(8484, 5555)}

    assert list(found) == ["web", "worker-bulk", "worker-interactive", "worker-io", "beat", "flower"]
    assert "--concurrency=7" in found["worker-bulk"].command
    assert "--queues=bulk" in found["worker-bulk"].command
    assert "--queues=interactive" in found["worker-interactive"].command
    assert "--queues=io" in found["worker-io"].command
    assert found["web"].command[3:7] == ("--host", "0.0.0.0", "--port", "8484")
    assert [name for name, program in found.items() if not program.stop_first] == [
        "worker-bulk",
        "worker-interactive",
        "worker-io",
    ]


def test_nothing_that_reads_files_shares_a_process_with_the_tick():
    served = {
        word.removeprefix("--queues="): program.name
        for program in programs.configured(8484, None)
        for word in program.command
        if word.startswith("--queues=")
    }
    assert served == {"bulk": "worker-bulk", "interactive": "worker-interactive", "io": "worker-io"}
    assert settings.CELERY_BEAT_SCHEDULE["tick"]["options"]["queue"] == "io"
    assert current_app.conf.beat_schedule["system.watch_health"]["options"]["queue"] == "interactive"
    readers = [
        handler for handler in handlers._handlers.values() if type(handler).__module__.startswith("scanner.")
    ]
    assert readers
    assert all(one.queue != "io" for one in readers)


def test_flower_runs_only_where_wanted():
    assert "flower" not in [program.name for program in programs.configured(8484, None)]


@pytest.mark.parametrize(
    ("program", "secrets"),
    [
        (programs.flower("127.0.0.1", 1), {"REDIS_URL", "TAGGARR_REDIS_PASSWORD"}),
        (
            programs.beat(),
            {"REDIS_URL", "TAGGARR_REDIS_PASSWORD", "DATABASE_URL", "TAGGARR_DATABASE_PASSWORD"},
        ),
    ],
    ids=lambda given: getattr(given, "name", ""),
)
def test_what_needs_no_key_is_given_none(program, secrets):
    secret = {one.name: "x" for one in options.ALL if one.secret}
    given = {**secret, "TAGGARR_REDIS_PASSWORD_FILE": "x", "TAGGARR_OIDC_CLIENT_SECRET_FILE": "x"}

    told = program.environment({**given, "PATH": "/bin", "FLOWER_BASIC_AUTH": "me:pass"})

    named = {name.removesuffix("_FILE") for name in told} - {"PATH", "FLOWER_BASIC_AUTH"}
    assert named == secrets
    assert ("FLOWER_BASIC_AUTH" in told) == (program.name == "flower")
    assert programs.web("127.0.0.1", 1).environment(given) == given


def test_a_wrong_setting_is_told_before_anything_starts(monkeypatch):
    monkeypatch.setenv("TAGGARR_WORKERS", "many")

    with pytest.raises(ConfigError, match="TAGGARR_WORKERS"):
        programs.configured(8484, None)


def test_a_container_becomes_its_program(monkeypatch):
    became = []
    monkeypatch.setattr("os.execve", lambda *command: became.append(command))

    programs.main("beat")

    ((program, command, environment),) = became
    assert (program, command) == (sys.executable, programs.beat().command)
    assert environment == programs.beat().environment(os.environ)


def test_an_unknown_program_is_told_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        programs.main("worker")

    assert ended.value.code == 2
    assert "There is no program worker: allowed are web, worker-bulk" in capsys.readouterr().err
