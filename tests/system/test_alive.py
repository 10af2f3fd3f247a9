import http.server
import subprocess
import threading

import pytest

from system import alive


@pytest.fixture
def server():
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path in ("/ping", "/healthcheck") else 503)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Answer) as found:
        threading.Thread(target=found.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{found.server_port}"
        found.shutdown()


@pytest.mark.parametrize(("role", "setting"), [("web", "TAGGARR_PORT"), ("flower", "TAGGARR_FLOWER_PORT")])
def test_a_server_is_alive_while_it_answers(server, monkeypatch, role, setting):
    monkeypatch.setenv(setting, server.rpartition(":")[2])
    assert alive.is_alive(role)

    monkeypatch.setenv(setting, "1")
    assert not alive.is_alive(role)


def test_an_error_is_no_sign_of_life(server):
    assert not alive.answers(f"{server}/other")


@pytest.mark.parametrize(("code", "expected"), [(0, True), (69, False)])
def test_a_worker_is_asked_by_its_own_name(monkeypatch, code, expected):
    asked = []

    def run(command, **_options):
        asked.append(command)
        return subprocess.CompletedProcess(command, code)

    monkeypatch.setattr("socket.gethostname", lambda: "box")
    monkeypatch.setattr("subprocess.run", run)

    assert alive.is_alive("worker-bulk") is expected
    assert asked[0][-2:] == ["--destination", "worker-bulk@box"]
