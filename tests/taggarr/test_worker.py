"""What a worker process holds is what its work needs."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
MODULES = """
import sys
from celery.apps.worker import Worker
from taggarr import worker
Worker.start = lambda self: print(self.max_memory_per_child)
worker.main(["--queues=bulk", "--name=bulk"])
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def started():
    """What a worker in a process of its own tells: its limit of memory, and what it has loaded."""
    told = subprocess.run(
        [sys.executable, "-c", MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    memory, modules = told.stdout.splitlines()
    return memory, set(modules.split())


def test_a_worker_process_that_has_grown_is_replaced(started):
    memory, _ = started
    assert memory == str(512 * 1024)  # KiB


def test_a_worker_brings_no_command_line_no_flower_no_pages_and_no_apprise_into_memory(started):
    _, loaded = started
    assert {"scanner.scan.job", "celery.worker.worker"} <= loaded
    assert not {"prompt_toolkit", "flower", "celery.bin.celery", "taggarr.urls", "rich", "apprise"} & loaded
