"""What a worker process holds is what its work needs."""

import subprocess
import sys
from pathlib import Path

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
MODULES = """
import sys
from celery.apps.worker import Worker
from taggarr import worker
Worker.start = lambda self: None
worker.main(["--queues=bulk", "--name=bulk"])
print(*sys.modules)
"""


def test_a_worker_brings_no_command_line_no_flower_and_no_pages_into_memory():
    told = subprocess.run(
        [sys.executable, "-c", MODULES],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=True,
    )
    loaded = set(told.stdout.split())
    assert {"scanner.scan.job", "celery.worker.worker"} <= loaded
    assert not {"prompt_toolkit", "flower", "celery.bin.celery", "taggarr.urls"} & loaded
