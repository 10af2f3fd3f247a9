"""A free loopback port, held until the moment a server takes it."""

from __future__ import annotations

import socket
from types import TracebackType

from core.errors import ConfigError

LOOPBACK = "127.0.0.1"
TRIES = 50


class HeldPort:
    """A port of 127.0.0.1 that no other program can be given while it is held.

    `preferred` is tried first, then the ports after it; 0 leaves the choice to the system. Raises
    ConfigError where none of them is free.
    """

    def __init__(self, preferred: int = 0) -> None:
        self._socket = _bind(preferred)
        self.number: int = self._socket.getsockname()[1]

    def release(self) -> int:
        """Give the port free for the server that starts next, and return its number."""
        self._socket.close()
        return self.number

    def __enter__(self) -> HeldPort:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def next_free_port(preferred: int, host: str = LOOPBACK) -> int:
    """The first port from `preferred` on where a server could listen now. Raises ConfigError for none."""
    with _bind(preferred, host) as held:
        number: int = held.getsockname()[1]
        return number


def is_taken(port: int) -> bool:
    """Whether another program listens on this port of 127.0.0.1."""
    with HeldPort(port) as held:
        return held.number != port


def _bind(preferred: int, host: str = LOOPBACK) -> socket.socket:
    last = min(preferred + TRIES, 65536) if preferred else 1
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    reason = "no port is free"
    for port in range(preferred, last):
        holder = socket.socket(family, socket.SOCK_STREAM)
        try:
            # Without it a port whose last connection closed a moment ago counts as taken for a minute.
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            holder.bind((host, port))
            holder.listen()  # two that are merely bound do not exclude each other
        except OSError as error:
            reason = error.strerror or reason
            holder.close()
        else:
            return holder
    raise ConfigError(f"Cannot listen on {host}, ports {preferred} to {last - 1}: {reason}.")
