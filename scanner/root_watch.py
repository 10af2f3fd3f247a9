"""Looking at the root folders between scans: a mount that goes away, or comes back, is told within minutes.

A worker does it, for it is the workers that have the mounts; nothing is scanned, and no verdict or fact
changes. The look itself is a program of its own (`library.folder_look`), killed where a mount does not
answer, so that it holds no worker for longer than `LIMIT`. It holds a lock for as long as it lives: where it
cannot even be killed, it stays the only one.
"""

from __future__ import annotations

import fcntl
import json
import logging
import subprocess
import sys
from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.utils import timezone

from connections.models import Connection
from core.errors import StorageError
from library.folder_look import Look, Trouble
from library.paths import local_path
from library.root_folders import roots_of, shown_root
from scanner.facts.sources import is_read_from_disk
from scanner.models import FactsFrom
from system.models import RuntimeSetting

logger = logging.getLogger(__name__)

NAME = "roots"
"""The row that holds the last look."""

PROGRAM = (sys.executable, "-m", "library.folder_look")

LOCK_FILE = Path("run") / "roots.lock"

LIMIT = 10.0
"""Seconds that all folders together have to answer; a disk that sleeps may need most of them to wake up."""

MOST = 200
"""So many folders of an instance are looked at: of a library with more, the first ones."""

OLD = timedelta(minutes=10)
"""A look that is older tells nothing of now."""


@dataclass(frozen=True, slots=True)
class Root:
    """One root folder of an instance (its id) as the last look saw it.

    `back_at` is when it was first seen again after a trouble (ISO 8601), empty where it never was in one.
    """

    connection: int
    path: str
    local: str
    trouble: str = ""
    reason: str = ""
    free: int | None = None
    back_at: str = ""

    @property
    def shown(self) -> str:
        return shown_root(self.path, self.local)


def last_look() -> list[Root]:
    """Return what the last look saw; nothing where that is long ago, or never was."""
    row = RuntimeSetting.objects.filter(name=NAME).first()
    return _roots_in(row) if row and row.updated_at > timezone.now() - OLD else []


def look() -> None:
    """Look at every root folder that files are read from, and remember what came of it.

    Raises StorageError where that cannot be done on this machine now.
    """
    known = {connection: _roots_of(connection) for connection in _instances()}
    folders = sorted({root.local for roots in known.values() for root in roots})
    looks = _look_at(folders)
    if looks is None:
        logger.warning("the last look at the root folders has not ended yet")
        RuntimeSetting.objects.filter(name=NAME).update(updated_at=timezone.now())
        return
    row = RuntimeSetting.objects.filter(name=NAME).first()
    before = {(root.connection, root.path): root for root in (_roots_in(row) if row else ())}
    now = timezone.now()
    seen = [
        asdict(_seen(root, looks[root.local], before.get((root.connection, root.path)), now))
        for connection, roots in known.items()
        for root in _those_that_count(connection, roots, looks)
    ]
    RuntimeSetting.objects.update_or_create(name=NAME, defaults={"value": seen})


def _roots_in(row: RuntimeSetting) -> list[Root]:
    return [Root(**root) for root in row.value]


def _instances() -> Iterable[Connection]:
    # Without the API key: one that does not decrypt must hide nothing.
    read_here = Connection.objects.filter(enabled=True, scan_settings__isnull=False)
    return read_here.exclude(scan_settings__facts_from=FactsFrom.ARR).prefetch_related("path_mappings")


def _roots_of(connection: Connection) -> list[Root]:
    mappings = list(connection.path_mappings.all())
    return [Root(connection.pk, path, local_path(path, mappings)) for path in roots_of(connection)[:MOST]]


def _those_that_count(connection: Connection, roots: list[Root], looks: dict[str, Look]) -> list[Root]:
    """The roots of an instance, none where its files are not read here."""
    offline = [root.path for root in roots if looks[root.local].trouble]
    return roots if is_read_from_disk(connection, [root.path for root in roots], offline) else []


def _seen(root: Root, look: Look, before: Root | None, now: datetime) -> Root:
    back_at = before.back_at if before else ""
    if before and before.trouble and not look.trouble:
        back_at = now.isoformat()
    return Root(root.connection, root.path, root.local, look.trouble, look.reason, look.free, back_at)


def _look_at(folders: Collection[str]) -> dict[str, Look] | None:
    """Look at all folders; None where an earlier look still hangs, or another worker looks just now."""
    if not folders:
        return {}
    path = Path(settings.TAGGARR_DATA) / LOCK_FILE
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with path.open("w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            looks = dict(_answers(_run(folders, lock)))
    except BlockingIOError:
        return None
    except OSError as error:
        raise StorageError("root.unwatched", reason=error.strerror or str(error)) from None
    return {folder: looks.get(folder, Look(Trouble.SILENT)) for folder in folders}


def _run(folders: Collection[str], lock: IO[str]) -> bytes:
    """What the program printed until all had answered, or its time was over. It shares the lock."""
    process = subprocess.Popen(
        PROGRAM,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=settings.BASE_DIR,
        pass_fds=(lock.fileno(),),
    )
    try:
        told: bytes = process.communicate(json.dumps(list(folders)).encode(), timeout=LIMIT)[0]
        if process.returncode:
            raise OSError(f"exit code {process.returncode}")
        return told
    except subprocess.TimeoutExpired as late:
        process.kill()
        with suppress(subprocess.TimeoutExpired):
            process.wait(1)  # a disk that hangs may keep even a killed process
        return late.output or b""


def _answers(text: bytes) -> Iterator[tuple[str, Look]]:
    for line in text.splitlines():
        answer: dict[str, Any] = json.loads(line)
        yield answer.pop("folder"), Look(**answer)
