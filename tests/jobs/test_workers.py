"""Asking the workers which queues they serve."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from celery import current_app

from jobs import workers
from jobs.workers import served_queues, why_not_served


@pytest.fixture
def worker(process_environment) -> Iterator[None]:
    """A real worker on the queue `interactive`, ready."""
    command = [sys.executable, "-m", "taggarr.worker", "--queues=interactive", "--name=asked"]
    process = subprocess.Popen(command, env=process_environment)
    try:
        end = time.monotonic() + 60
        while not served_queues(["interactive"], wait=0.5):
            assert time.monotonic() < end, "the worker did not come up"
            assert process.poll() is None, "the worker ended"
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.e2e
def test_a_worker_names_its_queues(worker):
    assert served_queues(["interactive"]) == frozenset({"interactive"})
    assert why_not_served("interactive") == ""
    assert why_not_served("bulk", wait=0.5).startswith("No worker takes the queue “bulk”: start Taggarr")


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


def test_without_a_worker_it_is_said_what_to_start():
    started = time.monotonic()
    assert why_not_served("bulk", wait=0.2) == f"No worker is running: {workers.START}."
    assert time.monotonic() - started < 2


def test_a_broker_that_is_away_is_told(monkeypatch):
    monkeypatch.setattr(current_app.control, "broadcast", _refused)
    assert why_not_served("bulk").startswith("The message broker (Redis) does not answer: check REDIS_URL")


def _refused(*_args, **_options):
    from kombu.exceptions import OperationalError

    raise OperationalError("Connection refused")
