"""Real workers on a real message broker of their own, which a test may stop, kill and empty."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.ports import kept_port

ROOT = Path(__file__).resolve().parent.parent.parent
PASSWORD = "of-the-tests"


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
        self.address = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
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

    def __init__(self, environment: dict[str, str], log: Path, *options: str) -> None:
        command = [sys.executable, "-m", "celery", "-A", "taggarr", "--quiet", "worker"]
        usual = ["-c", "2", "-Q", "bulk,interactive,io", "-I", "tests.e2e.counting", "-l", "warning"]
        quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, *usual, *quiet, *options],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

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
        found = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)], capture_output=True, text=True, check=False
        )
        return [int(pid) for pid in found.stdout.split()]


@pytest.fixture
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A message broker of the test's own, to which this process talks too."""
    import tempfile

    from django.conf import settings

    from tests.jobs.brokers import use_broker

    with (
        tempfile.TemporaryDirectory(prefix="taggarr-broker-", ignore_cleanup_errors=True) as folder,
        kept_port() as port,
    ):
        Path(folder).chmod(0o711)
        running = Broker(Path(folder) / "data", port)
        use_broker(running.address)
        yield running
        use_broker(settings.CELERY_BROKER_URL)
        running.stop()


@pytest.fixture
def start_worker(
    process_environment: dict[str, str], broker: Broker, tmp_path: Path, settings
) -> Iterator[Callable[..., Worker]]:
    """Starts workers; those that still run at the end are killed. `fault` is one of `counting.mistreat`."""
    from tests.e2e import counting

    for name, value in counting.TIMES.items():
        setattr(settings, name, value)
    workers: list[Worker] = []

    def start(*options: str, fault: str = "") -> Worker:
        environment = {**process_environment, "REDIS_URL": broker.address, "COUNTING_FAULT": fault}
        workers.append(Worker(environment, tmp_path / f"worker{len(workers)}.log", *options))
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
