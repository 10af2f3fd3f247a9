"""Both embedded servers over one data folder; one that ends by itself is started again."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from core.data_folder import not_writable, prepare_data_folder, write_private
from core.errors import ConfigError
from core.servers import SERVERS_FILE, ServerAddresses
from system.backoff import Backoff
from system.embedded.binaries import Account, find_programs, server_account
from system.embedded.ports import LOOPBACK, HeldPort, is_taken
from system.embedded.postgres import DATABASE, USER, Postgres
from system.embedded.processes import Server
from system.embedded.valkey import Valkey

MOVES = 3
"""So often a server goes to another port, where several installations start in the same moment."""

PASSWORD_FILE = "servers_password"  # noqa: S105 - the name of a file


class EmbeddedServers:
    """PostgreSQL and Valkey on loopback ports, their data in `data`.

    The ports are chosen and held from the beginning; `database_url` and `redis_url` hold from `start` on. A
    given one is used as it is, and that server is not started.

    `first_port` is where the search for free ports begins, 0 lets the system choose. `fast` is for tests: it
    gives up the safety of the data. With `keep` a server that ends by itself is started again. Raises
    ConfigError where the folder cannot be written or a server does not start.
    """

    def __init__(
        self,
        data: Path,
        *,
        database_url: str = "",
        redis_url: str = "",
        first_port: int = 0,
        fast: bool = False,
        keep: bool = False,
    ) -> None:
        self.data = data
        self.fast = fast
        self._keep = keep
        self._account = server_account()
        self._prepare()
        self._password = self._kept_password()
        self._first_port = first_port
        self._postgres_port = None if database_url else HeldPort(first_port)
        self._valkey_port = None if redis_url else HeldPort(first_port + 1 if first_port else 0)
        self.database_url = database_url or self._address_of_postgres(_number(self._postgres_port))
        self.redis_url = redis_url or self._address_of_valkey(_number(self._valkey_port))
        self._running: list[Postgres | Valkey] = []
        self._keeper: Keeper | None = None

    def start(self) -> EmbeddedServers:
        """Start what is not given, and leave the addresses in the data folder for `manage.py`."""
        programs = find_programs(self.data, self._account)
        try:
            if self._postgres_port is not None:
                postgres = Postgres(
                    programs.postgres,
                    self.data,
                    self.data / "logs",
                    self._account,
                    self._password,
                    fast=self.fast,
                )
                self.database_url = self._address_of_postgres(self._start(postgres, self._postgres_port))
            if self._valkey_port is not None:
                valkey = Valkey(programs.valkey, self.data, self.data / "logs", self._account, self._password)
                self.redis_url = self._address_of_valkey(self._start(valkey, self._valkey_port))
            self._tell_addresses()
        except BaseException:
            self.stop()
            raise
        if self._keep:
            self._keeper = Keeper(self._running)
            self._keeper.start()
        return self

    def _start(self, server: Postgres | Valkey, held: HeldPort) -> int:
        """Start a server and return its port.

        It is the one that is held, or the next free one where another program is quicker to take that.
        """
        self._running.append(server)
        for _ in range(MOVES):
            try:
                server.start(held)
            except ConfigError:
                if not (server.port and is_taken(server.port)):
                    raise
                held = HeldPort(self._first_port)
            else:
                return server.port
        server.start(held)
        return server.port

    def stop(self) -> None:
        if self._keeper is not None:
            self._keeper.stop()
        (self.data / SERVERS_FILE).unlink(missing_ok=True)
        while self._running:
            self._running.pop().stop()

    def __enter__(self) -> EmbeddedServers:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def environment(self) -> dict[str, str]:
        return {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "TAGGARR_DATA": str(self.data),
        }

    def _address_of_postgres(self, port: int) -> str:
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{port}/{DATABASE}"

    def _address_of_valkey(self, port: int) -> str:
        return f"redis://:{self._password}@{LOOPBACK}:{port}/0"

    def _prepare(self) -> None:
        """Make the data folder and what is in it. Folders that are there keep their permissions."""
        prepare_data_folder(self.data)
        try:
            (self.data / "pg").mkdir(exist_ok=True, mode=0o711 if self._account.switch else 0o700)
            (self.data / "programs").mkdir(exist_ok=True, mode=0o755)
        except OSError as error:
            raise not_writable(error, self.data) from None
        if not _can_enter(self.data, self._account):
            raise ConfigError(
                f"The database runs as the user {self._account.name}, who cannot enter {self.data}: set "
                "TAGGARR_DATA to "
                "a folder whose parents all users may enter, such as /var/lib/taggarr."
            )

    def _kept_password(self) -> str:
        """The servers' password: made at the first start, kept for the database that was made with it."""
        path = self.data / PASSWORD_FILE
        with contextlib.suppress(FileNotFoundError):
            return path.read_text(encoding="ascii").strip()
        password = secrets.token_urlsafe(24)
        write_private(path, password)
        return password

    def _tell_addresses(self) -> None:
        addresses = ServerAddresses(database_url=self.database_url, redis_url=self.redis_url)
        write_private(self.data / SERVERS_FILE, json.dumps(addresses))


def _number(port: HeldPort | None) -> int:
    return port.number if port is not None else 0


def _can_enter(folder: Path, account: Account) -> bool:
    if not account.switch:
        return os.access(folder, os.X_OK)
    test = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)]
    return subprocess.run(test, check=False, **account.popen_options()).returncode == 0


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
