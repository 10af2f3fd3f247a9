"""The web server: `python -m taggarr.serve --host HOST --port PORT`. It is uvicorn, with limits.

uvicorn waits for ever for the rest of a request, and takes connections until the process has no descriptors
left. Here a client has its time, and an address its share; a listed proxy, which speaks for many, has none.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import ipaddress
import resource
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from core import env, options, refusals
from core.servers import is_listed
from taggarr.front import PER_ADDRESS, share_of

HEAD_SECONDS = 15.0
"""For the head of a request, from the connection or the first byte of the head on."""

BODY_SECONDS = 20.0
BODY_BYTES = 20_000
"""A body brings so many bytes in so many seconds: a slow one may take as long as it needs."""

ANSWER_SECONDS = 60.0
"""So long the client of an answer may take none of it."""

CONNECTIONS = 1000
"""At once, from all; `PER_ADDRESS` of them from one."""

DESCRIPTORS = 8192
"""At most half of them are for connections: the database, Redis, logs, files and uploads need some too."""

WAITING = 2048
"""Connections that the system holds until they are taken in or refused."""

OFTEN = 20
"""So many cut off requests of one address within a minute are no accident."""

_LOOK = 1.0
_TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 27\r\n"
    b"retry-after: 5\r\nconnection: close\r\n\r\nToo many open connections.\n"
)


class Gate:
    def __init__(self, most: int, proxies: Sequence[str]) -> None:
        self.most = most
        self.proxies = [ipaddress.ip_network(one, strict=False) for one in proxies]
        self.open: set[Connection] = set()
        self._of: Counter[str] = Counter()
        self._cut: Counter[str] = Counter()
        self._cut_since = 0.0
        self._looks = False

    def admit(self, connection: Connection, address: str) -> bool:
        """Whether there is room for one more connection of this address; then it counts."""
        share = "" if is_listed(address, self.proxies) else share_of(address)
        if len(self.open) >= self.most:
            refusals.note("connections", self.most, address)
            return False
        if share and self._of[share] >= PER_ADDRESS:
            refusals.note("address", PER_ADDRESS, address)
            return False
        if not self._looks:
            self._look_later(connection.loop)
        self.open.add(connection)
        self._of[share] += 1
        connection.share = share
        return True

    def forget(self, connection: Connection) -> None:
        self.open.discard(connection)
        self._of[connection.share] -= 1
        if self._of[connection.share] <= 0:
            del self._of[connection.share]

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """End the connections whose time is over, as long as there are any."""
        now = time.monotonic()
        if now - self._cut_since > 60:
            self._cut.clear()
            self._cut_since = now
        for connection in list(self.open):
            if connection.cut_if_late(now) and connection.share:
                self._cut[connection.share] += 1
                if self._cut[connection.share] == OFTEN:
                    refusals.note("slow", OFTEN, connection.share)
        self._looks = False
        if self.open:
            self._look_later(loop)

    def _look_later(self, loop: asyncio.AbstractEventLoop) -> None:
        self._looks = True
        loop.call_later(_LOOK, self._look, loop)


class Connection(H11Protocol):
    """One connection, which knows what it waits for and since when."""

    gate: Gate
    share = ""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection, or refuse it in one line."""
        peer = transport.get_extra_info("peername")
        self._admitted = self.gate.admit(self, str(peer[0]) if peer else "")
        self._waits_for: object = None
        self._since = self._took_since = time.monotonic()
        self._received = self._left = 0
        if not self._admitted:
            self.transport = transport
            transport.write(_FULL)
            transport.abort()  # what the client does not take at once is not kept for it
            return
        super().connection_made(transport)
        self._waits_for = self._turn()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._admitted:
            self.gate.forget(self)
            super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        super().data_received(data)

    def cut_if_late(self, now: float) -> bool:
        """End the connection where the client lets us wait too long, and say whether it did."""
        if self._takes_nothing(now):
            self.transport.abort()
            return True
        if self.transport.is_closing():
            return False
        if self._turn() != self._waits_for or self._is_ours():
            self._waits_for, self._since, self._received = self._turn(), now, 0
            return False
        is_body = self.conn.their_state is h11.SEND_BODY
        if now - self._since < (BODY_SECONDS if is_body else HEAD_SECONDS):
            return False
        if is_body and self._received >= BODY_BYTES:
            self._since, self._received = now, 0
            return False
        # Browsers open connections that they may never need: nothing of a request has come there.
        has_begun = is_body or bool(self.conn.trailing_data[0])
        if has_begun and not (is_body and self.cycle.response_started):
            self.transport.write(_TIMEOUT)
        self.transport.close()
        return has_begun

    def _turn(self) -> tuple[Any, Any]:
        """What is waited for: another state, or another request, is another wait."""
        return self.conn.their_state, self.cycle

    def _is_ours(self) -> bool:
        """Whether the client has no part in the wait."""
        if self.conn.their_state is h11.IDLE:
            # Between two requests; uvicorn ends that wait itself.
            return self.timeout_keep_alive_task is not None
        if self.conn.their_state is h11.SEND_BODY:
            asked = not self.cycle.waiting_for_100_continue or self.cycle.response_started
            return self.flow.read_paused or not asked
        return True

    def _takes_nothing(self, now: float) -> bool:
        """Whether nothing of what lies ready for the client has gone for too long."""
        left = self.transport.get_write_buffer_size()
        if left == 0 or left < self._left:
            self._took_since = now
        self._left = left
        return now - self._took_since > ANSWER_SECONDS


class Server(uvicorn.Server):
    """uvicorn, with more room for who waits at the door than it takes in at once."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen. Where there is no room left, the system has clients try again after a second."""
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                with listening.dup() as same:
                    same.listen(WAITING)


def raise_descriptors() -> int:
    """Let the process have as many descriptors as it may, up to `DESCRIPTORS`; how many those are."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return wanted if soft == resource.RLIM_INFINITY else soft


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m taggarr.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8484)
    parser.add_argument("--grace", type=int, default=5, help="seconds that requests have to end at a stop")
    given = parser.parse_args(arguments)
    descriptors = raise_descriptors()
    most = min(CONNECTIONS, descriptors // 2)
    with env.refusing():
        Connection.gate = Gate(most, options.TRUSTED_PROXIES.read())
    config = uvicorn.Config(
        "taggarr.asgi:application",
        host=given.host,
        port=given.port,
        http=Connection,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        server_header=False,
        # Taggarr itself looks at what proxies say: taggarr/front.py.
        proxy_headers=False,
        timeout_graceful_shutdown=given.grace,
        # asyncio takes so many connections before one of them can be refused, and a few such batches are open
        # until the first is closed.
        backlog=max(1, (descriptors - most) // 8),
    )
    # Once it has closed everything, uvicorn sends itself the signal that stopped it: no failure.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    gc.disable()  # until all is imported (taggarr/asgi.py)
    with suppress(KeyboardInterrupt):
        Server(config).run()


if __name__ == "__main__":
    main()
