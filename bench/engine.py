#!/usr/bin/env python3
"""What the job engine costs for each item: message, claim, end and close.

    python -m bench.engine [--items 2000] [--processes 2]

Real PostgreSQL, Valkey and a real worker; items that do nothing, against bare Celery tasks that do nothing.
The time of all processes counts: worker, PostgreSQL and Valkey.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import django
import psutil
from cryptography.fernet import Fernet

from system.embedded import EmbeddedServers

ROOT = Path(__file__).resolve().parent.parent
LONGEST_WAIT = 300.0


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock, and of one core, for a number of units."""

    units: int
    wall: float
    core: float

    def to_json(self) -> dict[str, float]:
        """Milliseconds of one unit."""
        return {"wall_ms": self.wall / self.units * 1000, "core_ms": self.core / self.units * 1000}

    def row(self, name: str) -> str:
        rate = self.units / self.wall
        wall_ms, core_ms = (seconds / self.units * 1000 for seconds in (self.wall, self.core))
        return f"| {name} | {self.units} | {self.wall:.2f} | {rate:.0f} | {wall_ms:.2f} | {core_ms:.2f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--items", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with servers(), worker(options.processes):
        tasks = measure(options.items, run_tasks)
        items = measure(options.items, run_items)
        plan = plan_time()
    if options.json:
        options.json.write_text(json.dumps({"tasks": tasks.to_json(), "items": items.to_json()}))
        return
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print()
    print("| | units | wall s | units/s | wall ms each | core ms each |")
    print("|---|---|---|---|---|---|")
    print(tasks.row("bare Celery tasks"))
    print(items.row("job items"))
    print()
    print(f"ratio of core time: {items.core / tasks.core:.1f}")
    over = (items.core - tasks.core) / options.items * 1000
    print(f"the engine over the bare task: {over:.2f} ms of one core")
    print(f"planning {options.items} items: {plan:.2f} s")


@contextmanager
def servers() -> Iterator[None]:
    """PostgreSQL and Valkey for this run, and Django set up over them."""
    data = Path(tempfile.mkdtemp(prefix="taggarr-bench-"))
    data.chmod(0o711)
    try:
        with EmbeddedServers(data) as running:
            os.environ.update(running.environment())
            os.environ["TAGGARR_SECRET_KEY"] = secrets.token_urlsafe(50)
            os.environ["TAGGARR_ENCRYPTION_KEYS"] = Fernet.generate_key().decode()
            os.environ["TAGGARR_ALLOW_LOOPBACK"] = "on"
            os.environ["DJANGO_SETTINGS_MODULE"] = "taggarr.settings"
            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            import bench.noop  # noqa: F401  (registers the job here too)

            yield
    finally:
        shutil.rmtree(data, ignore_errors=True)


@contextmanager
def worker(processes: int) -> Iterator[None]:
    """A Celery worker for both queues, which is up and has run one task."""
    command = [sys.executable, "-m", "celery", "-A", "taggarr", "worker", "-Q", "bulk", "-c", str(processes)]
    options = ["-I", "bench.noop", "--without-gossip", "--without-mingle", "--loglevel", "warning"]
    process = subprocess.Popen([*command, *options], cwd=ROOT)
    try:
        run_tasks(processes * 50)
        yield
    finally:
        process.terminate()
        process.wait()


def measure(units: int, work: Callable[[int], None]) -> Cost:
    """The cost of so many units, of the processes that this one started and of this one."""
    core, start = core_seconds(), time.monotonic()
    work(units)
    return Cost(units, time.monotonic() - start, core_seconds() - core)


def core_seconds() -> float:
    """User and system time of this process and all below it, ended children included."""
    this = psutil.Process()
    total = 0.0
    for process in (this, *this.children(recursive=True)):
        times = process.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def run_tasks(units: int) -> None:
    """Send bare tasks and wait until the last one is acknowledged."""
    from bench.noop import noop

    for _ in range(units):
        noop.apply_async(queue="bulk")
    deadline = time.monotonic() + LONGEST_WAIT
    while messages_left():
        if time.monotonic() > deadline:
            raise SystemExit("the worker does not do its work")
        time.sleep(0.01)


def messages_left() -> int:
    """How many messages wait or are being worked on."""
    from celery import current_app

    with current_app.connection_or_acquire() as broker:
        client = broker.default_channel.client
        return int(client.llen("bulk") + client.hlen("unacked"))


def run_items(units: int) -> None:
    from jobs import services
    from jobs.listing import progress

    job, _ = services.start("noop", params={"items": units})
    while job.is_live:
        time.sleep(0.05)
        job.refresh_from_db(fields=["state"])
    if progress(job.pk)["done"] != units:
        raise SystemExit("the job did not end as it should")


def plan_time() -> float:
    """Seconds that the plan of the last job took, from its claim to its end."""
    from jobs.models import JobItem

    took_ms = JobItem.objects.filter(step="plan").latest("pk").took_ms
    return (took_ms or 0) / 1000


if __name__ == "__main__":
    main()
