"""The log files of this installation: which there are, their last lines, and nothing beside them."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from library.errors import ConfigError
from library.secrets import masked

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.log(\.\d+)?\Z")
TAIL = 500
MOST_LINES = 10_000
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogFile:
    """One log file; `size` in bytes."""

    name: str
    size: int
    changed_at: datetime

    def to_json(self) -> dict[str, Any]:
        """The file as JSON-able data."""
        return {**asdict(self), "changed_at": self.changed_at.isoformat()}


def folder() -> Path:
    """Return the folder of the logs."""
    return Path(settings.TAGGARR_DATA) / "logs"


def list_logs() -> list[LogFile]:
    """Return the log files, by name. In containers there are none: `docker compose logs` has the lines."""
    if not folder().is_dir():
        return []
    found = []
    for path in sorted(folder().iterdir()):
        if _NAME.match(path.name) and path.is_file() and not path.is_symlink():
            status = path.stat()
            found.append(LogFile(path.name, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC)))
    return found


def path_of(name: str) -> Path:
    """Return the path of a log file. Raises ConfigError for anything that is no name of one we have."""
    path = folder() / name
    if not _NAME.match(name) or path.is_symlink() or not path.is_file():
        raise ConfigError(f"There is no log file called {name!r}.")
    return path


def last_lines(name: str, count: int = TAIL) -> list[str]:
    """Return the last lines of a log file, without secrets. Raises ConfigError where there is none."""
    with path_of(name).open("rb") as file:
        file.seek(0, 2)
        start = max(0, file.tell() - PIECE * max(1, count // 100))
        file.seek(start)
        lines = deque(file, maxlen=min(count, MOST_LINES))
    return [masked(line.decode("utf-8", "replace").rstrip("\n")) for line in lines]
