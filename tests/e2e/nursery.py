"""Workers that are there at once: forked from a program that has imported everything already.

To start Python and to import Django, Celery and Taggarr takes a worker seconds of computing, and these tests
start some forty. What comes after is a worker's own: its processes, its connections, its log. As a program
(`python -m tests.e2e.nursery`) it forks one for every line of JSON, and prints the worker's process id.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """Forks workers that have this environment."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        command = [sys.executable, "-m", "tests.e2e.nursery"]
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def worker(self, log: Path, *, fault: str = "", lease: int = 120, **options: Any) -> psutil.Process:
        """A new worker, for whom `fault` and `lease` are as `tests.e2e.counting` knows them.

        `options` are those of Celery's `Worker` that are not as `work` has them.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        variables = {"COUNTING_FAULT": fault, "COUNTING_LEASE": str(lease)}
        order = {"log": str(log), "variables": variables, "options": options}
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return psutil.Process(int(self._process.stdout.readline()))

    def close(self) -> None:
        """Fork no more. The workers live on: they are for their tests to kill."""
        self._process.communicate()


def main() -> None:
    """Fork a worker for every line that comes in."""
    gc.disable()
    from celery.apps import worker  # noqa: F401  (what a worker needs, before there are any)

    from taggarr.celery import app

    app.loader.import_default_modules()
    # Frozen, no collection of a worker walks it again, or writes to the pages that all of them share.
    gc.freeze()
    gc.enable()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for the workers: leave no zombies
    for line in sys.stdin:
        if not os.fork():
            work(**json.loads(line))


def work(log: str, variables: dict[str, str], options: dict[str, Any]) -> None:
    """Become a worker in a process group of its own."""
    from taggarr.celery import app

    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    os.dup2(os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno())
    os.environ.update(variables)
    usual = {"queues": "bulk,interactive,io", "concurrency": 2, "include": ["tests.e2e.counting"]}
    quiet = {"quiet": True, "without_gossip": True, "without_mingle": True, "without_heartbeat": True}
    worker = app.Worker(loglevel="WARNING", **{**usual, **quiet, **options})
    worker.start()
    sys.exit(worker.exitcode)


if __name__ == "__main__":
    main()
