"""Ports for servers that tests start as processes of their own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

LOOPBACK = "127.0.0.1"


@contextmanager
def kept_port() -> Iterator[int]:
    """A port of 127.0.0.1 that nobody else is given, while its server starts and while it is away.

    It is bound, and not listened on. The system gives a bound port to no program that asks for any port, and
    uses it for no connection; a server that sets SO_REUSEADDR, as all of ours do, may listen there.
    """
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind((LOOPBACK, 0))
        yield kept.getsockname()[1]
