"""Which workers and schedulers are there."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest
from celery import current_app
from redis import Redis

from core.redis_server import connect_redis
from jobs import doorbells, workers
from jobs.workers import served_queues, why_not_served
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def worker(process_environment) -> Iterator[None]:
    """A real worker on the queue `interactive`, ready."""
    command = [sys.executable, "-m", "taggarr.worker", "--queues=interactive", "--name=asked"]
    process = subprocess.Popen(command, env=process_environment)
    try:

        def answers() -> bool:
            assert process.poll() is None, "the worker ended"
            return bool(served_queues(["interactive"], wait=0.5))

        wait_until(answers, "the worker came up")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE)


@pytest.mark.e2e
def test_a_worker_names_its_queues(worker):
    serves = frozenset({"interactive"})
    wait_until(lambda: served_queues(["interactive"]) == serves, "it named the one that it serves")
    wait_until(lambda: why_not_served("interactive") == "", "nothing was wrong with it")
    refused = "No worker takes the queue “bulk”: start Taggarr"
    wait_until(lambda: why_not_served("bulk", wait=0.5).startswith(refused), "it was told what to start")
    assert doorbells.queue_length("bulk") is not None, "who has asked the workers can count messages"


def test_the_answer_comes_as_soon_as_the_queue_is_known(monkeypatch):
    def broadcast(_command, *, callback, **_options):
        callback({"one@host": [{"name": "bulk"}]})
        callback({"two@host": [{"name": "io"}, {"name": "interactive"}]})
        pytest.fail("nobody waits for a third")

    monkeypatch.setattr(current_app.control, "broadcast", broadcast)
    assert served_queues(["interactive"]) == frozenset({"bulk", "io", "interactive"})


def test_a_worker_that_answers_nonsense_serves_nothing(monkeypatch):
    monkeypatch.setattr(
        current_app.control, "broadcast", lambda *_, callback, **__: callback({"one@host": {"error": "x"}})
    )
    assert served_queues() == frozenset()


def test_without_a_worker_it_is_said_what_to_start(monkeypatch):
    asked, broadcast = [], current_app.control.broadcast

    def counted(*what, **how):
        asked.append(how["timeout"])
        return broadcast(*what, **how)

    monkeypatch.setattr(current_app.control, "broadcast", counted)
    assert why_not_served("bulk", wait=0.2) == f"No worker is running: {workers.START}."
    assert asked == [0.2], "one question, and no longer a wait than was asked for"


def test_a_broker_that_is_away_is_told(monkeypatch):
    monkeypatch.setattr(current_app.control, "broadcast", _refused)
    assert why_not_served("bulk").startswith("The message broker (Redis) does not answer: check REDIS_URL")


def _refused(*_args, **_options):
    from kombu.exceptions import OperationalError

    raise OperationalError("Connection refused")


# --- Schedulers: the signs by which several are noticed ---------------------------------------------

ME = f"{socket.gethostname()} ({os.getpid()})"


@pytest.fixture
def no_signs():
    def wipe() -> None:
        with connect_redis(1.0) as server:
            for key in list(server.scan_iter(match=f"{workers.SIGN}*")):
                server.delete(key)

    wipe()
    yield
    wipe()


def test_a_scheduler_is_seen_while_it_leaves_signs_and_no_longer(no_signs):
    assert workers.running_schedulers() == []
    workers.leave_sign()
    workers.leave_sign()
    assert workers.running_schedulers() == [ME]
    workers.remove_sign()
    assert workers.running_schedulers() == []


def test_the_sign_of_one_that_was_killed_fades(no_signs):
    workers.leave_sign()
    with connect_redis(1.0) as server:
        left = server.ttl(f"{workers.SIGN}{ME}")
    assert 0 < left <= workers.FADES_AFTER


def test_without_redis_no_sign_is_left_or_seen_and_nothing_fails(no_signs, monkeypatch):
    monkeypatch.setattr(workers, "connect_redis", lambda _patience: Redis.from_url("redis://127.0.0.1:9"))
    workers.leave_sign()
    workers.remove_sign()
    assert workers.running_schedulers() == []
