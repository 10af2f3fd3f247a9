"""`python -m demo.arr --kind sonarr --port 0 --state FILE`: runs one stand-in on the loopback address.

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

from demo.arr.api import Server
from demo.arr.app import StandInApp
from demo.arr.state import ArrState

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


def _arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m demo.arr", description="A stand-in Sonarr or Radarr.")
    parser.add_argument("--kind", choices=["sonarr", "radarr"], required=True)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--state", type=Path, help="a JSON state file; without it the library is empty")
    parser.add_argument("--keep", action="store_true", help="write the state back to its file at the end")
    parser.add_argument("--api-key", default=None, help="the key to demand (default: stand-in-KIND-key)")
    parser.add_argument("--url-base", default="", help="such as /sonarr")
    parser.add_argument("--app-version", default="", help="the version that system/status tells")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when standard input closes")
    return parser.parse_args(argv)


def _load(options: argparse.Namespace) -> ArrState:
    if options.state is None:
        return ArrState(options.kind)
    state = ArrState.load(options.state)
    if state.kind != options.kind:
        raise SystemExit(f"{options.state} holds the state of a {state.kind}, not of a {options.kind}.")
    return state


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


async def _run(options: argparse.Namespace, state: ArrState) -> None:
    listener = _bind(options.port)
    connections = Connections()
    key = options.api_key or f"stand-in-{options.kind}-key"
    server = Server(state, key, options.url_base.rstrip("/"), options.app_version)
    config = uvicorn.Config(
        StandInApp(server, connections.abort),
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
    url = f"http://{HOST}:{listener.getsockname()[1]}{server.url_base}"
    print(json.dumps({"url": url, "kind": options.kind, "pid": os.getpid()}), flush=True)  # noqa: T201
    await web.serve(sockets=[listener])
    if options.keep and options.state is not None:
        server.state.save(options.state)


def _end_with_stdin(web: uvicorn.Server) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        web.should_exit = True


def main() -> None:
    options = _arguments(sys.argv[1:])
    state = _load(options)
    asyncio.run(_run(options, state))


if __name__ == "__main__":
    main()
