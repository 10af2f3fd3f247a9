"""Starts a server again that ended though nobody stopped it: it was killed, or ran out of memory or disk."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence

from core.errors import ConfigError
from system.backoff import Backoff

from .ports import HeldPort
from .processes import Server

WATCH_INTERVAL = 0.5


class Keeper:
    """Watches servers in a thread, from `start` to `stop`; each is started again on the port it had."""

    def __init__(self, servers: Sequence[Server]) -> None:
        self._kept = [(server, Backoff()) for server in servers]
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
            for server, backoff in self._kept:
                if server.has_ended:
                    _look_after(server, backoff)


def _look_after(server: Server, backoff: Backoff) -> None:
    if wait := backoff.note_end():
        _say(f"{server.name} ended; it starts again in {wait:.0f} s")
    if not backoff.is_due:
        return
    backoff.note_start()
    try:
        server.start(_same_port(server))
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
