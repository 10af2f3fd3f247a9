"""Waiting for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

PATIENCE = 120.0
"""Seconds after which a test fails: far more than it takes, on a slow machine that does other work too."""


def wait_until(
    condition: Callable[[], T | None],
    what: str = "it came to pass",
    meanwhile: Callable[[], object] | None = None,
    *,
    limit: float = PATIENCE,
) -> T:
    """Return what the condition gives as soon as that is true; fail, saying what was waited for."""
    end = time.monotonic() + limit
    pause = 0.01
    while not (found := condition()):
        assert time.monotonic() < end, f"waited in vain until {what}"
        if meanwhile:
            meanwhile()
        time.sleep(pause)
        # Who waits for long asks less often: asking takes time from those who are waited for.
        pause = min(1.2 * pause, 0.1)
    return found
