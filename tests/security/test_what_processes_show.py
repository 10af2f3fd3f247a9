"""A canary in every secret, a scan by real workers, and a look at all that they tell: Redis, Flower, logs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
from django.db import connection as database

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from jobs.models import Job, JobState
from jobs.tasks import tick
from notify.models import Channel
from notify.services import tell
from scanner.models import Policy
from scanner.scan.starting import start_scan
from system import programs
from tests.connections.build import make_connection
from tests.e2e.conftest import PASSWORD, Beat, Broker, Worker, broker, broker_port  # noqa: F401
from tests.e2e.nursery import Nursery
from tests.scanner.build import JPN_ENG, add_series, spec
from tests.security.test_strangers import CANARY, stored_tables
from tests.waiting import PATIENCE, wait_until
from tests.web_server import served

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

GIVEN = {
    "TAGGARR_METRICS_TOKEN": f"{CANARY}metrics",
    "TAGGARR_OIDC_URL": "http://127.0.0.1:9",
    "TAGGARR_OIDC_CLIENT_ID": "taggarr",
    "TAGGARR_OIDC_CLIENT_SECRET": f"{CANARY}provider",
    "TAGGARR_MAIL_URL": f"smtp://taggarr:{CANARY}mail@127.0.0.1:9",
    "TAGGARR_PUBLIC_URL": "http://taggarr.lan",
    "TAGGARR_TASK_EVENTS": "on",
    "TAGGARR_LOG_LEVEL": "debug",
    # The worst that an owner may do: Flower answers everybody's programs.
    "FLOWER_UNAUTHENTICATED_API": "true",
}


@pytest.fixture
def sonarr(tmp_path: Path) -> Iterator[StandIn]:
    state = ArrState("sonarr")
    for number in range(3):
        add_series(state, tmp_path / "tv", f"Series {number}", {1: [spec(*JPN_ENG)]})
    with StandIn("sonarr", state, api_key=f"{CANARY}api-key") as process:
        yield process


@pytest.fixture
def environment(process_environment: dict[str, str], broker: Broker) -> dict[str, str]:  # noqa: F811
    return {**process_environment, **GIVEN, "REDIS_URL": broker.address}


@pytest.fixture
def worker(environment: dict[str, str], tmp_path: Path) -> Iterator[Worker]:
    nursery = Nursery(environment)
    running = Worker(nursery, tmp_path / "worker.log")
    yield running
    running.kill()
    nursery.close()


@pytest.fixture
def flower(environment: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Flower, as Taggarr starts it; its address."""

    def command(port: int) -> tuple[str, ...]:
        return programs.flower("127.0.0.1", port).command

    given = programs.flower("127.0.0.1", 0).environment(
        {**environment, "TAGGARR_ALLOWED_HOSTS": "tag.example"}
    )
    with (
        (tmp_path / "flower.log").open("wb") as log,
        served(command, given, sign="/healthcheck", output=log) as address,
    ):
        yield address


@pytest.fixture
def passing(broker: Broker) -> Iterator[list[str]]:  # noqa: F811
    """All that passes through Redis, as it passes."""
    told: list[str] = []
    with redis.Redis.from_url(broker.address) as server, server.monitor() as monitor:

        def listen() -> None:
            try:
                for command in monitor.listen():
                    told.append(str(command["command"]))
            except (redis.RedisError, OSError, ValueError):
                return

        threading.Thread(target=listen, daemon=True).start()
        yield told


def secrets_of_the_servers() -> list[str]:
    """What must be shown nowhere beside the canaries."""
    from django.conf import settings

    password = database.settings_dict["PASSWORD"]
    return [PASSWORD, password, settings.SECRET_KEY, *settings.ENCRYPTION_KEYS]


def leaks(text: str) -> list[str]:
    return [secret for secret in (CANARY, *secrets_of_the_servers()) if secret and secret in text]


def work(sonarr: StandIn) -> None:
    """A scan that succeeds, one that is refused, and a message that nobody takes."""
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    for name, key in (("Good", sonarr.api_key), ("Refused", f"{CANARY}wrong-key")):
        connection = make_connection(name=name, kind="sonarr", url=sonarr.url, api_key=key, policy=policy)
        start_scan(connection)
    address, secret = f"http://127.0.0.1:9/{CANARY}hook", f"{CANARY}signature"
    Channel.objects.create(
        name="Hook", kind="webhook", address=address, secret=secret, topics=["scan_completed"]
    )
    tell("scan_completed", "Title", "Text")
    scans = Job.objects.filter(name="scan")
    wait_until(lambda: not any(job.is_live for job in scans.all()), "the scans ended", Beat())
    wait_until(lambda: Channel.objects.get().failures, "the message was not taken", Beat())
    assert {job.state for job in scans.all()} == {JobState.COMPLETED, JobState.FAILED}


