"""One Valkey server. It holds messages that the database can make again, so it keeps nothing on disk."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from pathlib import Path

from .binaries import Account
from .ports import LOOPBACK, HeldPort
from .processes import Server, stop_leftover


class Valkey(Server):
    name = "Valkey"

    def __init__(self, program: Path, data: Path, logs: Path, account: Account, password: str) -> None:
        super().__init__(logs / "valkey.log", account)
        self.program = program
        self.folder = data / "valkey"
        self.password = password

    def start(self, held: HeldPort) -> None:
        self.folder.mkdir(mode=0o700, exist_ok=True)
        self.account.own(self.folder)
        pid_file = self.folder / "valkey.pid"
        stop_leftover(pid_file, "valkey-server", self.folder, signal.SIGTERM)
        port = self.port = held.release()
        # The settings go in by standard input: a password in a file or an argument is one that others may
        # read.
        settings = [
            f"bind {LOOPBACK}",
            f"port {port}",
            f"requirepass {self.password}",
            f'dir "{self.folder}"',
            f'pidfile "{pid_file}"',
            'save ""',
            "appendonly no",
            "loglevel warning",
            "daemonize no",
        ]
        self.launch([self.program, "-"], "\n".join(settings).encode())
        self.wait_until(lambda: self._answers(port))

    def _answers(self, port: int) -> bool:
        # Two lines of its protocol: to import the client would cost the supervisor 8 MiB for all its life.
        with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=5) as connection:
            connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
            with connection.makefile("rb") as answers:
                return [answers.readline(), answers.readline()] == [b"+OK\r\n", b"+PONG\r\n"]
        return False
