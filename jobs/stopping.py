"""Whether this worker was told to stop (SIGTERM, a warm shutdown).

Only its main process hears of it; the processes that run its tasks, forked from it, share this one byte with
it.
"""

from __future__ import annotations

import mmap
from typing import Any

from celery.signals import worker_init, worker_shutting_down

_told = mmap.mmap(-1, 1)


@worker_init.connect
def begin(**_: Any) -> None:
    """Take a byte of its own: workers are forks of one process, and would share the byte of that."""
    global _told  # noqa: PLW0603
    _told = mmap.mmap(-1, 1)


@worker_shutting_down.connect
def tell(**_: Any) -> None:
    """Let items that take long be put back before the grace period ends."""
    _told[0] = 1


def is_told() -> bool:
    return _told[0] == 1
