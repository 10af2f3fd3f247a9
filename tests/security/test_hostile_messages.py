"""Whoever can write into Redis can have known tasks run early, and nothing else."""

from __future__ import annotations

import base64
import json
import pickle
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jobs import services
from jobs.handlers import task_name
from jobs.models import JobState
from tests.e2e.conftest import (  # noqa: F401
    Beat,
    Broker,
    Worker,
    broker,
    broker_port,
    nursery,
    start_worker,
)
from tests.waiting import wait_until

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


class Touch:
    """What a pickled message would do where it was unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def message(task: str, body: bytes, kind: str = "application/json") -> str:
    """A message as Celery lays it into Redis (message protocol 2)."""
    number = str(uuid.uuid4())
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "utf-8" if kind.endswith("json") else "binary",
            "content-type": kind,
            "headers": {
                "lang": "py",
                "task": task,
                "id": number,
                "root_id": number,
                "argsrepr": "",
                "kwargsrepr": "",
            },
            "properties": {
                "correlation_id": number,
                "delivery_mode": 2,
                "delivery_info": {"exchange": "", "routing_key": "bulk"},
                "priority": 0,
                "body_encoding": "base64",
                "delivery_tag": str(uuid.uuid4()),
            },
        }
    )


def arguments(*given: Any) -> bytes:
    return json.dumps(
        [given, {}, {"callbacks": None, "errbacks": None, "chain": None, "chord": None}]
    ).encode()


def test_hostile_messages_are_refused_and_logged_and_honest_work_goes_on(
    broker: Broker,  # noqa: F811
    start_worker: Callable[..., Worker],  # noqa: F811
    tmp_path: Path,
) -> None:
    import redis

    touched = tmp_path / "touched"
    hostile = [
        message("os.system", arguments("touch " + str(touched))),
        message(
            task_name("scan", "media"),
            pickle.dumps(([Touch(touched)], {}, {})),
            "application/x-python-serialize",
        ),
        message(task_name("scan", "media"), arguments("1; DROP TABLE jobs_job")),
        message(task_name("scan", "media"), arguments({"$type": "x"}, [1] * 10)),
        message(task_name("scan", "media"), arguments(10**40)),
        message(task_name("scan", "media"), arguments("x" * 5_000_000)),
        message(task_name("scan", "media"), b"\xff\xfe no json"),
    ]
    with redis.Redis.from_url(broker.address) as server:
        server.lpush("bulk", *hostile)
    worker = start_worker()
    job, _ = services.start("counting", params={"units": 3, "pause": 0.0})

    def done() -> bool:
        job.refresh_from_db()
        return job.state == JobState.COMPLETED

    wait_until(done, "the honest job is completed", Beat())

    told = worker.log.read_text(errors="replace")
    assert not touched.exists()
    assert "os.system" in told
    assert "x" * 100_000 not in told
    assert worker.process.is_running()


def test_no_command_through_redis_stops_a_worker_or_changes_what_it_does(
    broker: Broker,  # noqa: F811
    start_worker: Callable[..., Worker],  # noqa: F811
) -> None:
    from celery.worker.control import Panel

    from taggarr.celery import ANSWERS, app

    worker = start_worker()
    with app.connection_for_write(broker.address) as connection:

        def answers(command: str) -> list[dict[str, Any]]:
            found = app.control.broadcast(command, reply=True, timeout=2, connection=connection)
            return [answer for heard in found or () for answer in heard.values()]

        wait_until(lambda: answers("ping"), "the worker answers")
        children = worker.children()
        for command in sorted(set(Panel.data) - ANSWERS):
            app.control.broadcast(command, connection=connection)
        assert answers("shutdown") == [{"error": "KeyError('shutdown')"}]
        assert all(answers(command) for command in ("ping", "active_queues"))
    assert worker.process.is_running()
    assert worker.children() == children
    assert "shutdown" in Panel.data, "here all commands are known, and so all were sent"
