"""The log files of this installation: which there are, their last lines, and nothing beside them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from core.errors import ConfigError
from core.masking import masked

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\.log(\.\d+)?\Z")
_FIRST = re.compile(
    r'\S+ \[(debug|info|warning|error|critical) *\] |\{.*"level": "(\w+)"'
    r"|\d{4}-\d\d-\d\d \S+ \w+ \[\d+\] (?!DETAIL|HINT|CONTEXT|STATEMENT)(\w+): |\d+:\w .{17,30} ([-.*#]) "
)
"""The first line of a message, with its level: written for people or as JSON (`core.logs`), or by PostgreSQL
or Valkey.
"""

_FOREIGN = {"WARNING": "warning", "#": "warning", "ERROR": "error", "FATAL": "critical", "PANIC": "critical"}

LEVELS = ("debug", "info", "warning", "error", "critical")
TAIL = 500
MOST_LINES = 10_000
PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class LogFile:
    name: str
    size: int
    changed_at: datetime

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "changed_at": self.changed_at.isoformat()}


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line with its level; a line of a traceback has that of the message it belongs to.

    `message` counts the messages of what was read: lines that share it belong together.
    """

    level: str
    text: str
    message: int


def folder() -> Path:
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
        raise ConfigError("log.unknown", name=name)
    return path


def last_lines(name: str, count: int = TAIL) -> list[str]:
    """Return the last lines of a log file, without secrets. Raises ConfigError where there is none."""
    with path_of(name).open("rb") as file:
        file.seek(0, 2)
        start = max(0, file.tell() - PIECE * max(1, count // 100))
        file.seek(start)
        lines = deque(file, maxlen=min(count, MOST_LINES))
    return [masked(line.decode("utf-8", "replace").rstrip("\n")) for line in lines]


def find_lines(name: str, *, level: str = "debug", text: str = "", count: int = TAIL) -> list[LogLine]:
    """Return the last lines of a log file from a level on that hold a text, without secrets.

    Raises ConfigError where there is no such file.
    """
    if level == LEVELS[0] and not text:
        return list(with_levels(last_lines(name, count)))
    least, wanted = LEVELS.index(level), text.lower()
    with path_of(name).open(encoding="utf-8", errors="replace") as file:
        lines = with_levels(line.rstrip("\n") for line in file)
        fits = (line for line in lines if LEVELS.index(line.level) >= least and wanted in line.text.lower())
        found = deque(fits, maxlen=min(count, MOST_LINES))
    shown = [replace(line, text=masked(line.text)) for line in found]
    # What is masked must not be found by its text.
    return [line for line in shown if wanted in line.text.lower()]


def with_levels(lines: Iterable[str]) -> Iterator[LogLine]:
    level, message = "info", 0
    for line in lines:
        if found := _FIRST.match(line):
            said = next(filter(None, found.groups()))
            level, message = _FOREIGN.get(said, said if said in LEVELS else "info"), message + 1
        yield LogLine(level, line, message)


def pieces(name: str) -> Iterator[bytes]:
    """Yield a log file without secrets, to be sent. Raises ConfigError where there is no such file."""
    with path_of(name).open(encoding="utf-8", errors="replace") as file:
        while lines := file.readlines(PIECE):
            yield masked("".join(lines)).encode()
