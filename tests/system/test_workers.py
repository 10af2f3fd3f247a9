"""The workers of one container: forks of one process, started again one by one, and ended together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress

import psutil
import pytest

from system import alive
from tests.waiting import PATIENCE, wait_until

NAMES = {"worker-bulk", "worker-interac", "worker-io"}
"""As the kernel keeps them: fourteen characters, at most, are told of a name here."""


def named(processes: list[psutil.Process]) -> Iterator[tuple[int, str]]:
    """Their ids and names, but for those that end while they are asked."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            yield process.pid, process.name()


@pytest.mark.e2e
def test_the_workers_of_a_container_share_a_parent_come_back_and_end_together(
    process_environment, monkeypatch
):
    settings = {**process_environment, "TAGGARR_WORKERS": "1"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    process = subprocess.Popen(
        [sys.executable, "-m", "system.workers"],
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_until(lambda: alive.is_alive("workers"), "all three answered")
        supervisor = psutil.Process(process.pid)
        forks = {one.name()[:14]: one for one in supervisor.children()}
        assert forks.keys() == NAMES
        family = supervisor.children(recursive=True)

        os.kill(forks["worker-io"].pid, signal.SIGKILL)
        wait_until(
            lambda: any(
                name == "worker-io" and pid != forks["worker-io"].pid
                for pid, name in named(supervisor.children())
            ),
            "the killed one was started again",
        )
        wait_until(lambda: alive.is_alive("workers"), "all three answered again")

    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert process.returncode == 0
    assert psutil.wait_procs(family, timeout=PATIENCE)[1] == []


def test_a_container_of_workers_is_not_alive_while_one_of_them_is_silent(monkeypatch):
    class Control:
        def ping(self, asked, *, timeout, limit):
            assert limit == len(asked) == 3
            return [{name: {"ok": "pong"}} for name in asked[:2]]

    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setattr("celery.Celery.control", Control())
    assert not alive.is_alive("workers")


ONLY_WITH_SERVERS = """
import sys
for line in open("requirements-embedded.in"):
    if line[0] not in "#-":
        sys.modules[line.partition(">")[0].replace("-", "_")] = None
import system.alive, system.programs, system.workers
"""


def test_the_image_without_servers_can_run_its_roles():
    subprocess.run([sys.executable, "-c", ONLY_WITH_SERVERS], check=True)
