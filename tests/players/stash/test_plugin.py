"""Our plugin for Stash tells Taggarr what changed, and ends within two seconds whatever happens."""

from __future__ import annotations

import http.server
import io
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml

from connections import services
from connections.models import Connection
from players.stash import hook, taggarr_plugin
from players.stash.plugin import PROGRAM, write_plugin
from tests.commands import run

pytestmark = pytest.mark.django_db
GIVEN = {
    "server_connection": {"Scheme": "http", "Port": 9999, "SessionCookie": {"Value": "secret of Stash"}},
    "args": {"hookContext": {"id": 17, "type": "Scene.Update.Post", "input": {"title": "Private"}}},
}


def ran(folder: Path, given: str) -> tuple[dict[str, str], float]:
    """What Stash would read of it, and how long it took."""
    began = time.monotonic()
    ended = subprocess.run(
        [sys.executable, str(folder / "taggarr.py")],
        check=False,
        input=given,
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout), time.monotonic() - began


@pytest.fixture
def made(source: Connection, tmp_path: Path) -> Callable[[str], Path]:
    def make(address: str) -> Path:
        write_plugin(source, tmp_path, address)
        return tmp_path / "taggarr"

    return make


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Runs it in this process: what Stash would read, and with which code it ended."""

    def run(folder: Path, given: str) -> tuple[dict[str, str], list[int]]:
        ended: list[int] = []
        monkeypatch.setattr(taggarr_plugin, "__file__", str(folder / "taggarr.py"))
        monkeypatch.setattr("os._exit", ended.append)
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        taggarr_plugin.main()
        return json.loads(capsys.readouterr().out), ended

    return run


@contextmanager
def listening(answer: Callable[[socket.socket], object]) -> Iterator[str]:
    """A server that does with a connection what it is told to."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        stop = threading.Event()

        def serve() -> None:
            try:
                taken, _ = server.accept()
            except OSError:
                return
            with taken:
                taken.recv(65536)
                answer(taken)
                stop.wait(10)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"
        stop.set()


def drip(taken: socket.socket) -> None:
    try:
        for letter in b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\n":
            taken.send(bytes([letter]))
            time.sleep(0.2)
    except OSError:
        return


class Heard(http.server.BaseHTTPRequestHandler):
    requests: ClassVar[list[tuple[str, dict[str, str], Any]]] = []

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        Heard.requests.append((self.path, dict(self.headers), body))
        self.send_response(202)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Says nothing."""


def test_it_tells_what_changed_and_nothing_else(made, here, source: Connection):
    Heard.requests.clear()
    with http.server.HTTPServer(("127.0.0.1", 0), Heard) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        outcome, _ = here(made(f"http://127.0.0.1:{server.server_port}/base/"), json.dumps(GIVEN))
        server.shutdown()
    assert outcome == {"output": "ok"}
    ((path, headers, body),) = Heard.requests
    assert path == f"/base/api/v1/players/hook/{source.pk}"
    assert body == {"args": {"hookContext": {"id": 17, "type": "Scene.Update.Post"}}}
    assert hook.opened_by(source.pk, headers["X-Webhook-Token"])


@pytest.mark.parametrize(
    "answer",
    [lambda _taken: None, drip, lambda taken: taken.close(), lambda taken: taken.send(b"nonsense\r\n\r\n")],
    ids=["never", "drips", "hangs up", "nonsense"],
)
def test_it_ends_within_two_seconds_whatever_answers(made, answer):
    with listening(answer) as address:
        outcome, took = ran(made(address), json.dumps(GIVEN))
    assert "Taggarr" in outcome["error"]
    # What the machine's other work adds to two seconds is none of the plugin's.
    assert took < 5


def test_it_ends_well_where_nobody_listens_and_where_nothing_is_told(made, here):
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}"
    folder = made(address)
    outcome, ended = here(folder, json.dumps(GIVEN))
    assert "refused" in outcome["error"]
    assert ended == [0]
    for given in ("", "[]", '{"args": {}}'):
        assert "Taggarr was not told" in here(folder, given)[0]["error"]
    (folder / "taggarr.json").unlink()
    assert "No such file" in here(folder, json.dumps(GIVEN))[0]["error"]


def test_it_is_short_and_needs_python_alone():
    lines = PROGRAM.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 60
    imported = {line.split()[1].split(".")[0] for line in lines if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


def test_stash_is_told_how_to_run_it_and_when(made):
    described = yaml.safe_load((made("http://taggarr:8484") / "taggarr.yml").read_text(encoding="utf-8"))
    assert described["exec"] == ["python", "{pluginDir}/taggarr.py"]
    assert described["interface"] == "raw"
    (told,) = described["hooks"]
    assert {"Scene.Create.Post", "Scene.Update.Post", "Scene.Destroy.Post"} <= set(told["triggeredBy"])


def test_the_one_made_before_works_until_it_is_replaced(made, source: Connection):
    tokens = [json.loads((made("http://a") / "taggarr.json").read_text())["token"] for _ in range(2)]
    assert all(hook.opened_by(source.pk, token) for token in tokens)


def test_the_command_makes_it(source: Connection, tmp_path: Path):
    told = run("stash_plugin", str(tmp_path), "--address", "http://taggarr:8484")
    assert "Now reload the plugins of Clips" in told.out
    assert {path.name for path in (tmp_path / "taggarr").iterdir()} == {
        "taggarr.py",
        "taggarr.yml",
        "taggarr.json",
    }


def test_the_command_says_what_is_missing(source: Connection, tmp_path: Path):
    assert "http://taggarr:8484" in run("stash_plugin", str(tmp_path), "--address", "taggarr").err
    (tmp_path / "file").touch()
    assert "cannot be written" in run("stash_plugin", str(tmp_path / "file"), "--address", "http://a").err
    services.add("stash", name="Other", url="http://other", api_key="x", connect=False)
    assert "Clips, Other" in run("stash_plugin", str(tmp_path), "--address", "http://a").err
    Connection.objects.all().delete()
    assert "There is no Stash yet" in run("stash_plugin", str(tmp_path), "--address", "http://a").err
