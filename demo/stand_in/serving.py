"""Serves one stand-in on the loopback address until it is told to end.

Prints one line of JSON once it answers: {"url": "http://127.0.0.1:40123", "kind": "sonarr", "pid": 4711}.
Ends on SIGTERM or SIGINT and, with --exit-with-stdin, when its standard input closes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.types import Scope
from uvicorn.protocols.http.h11_impl import H11Protocol

from demo.stand_in.app import Program, StandInApp

HOST = "127.0.0.1"


class Connections:
    """The open connections by the client's address: ASGI gives an application no way to reset one."""

    def __init__(self) -> None:
        self._open: dict[tuple[str, int], asyncio.Transport] = {}

    def protocol(self) -> type[H11Protocol]:
        """uvicorn's HTTP protocol, made to note its connections here."""
        connections = self._open

        class Noted(H11Protocol):
            def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
                connections[transport.get_extra_info("peername")[:2]] = transport
                super().connection_made(transport)

            def connection_lost(self, exc: Exception | None) -> None:
                connections.pop(self.transport.get_extra_info("peername")[:2], None)
                super().connection_lost(exc)

        return Noted

    def abort(self, scope: Scope) -> None:
        """Resets the connection that a request came over."""
        transport = self._open.get(tuple(scope["client"]))
        if transport is not None:
            transport.abort()


def parser(prog: str, description: str, kinds: list[str]) -> argparse.ArgumentParser:
    """The options that all stand-ins take."""
    made = argparse.ArgumentParser(prog=prog, description=description)
    made.add_argument("--kind", choices=kinds, required=True)
    made.add_argument("--port", type=int, default=0, help="0 takes any free port")
    made.add_argument("--state", type=Path, help="a JSON state file; without it the library is empty")
    made.add_argument("--keep", action="store_true", help="write the state back to its file at the end")
    made.add_argument("--api-key", default=None, help="the key to demand (default: stand-in-KIND-key)")
    made.add_argument("--exit-with-stdin", action="store_true", help="end when standard input closes")
    return made


def serve(program: Program, options: argparse.Namespace) -> None:
    """Serves the stand-in until it is told to end; saves its state where `--keep` asks for it."""
    asyncio.run(_serve(program, options))
    if options.keep and options.state is not None:
        program.state.save(options.state)


async def _serve(program: Program, options: argparse.Namespace) -> None:
    listener = _bind(options.port)
    connections = Connections()
    config = uvicorn.Config(
        StandInApp(program, connections.abort),
        http=connections.protocol(),
        lifespan="off",
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
        # As the web server of the applications has it.
        timeout_keep_alive=130,
        server_header=False,
    )
    web = uvicorn.Server(config)
    if options.exit_with_stdin:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), _end_with_stdin, web)
    # uvicorn raises a signal again when it has ended: to these handlers, so that the state is still saved.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: setattr(web, "should_exit", True))
    # The socket listens already: whoever reads this line can connect.
    url = f"http://{HOST}:{listener.getsockname()[1]}{program.url_base}"
    print(json.dumps({"url": url, "kind": options.kind, "pid": os.getpid()}), flush=True)  # noqa: T201
    await web.serve(sockets=[listener])


def _bind(port: int) -> socket.socket:
    # asyncio turns Nagle's delay (40 ms an answer) off only where the protocol is named.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        raise SystemExit(f"Port {port} of {HOST} cannot be used: {error.strerror}.") from error
    listener.listen(128)
    return listener


def _end_with_stdin(web: uvicorn.Server) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        web.should_exit = True
