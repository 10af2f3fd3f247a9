"""Servers that end by themselves are started again, where they were; those that are stopped are not."""

from __future__ import annotations

import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from core.errors import ConfigError
from system import backoff
from system.embedded import EmbeddedServers
from system.embedded import servers as keeper
from system.embedded.binaries import server_account
from system.embedded.ports import HeldPort
from system.embedded.processes import Server
from system.embedded.servers import Keeper
from tests.waiting import wait_until


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder that the database's own user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="taggarr-keeper-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "WATCH_INTERVAL", 0.02)
    monkeypatch.setattr(backoff, "FIRST_DELAY", 0.05)


@contextmanager
def busy_session(address: str) -> Iterator[None]:
    """A session that computes for hours, and does not look whether its server is still there."""
    with closing(psycopg.connect(address)) as connection:
        connection.pgconn.send_query(b"SELECT count(*) FROM generate_series(1, 1000000000000)")
        yield


def test_a_killed_postgresql_and_a_killed_valkey_come_back_with_their_data(data, capsys):
    with EmbeddedServers(data, fast=True, keep=True) as servers, busy_session(servers.database_url):
        with psycopg.connect(servers.database_url) as connection:
            connection.execute("SET synchronous_commit = on")  # which `fast` turns off
            connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
        for file in ("pg/*/postmaster.pid", "valkey/valkey.pid"):
            (path,) = data.glob(file)
            psutil.Process(int(path.read_text().split()[0])).send_signal(signal.SIGKILL)

        def both_answer() -> bool:
            try:
                with psycopg.connect(servers.database_url) as connection:
                    connection.execute("SELECT one FROM kept")
                with redis.Redis.from_url(servers.redis_url) as valkey:
                    return bool(valkey.ping())
            except (psycopg.OperationalError, redis.RedisError):
                return False

        told: list[str] = []

        def told_both() -> bool:
            told.append(capsys.readouterr().err)
            return all(f"{name} ended; it starts again" in "".join(told) for name in ("PostgreSQL", "Valkey"))

        wait_until(told_both)
        wait_until(both_answer)


class Scripted(Server):
    """A server that ends at once as often as it is told to."""

    name = "Server"

    def __init__(self, port: int, failures: int = 0) -> None:
        super().__init__(Path(), server_account())
        self.port = port
        self.failures = failures
        self.starts: list[int] = []
        self.ended = True

    def start(self, held: HeldPort) -> None:
        self.starts.append(held.release())
        if len(self.starts) <= self.failures:
            raise ConfigError("Server did not start: the disk is full.")
        self.ended = False

    @property
    def has_ended(self) -> bool:
        return self.ended


def test_a_server_that_cannot_start_is_tried_again_on_its_port_less_and_less_often(capsys, monkeypatch):
    monkeypatch.setattr(backoff, "STEADY", 0.2)
    with HeldPort() as held:
        port = held.number
    server = Scripted(port, failures=2)
    kept = Keeper([server])
    kept.start()
    wait_until(lambda: not server.has_ended)
    kept.stop()
    assert server.starts == [port] * 3
    assert capsys.readouterr().err.count("the disk is full") == 2
    assert kept._kept[0][1].delay >= 0.05 * 8


def test_a_port_that_another_program_took_is_waited_for(capsys):
    told = ""
    with HeldPort() as held:
        server = Scripted(held.number)
        kept = Keeper([server])
        kept.start()

        def said() -> bool:
            nonlocal told
            told += capsys.readouterr().err
            return f"another program took its port {held.number} meanwhile. End that one, or stop" in told

        wait_until(said)
        assert server.starts == []
    wait_until(lambda: not server.has_ended)
    kept.stop()


def test_a_stopped_server_stays_stopped():
    with HeldPort() as held:
        port = held.number
    server = Scripted(port)
    kept = Keeper([server])
    kept.stop()
    kept.start()
    wait_until(lambda: not kept._thread.is_alive())
    assert server.starts == []
