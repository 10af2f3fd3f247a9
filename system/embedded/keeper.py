"""Starts a server again that ended though nobody stopped it: it was killed, or ran out of memory or disk."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.errors import ConfigError

from .ports import HeldPort

WATCH_INTERVAL = 0.5
FIRST_DELAY = 1.0
LONGEST_DELAY = 60.0
STEADY = 60.0
"""Seconds that a server must have run for its next start to be as quick as the first."""


class Server(Protocol):
    """What is kept: PostgreSQL or Valkey. `port` is where it was started last."""

    name: str
    port: int

    @property
    def has_ended(self) -> bool:
        """Whether it was started and runs no more."""

    def start(self, held: HeldPort) -> None:
        """Start on a port. Raises ConfigError where that fails."""


@dataclass
class _Kept:
    server: Server
    delay: float = FIRST_DELAY
    due: float | None = None
    started: float = 0.0


class Keeper:
    """Watches servers in a thread, from `start` to `stop`; each is started again on the port it had.

    The wait before that doubles with every failure, up to a minute.
    """

    def __init__(self, servers: Sequence[Server]) -> None:
        self._kept = [_Kept(server, started=time.monotonic()) for server in servers]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Start nothing any more; a start that is under way is waited for."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.wait(WATCH_INTERVAL):
            for kept in self._kept:
                if kept.server.has_ended:
                    _look_after(kept)


def _look_after(kept: _Kept) -> None:
    now = time.monotonic()
    if kept.due is None:
        if now - kept.started > STEADY:
            kept.delay = FIRST_DELAY
        kept.due = now + kept.delay
        _say(f"{kept.server.name} ended; it starts again in {kept.delay:.0f} s")
        kept.delay = min(kept.delay * 2, LONGEST_DELAY)
    if now < kept.due:
        return
    kept.due, kept.started = None, now
    try:
        kept.server.start(_same_port(kept.server))
    except (ConfigError, OSError) as error:  # no disk, no memory: the next round tries again
        _say(str(error))


def _same_port(server: Server) -> HeldPort:
    """The port it had: its users know it by that. Raises ConfigError where another program took it."""
    held = HeldPort(server.port)
    if held.number != server.port:
        held.release()
        raise ConfigError(
            f"{server.name} cannot start again: another program took its port {server.port} meanwhile. End "
            "that one, or stop Taggarr and start it anew: then it takes another port."
        )
    return held


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
