"""A temporary folder with servers of its own, where databases are filled by this code or an older one."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path

import psycopg
from django.conf import settings
from psycopg import sql

from core import env
from core.data_folder import prepare_data_folder
from core.errors import ConfigError, StorageError
from system.backup.manifest import opened
from system.embedded import EmbeddedServers

from .contents import Snapshot, snapshot

CODE = settings.BASE_DIR
"""This code, and where git knows older code."""

MIB = 2**20
SERVERS_TAKE = 250 * MIB
LOG_TAKES = 1024 * MIB
"""At most: PostgreSQL keeps that much of what it wrote for a crash."""

TIMES_LARGER = 12
"""Of what COPY writes: four databases, of which each takes three times as much with its indexes."""

FILES_TIMES = 5
"""Beside each database, and in the backup that is made."""

RESTORE = """
import gc, json, sys
gc.disable()
from pathlib import Path
import django
django.setup()
from core.errors import TaggarrError
from system.backup.restoring import restore
try:
    done = restore(Path(sys.argv[1]), **json.loads(sys.argv[2]))
except TaggarrError as error:
    sys.exit(str(error))
if lost := getattr(done, "lost", 0):
    sys.exit(f"{lost} of the files that were taken along did not come back.")
"""
"""Older code runs it too. Migrations make models by the thousand, a third of the time would be garbage."""


class StepError(Exception):
    """A program did not succeed; the text is the last line that it said."""


@dataclass(frozen=True, slots=True)
class Scratch:
    """Each database has a data folder of its own, which is `folder / name`."""

    folder: Path
    servers: EmbeddedServers

    def create(self, name: str, *, like: str = "template1") -> None:
        prepare_data_folder(self.folder / name)
        self._execute("CREATE DATABASE {} TEMPLATE {}", name, like)

    def restore(self, name: str, archive: Path, *, code: Path | None = None, **options: bool) -> None:
        """Restore an archive into a new database. Raises StepError."""
        self.create(name)
        self.python(name, "-c", RESTORE, str(archive.resolve()), json.dumps(options), code=code)

    def snapshot(self, name: str) -> Snapshot:
        return snapshot(psycopg.connect(self._url(name)))

    def python(self, name: str, *arguments: str, code: Path | None = None) -> str:
        """Run a program of `code` with a database and return what it printed. Raises StepError."""
        # Nothing else of the installation's settings: a store of files, say, is not to be written.
        given = {
            "DJANGO_SETTINGS_MODULE": "taggarr.settings",
            "DATABASE_URL": self._url(name),
            "REDIS_URL": self.servers.redis_url,
            "TAGGARR_DATA": str(self.folder / name),
            "TAGGARR_SECRET_KEY": settings.SECRET_KEY,
            "TAGGARR_ENCRYPTION_KEYS": ",".join(settings.ENCRYPTION_KEYS),
        }
        return run([sys.executable, *arguments], cwd=code or CODE, given=given)

    def _url(self, name: str) -> str:
        return f"{self.servers.database_url.rpartition('/')[0]}/{name}"

    def _execute(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.servers.database_url, autocommit=True) as database:
            database.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def place_for(archive: Path) -> Iterator[Scratch]:
    """Yield a place to try an archive; nothing stays of it. Raises ConfigError, StorageError."""
    folder, servers = Path(tempfile.gettempdir()), None
    _check_room(archive)
    try:
        folder = Path(tempfile.mkdtemp(prefix="taggarr-rehearsal-"))
        folder.chmod(0o711)  # as root, the database's own user must get in
        servers = EmbeddedServers(folder / "servers", fast=True).start()
        yield Scratch(folder, servers)
    except OSError as error:
        raise StorageError("rehearsal.folder", folder=folder, reason=error.strerror) from None
    finally:
        with _undisturbed():
            if servers is not None:
                servers.stop()
            if folder.name.startswith("taggarr-rehearsal-"):
                shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Who presses Ctrl-C twice leaves no server behind."""
    before = [(one, signal.signal(one, signal.SIG_IGN)) for one in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for one, handler in before:
            signal.signal(one, handler)


def _check_room(path: Path) -> None:
    with opened(path) as archive:
        sizes = {one.filename: one.file_size for one in archive.infolist()}
    tables = sum(size for name, size in sizes.items() if name.startswith("tables/"))
    rows = TIMES_LARGER * tables
    needed = SERVERS_TAKE + rows + min(rows, LOG_TAKES) + FILES_TIMES * (sum(sizes.values()) - tables)
    folder = tempfile.gettempdir()
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ConfigError("rehearsal.no-room", folder=folder, needed=needed // MIB, free=free // MIB)


def run(command: list[str], *, cwd: Path, given: dict[str, str] | None = None) -> str:
    """Run a program and return what it printed. Raises StepError, FileNotFoundError where there is none."""
    environment = {**env.only(()), **(given or {})}
    ended = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, errors="replace", check=False
    )
    if ended.returncode != 0:
        raise StepError(last_words(ended.stderr) or f"{command[0]} ended with code {ended.returncode}.")
    return ended.stdout


def last_words(text: str) -> str:
    """Return what a program that failed said last: its last line, or the error that a traceback ends with."""
    _, traceback, tail = text.rpartition("\n  File ")
    lines = tail.strip().splitlines() or [""]
    if not traceback:
        return lines[-1]
    return " ".join(" ".join(dropwhile(lambda line: line.startswith(" "), lines[1:])).split())
