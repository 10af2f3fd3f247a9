import sys

import pytest

from library.errors import ConfigError
from system import programs


def test_all_programs_as_the_settings_have_them(monkeypatch):
    monkeypatch.setenv("TAGGARR_WORKERS", "7")
    monkeypatch.setenv("TAGGARR_BIND", "0.0.0.0")

    found = {program.name: program for program in programs.configured(8484, 5555)}

    assert list(found) == ["web", "worker-bulk", "worker-interactive", "beat", "flower"]
    assert "--concurrency=7" in found["worker-bulk"].command
    assert "--queues=bulk" in found["worker-bulk"].command
    assert "--queues=interactive,io" in found["worker-interactive"].command
    assert found["web"].command[4:8] == ("--host", "0.0.0.0", "--port", "8484")
    assert [name for name, program in found.items() if not program.stop_first] == [
        "worker-bulk",
        "worker-interactive",
    ]


def test_flower_is_read_only_and_only_where_wanted():
    assert "flower" not in [program.name for program in programs.configured(8484, None)]
    assert programs.flower("127.0.0.1", 5555).command[-3:] == (
        "--address=127.0.0.1",
        "--port=5555",
        "--read_only=True",
    )


def test_the_web_server_leaves_headers_of_proxies_to_taggarr():
    assert "--no-proxy-headers" in programs.web("127.0.0.1", 1).command


def test_a_wrong_setting_is_told_before_anything_starts(monkeypatch):
    monkeypatch.setenv("TAGGARR_WORKERS", "many")

    with pytest.raises(ConfigError, match="TAGGARR_WORKERS"):
        programs.configured(8484, None)


def test_a_container_becomes_its_program(monkeypatch):
    became = []
    monkeypatch.setattr("os.execv", lambda *command: became.append(command))

    programs.main("beat")

    assert became == [(sys.executable, programs.beat().command)]


def test_an_unknown_program_is_told_with_those_there_are(capsys):
    with pytest.raises(SystemExit) as ended:
        programs.main("worker")

    assert ended.value.code == 2
    assert "There is no program worker: allowed are web, worker-bulk" in capsys.readouterr().err
