"""Real workers on a real message broker of their own, which a test may stop, kill and empty."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import program_environment
from tests.e2e.nursery import Nursery
from tests.ports import kept_port

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "of-the-tests"


def address_at(port: int) -> str:
    """The address of a broker."""
    return f"redis://:{PASSWORD}@127.0.0.1:{port}/0"


class Broker:
    """A Valkey server of the test's own."""

    def __init__(self, folder: Path, port: int) -> None:
        from system.embedded.binaries import find_programs, server_account
        from system.embedded.valkey import Valkey

        folder.mkdir()
        account = server_account()
        program = find_programs(folder, account).valkey
        self._server = Valkey(program, folder, folder, account, PASSWORD)
        self.port = port
        self.address = address_at(port)
        self.restart()

    def stop(self) -> None:
        self._server.stop()

    def restart(self) -> None:
        """Start it, empty, where it was before."""
        from system.embedded.ports import HeldPort

        self._server.start(HeldPort(self.port))

    def empty(self) -> None:
        import redis

        with redis.Redis.from_url(self.address) as client:
            client.flushall()


class Worker:
    """A Celery worker with its processes, in a group of their own."""

    def __init__(self, nursery: Nursery, log: Path, **options: Any) -> None:
        self.log = log
        self.process = nursery.worker(log, **options)

    def kill(self) -> None:
        """End all its processes at once, as a power cut does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        """Stop all its processes where they are."""
        os.killpg(self.process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        os.killpg(self.process.pid, signal.SIGCONT)

    def children(self) -> list[int]:
        """The processes that run its tasks."""
        return [child.pid for child in self.process.children()]


@pytest.fixture(scope="session")
def broker_port() -> Iterator[int]:
    """Where the brokers of all tests listen, one after the other."""
    with kept_port() as port:
        yield port


@pytest.fixture(scope="session")
def nursery(django_db_setup: None, broker_port: int) -> Iterator[Nursery]:
    """Forks the workers of all tests: on the tests' database, and the broker that is there at the time."""
    environment = {**program_environment(), "REDIS_URL": address_at(broker_port)}
    running = Nursery(environment)
    yield running
    running.close()


@pytest.fixture
def broker(broker_port: int) -> Iterator[Broker]:
    """A message broker of the test's own, to which this process talks too."""
    import tempfile

    from django.conf import settings

    from tests.jobs.brokers import use_broker

    with tempfile.TemporaryDirectory(prefix="taggarr-broker-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        running = Broker(Path(folder) / "data", broker_port)
        use_broker(running.address)
        yield running
        use_broker(settings.CELERY_BROKER_URL)
        running.stop()


@pytest.fixture
def start_worker(
    transactional_db: None, nursery: Nursery, broker: Broker, tmp_path: Path, settings
) -> Iterator[Callable[..., Worker]]:
    """Starts workers; those that still run at the end are killed. `fault` is one of `counting.mistreat`."""
    from tests.e2e import counting

    for name, value in counting.TIMES.items():
        setattr(settings, name, value)
    workers: list[Worker] = []

    def start(**options: Any) -> Worker:
        name = f"worker{len(workers)}"
        workers.append(Worker(nursery, tmp_path / f"{name}.log", **{"hostname": f"{name}@here", **options}))
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()
        print(worker.log.read_text(errors="replace"))  # noqa: T201  (pytest shows it where the test failed)


class Beat:
    """Ticks three times a second while something is waited for."""

    def __init__(self) -> None:
        self._last = 0.0

    def __call__(self) -> None:
        from jobs import tick

        if time.monotonic() - self._last > 0.3:
            tick.tick()
            self._last = time.monotonic()