def heard_tasks(flower: str, *, more_than: int = 0) -> dict[str, Any]:
    """The tasks that Flower heard of, by their ids; none as long as they are not more than so many."""
    tasks: dict[str, Any] = requests.get(f"{flower}/api/tasks", timeout=PATIENCE).json()
    return tasks if len(tasks) > more_than else {}


def pages_of(flower: str) -> Iterator[str]:
    """Every page of Flower, and every answer of its API."""

    def get(path: str) -> requests.Response:
        answer = requests.get(f"{flower}{path}", timeout=PATIENCE)
        assert answer.status_code == 200, (path, answer.text)
        return answer

    def workers_that_answered() -> dict[str, Any]:
        heard: dict[str, Any] = get("/api/workers?refresh=1").json()
        return heard

    tasks = wait_until(lambda: heard_tasks(flower, more_than=5), "Flower heard of what the worker did")
    # Flower gives the workers a second to answer: a busy one is asked again.
    workers = wait_until(workers_that_answered, "Flower heard of the worker")
    assert len(workers) == 1
    table = "/tasks/datatable?draw=1&start=0&length=100&search[value]=&order[0][column]=0&order[0][dir]=asc"
    paths = ["/", "/workers", "/tasks", "/broker", "/metrics", "/api/task/types", "/api/queues/length"]
    paths += ["/api/tasks", "/api/workers", f"{table}&columns[0][data]=name"]
    paths += [f"{page}{number}" for number in tasks for page in ("/task/", "/api/task/info/")]
    paths += [f"/worker/{name}" for name in workers]
    yield from (f"{path}\n{get(path).text}" for path in paths)


def changes_of(flower: str) -> set[int]:
    """The statuses of what would change something through Flower."""
    (name,) = requests.get(f"{flower}/api/workers", timeout=PATIENCE).json()
    paths = [f"worker/shutdown/{name}", f"worker/pool/restart/{name}", f"worker/pool/grow/{name}"]
    paths += [f"task/{verb}/jobs.tick" for verb in ("apply", "async-apply", "send-task", "revoke")]
    return {requests.post(f"{flower}/api/{path}", timeout=PATIENCE).status_code for path in paths}


def test_a_scan_shows_no_secret_in_redis_flower_and_logs_and_flower_can_change_nothing(
    sonarr: StandIn,
    broker: Broker,  # noqa: F811
    worker: Worker,
    flower: str,
    passing: list[str],
    tmp_path: Path,
) -> None:
    # Flower answers before it listens to the worker, and the worker's events of that time are lost.
    wait_until(lambda: heard_tasks(flower), "Flower listens", lambda: tick.apply_async(queue="interactive"))
    work(sonarr)

    for page in pages_of(flower):
        assert not leaks(page), page[:1000]
    logs = [(tmp_path / name).read_text(errors="replace") for name in ("worker.log", "flower.log")]
    assert "[debug" in logs[0]
    assert not leaks("".join(logs))
    with redis.Redis.from_url(broker.address) as server:
        server.echo("the last one")
        wait_until(lambda: any("the last one" in command for command in passing), "all was listened to")
        assert any("scan.media" in command for command in passing)
        assert not leaks("\n".join(passing))
        held = [server.dump(key) or b"" for key in server.scan_iter()]
    assert held
    for table, text in stored_tables():
        assert CANARY not in text, table
    assert not leaks(b"\n".join(held).decode("utf-8", "replace"))
    assert changes_of(flower) == {403}
    assert worker.process.is_running()


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:5555", 200),
        ("[::1]:5555", 200),
        ("nas.lan", 200),
        ("tag.example", 200),
        ("evil.example:5555", 400),
        ("evil.example", 400),
    ],
)
def test_flower_answers_to_no_foreign_host_name(flower: str, host: str, status: int) -> None:
    for path in ("/healthcheck", "/static/css/flower.css"):
        assert requests.get(f"{flower}{path}", headers={"Host": host}, timeout=PATIENCE).status_code == status
