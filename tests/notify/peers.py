"""Peers that receive notifications, each a process of its own: an SMTP server and an HTTP server.

Run as a program (`python -m tests.notify.peers smtp|http STATUS...`) it prints its port, then one JSON line
for everything that it receives. With PEER_SECRET the HTTP server checks the signature of what it gets, as
docs/notifications.md tells people to, and answers 401 to what is not signed with it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


class Peer:
    """A running peer: `port`, and `next()` for what it receives."""

    def __init__(self, kind: str, *statuses: int, secret: str = "") -> None:
        command = [sys.executable, "-m", "tests.notify.peers", kind, *map(str, statuses)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "PEER_SECRET": secret}
        )
        assert self._process.stdout is not None
        self.port = int(self._process.stdout.readline())
        self._received: queue.Queue[dict[str, Any]] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._received.put(json.loads(line))

    def next(self) -> dict[str, Any]:
        """The next thing received; fails where nothing comes."""
        return self._received.get(timeout=PATIENCE)

    def received_nothing(self) -> bool:
        return self._received.empty()

    def __enter__(self) -> Peer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)


def say(what: object) -> None:
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()


def is_signed(secret: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether a message comes from who knows the secret, and is of now."""
    timestamp = headers.get("X-Taggarr-Timestamp", "")
    signed = hmac.new(secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    fits = hmac.compare_digest(f"sha256={signed}", headers.get("X-Taggarr-Signature", ""))
    return fits and timestamp.isdigit() and abs(time.time() - int(timestamp)) < 300


def serve_http(statuses: list[int]) -> None:
    """Answer with these statuses, one after the other; the last one for good."""

    secret = os.environ.get("PEER_SECRET", "").encode()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if secret and not is_signed(secret, dict(self.headers), body):
                statuses[:] = [401]
            say({"path": self.path, "headers": dict(self.headers), "body": body.decode()})
            status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
            self.send_response(status)
            if status == 429:
                self.send_header("Retry-After", "7")
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    say(server.server_port)
    server.serve_forever()


def serve_smtp() -> None:
    import asyncio
    from email import message_from_bytes, policy

    from aiosmtpd.smtp import SMTP, Envelope, Session

    class Handler:
        async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
            mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
            body = mail.get_body(("plain", "html"))
            say(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "subject": mail["Subject"],
                    "text": body.get_content() if body else "",
                }
            )
            return "250 OK"

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Handler(), loop=loop), "127.0.0.1", 0)
        say(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


if __name__ == "__main__":
    if sys.argv[1] == "smtp":
        serve_smtp()
    else:
        serve_http([int(status) for status in sys.argv[2:]] or [200])
