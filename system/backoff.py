"""When a program that ended starts again."""

from __future__ import annotations

import time

FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
STEADY = 60.0
"""Seconds that a program must have run for its next start to be as quick as the first."""


class Backoff:
    """The wait before one program's next start: it doubles with every end, up to a minute."""

    def __init__(self) -> None:
        self.delay = FIRST_DELAY
        self._started = time.monotonic()
        self._due: float | None = None

    def note_start(self) -> None:
        self._started, self._due = time.monotonic(), None

    def note_end(self) -> float | None:
        """The seconds until the next start, where this end was not noted yet; else None."""
        if self._due is not None:
            return None
        now = time.monotonic()
        wait = FIRST_DELAY if now - self._started > STEADY else self.delay
        self._due = now + wait
        self.delay = min(wait * 2, LONGEST_DELAY)
        return wait

    @property
    def is_due(self) -> bool:
        return self._due is not None and time.monotonic() >= self._due
