import http.server
import os
import subprocess
import sys
import threading
import time

import pytest
from celery import current_app

from core.data_folder import HEARTBEAT
from jobs.scheduler import Scheduler
from system import alive
from tests.waiting import wait_until


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


def test_beat_is_alive_while_it_leaves_signs_of_life(tmp_path, monkeypatch):
    monkeypatch.setenv("TAGGARR_DATA", str(tmp_path))
    assert not alive.is_alive("beat")

    sign = tmp_path / HEARTBEAT
    sign.parent.mkdir()
    sign.touch()
    assert alive.is_alive("beat")

    long_ago = time.time() - alive.SILENT - 5
    os.utime(sign, (long_ago, long_ago))
    assert not alive.is_alive("beat")


@pytest.mark.django_db(transaction=True)  # beat opens a connection of its own
@pytest.mark.parametrize(("web", "beat"), [(True, True), (True, False), (False, True)])
def test_a_container_of_everything_is_alive_while_its_pages_and_its_scheduler_are(web, beat, monkeypatch):
    monkeypatch.setattr(alive, "answers", lambda _url: web)
    monkeypatch.setattr(alive, "beat_ticks", lambda: beat)
    assert alive.is_alive("all") == (web and beat)


def test_every_round_of_beat_is_a_sign_of_life(tmp_path, settings, monkeypatch):
    monkeypatch.setenv("TAGGARR_DATA", str(tmp_path))
    settings.TAGGARR_DATA = tmp_path
    scheduler = Scheduler(current_app, lazy=True)
    scheduler._finalize.cancel()  # it would write when the tests have ended

    scheduler.tick()

    assert alive.is_alive("beat")


def test_a_data_folder_that_cannot_be_written_does_not_stop_beat(tmp_path, settings, monkeypatch, caplog):
    monkeypatch.setattr("django_celery_beat.schedulers.DatabaseScheduler.tick", lambda *_: 5.0)
    settings.TAGGARR_DATA = tmp_path / "gone"
    scheduler = Scheduler(current_app, lazy=True)
    scheduler._finalize.cancel()

    assert scheduler.tick() == 5.0
    assert "cannot be written" in caplog.text


def test_a_worker_is_alive_while_it_answers_by_its_own_name(monkeypatch, settings):
    monkeypatch.setenv("REDIS_URL", settings.REDIS_URL)
    monkeypatch.setattr("socket.gethostname", lambda: "box")
    monkeypatch.setattr(alive, "TIMEOUT", 0.2)
    assert not alive.is_alive("worker-bulk")

    command = [sys.executable, "-m", "celery", "--broker", settings.CELERY_BROKER_URL, "worker"]
    with subprocess.Popen(
        [*command, "--pool=solo", "--hostname=worker-bulk@box"], stderr=subprocess.DEVNULL
    ) as worker:
        wait_until(lambda: alive.is_alive("worker-bulk"), "the worker answers")
        assert not alive.is_alive("worker-io")
        worker.kill()
    assert not alive.is_alive("worker-bulk")


def test_a_broker_that_is_away_is_no_sign_of_life(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    assert not alive.is_alive("worker-bulk")
