"""Peers that are slow, old or newer than Taggarr: a proxy before a server, a Redis 5, a feed of releases."""

from __future__ import annotations

import json
import socket
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PIECE = 65536


class Proxy:
    """Passes everything on to a server. It holds back for `delay` seconds what a client sends with `slow`
    in it, and replaces the first of the bytes `instead` by the second in what the server answers.
    """

    def __init__(self, host: str, port: int) -> None:
        self.slow = b""
        self.delay = 0.0
        self.instead = (b"", b"")
        self.is_down = False
        self._open: list[socket.socket] = []
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def cut(self) -> None:
        """End all connections, and let nobody in until `is_down` is false again: the server restarts."""
        self.is_down = True
        for client in self._open:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        self._open.clear()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                if self.is_down:
                    client.close()
                    continue
                server = socket.create_connection(self._target)
                for ends in ((client, server, True), (server, client, False)):
                    threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, from_client: bool) -> None:
        with suppress(OSError):
            while piece := source.recv(PIECE):
                if from_client and self.slow and self.slow in piece:
                    time.sleep(self.delay)
                target.sendall(piece if from_client else piece.replace(*self.instead))
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(host: str, port: int) -> Iterator[Proxy]:
    """A proxy before the server at this address."""
    running = Proxy(host, port)
    try:
        yield running
    finally:
        running.close()


class _OldRedis(socketserver.StreamRequestHandler):
    """Answers as Redis 5 does, which knows no HELLO."""

    def handle(self) -> None:
        while head := self.rfile.readline():
            words = []
            for _ in range(int(head[1:])):
                length = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(length + 2)[:-2])
            known = words[0].upper() == b"PING"
            self.wfile.write(b"+PONG\r\n" if known else b"-ERR unknown command `%s`\r\n" % words[0])


@contextmanager
def old_redis() -> Iterator[int]:
    """A Redis of long ago; yields its port."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _OldRedis) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


class Feed:
    """What the address of the releases answers."""

    version = ""
    url = ""


@contextmanager
def feed() -> Iterator[Feed]:
    """A feed of releases whose newest is `version`."""
    newest = Feed()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"tag_name": f"v{newest.version}"}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        newest.url = f"http://127.0.0.1:{server.server_port}/latest"
        yield newest
        server.shutdown()
