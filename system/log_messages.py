"""What a line of a log says: when, how badly, what, who, and with which values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from system.log_files import LogLine

_OURS = re.compile(r"(\S+) \[\w+ *\] (.*?) *\[([\w.]+)\](?: (\w+=.*))?$")
_POSTGRES = re.compile(r"(\S+ \S+) UTC \[\d+\] \w+: +(.*)")
_VALKEY = re.compile(r"\d+:\w (\d\d \w{3} \d{4} \S+) . (.*)")
_PAIR = re.compile(r"""(\w+)=('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\S+)""")


@dataclass(frozen=True, slots=True)
class LogMessage:
    """One message; `time` and `logger` where it names them. `more` follows it, such as a traceback."""

    level: str
    text: str
    time: datetime | None = None
    logger: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    more: str = ""


def messages_of(lines: Iterable[LogLine]) -> list[LogMessage]:
    """The messages of lines. Where the first line of one is not among them, the others stand for it."""
    found = []
    for _, group in groupby(lines, lambda line: line.message):
        first, *others = group
        more = "\n".join(line.text for line in others)
        found.append(_read(first.level, first.text, more))
    return found


def _read(level: str, text: str, more: str) -> LogMessage:
    if text.startswith("{") and (read := _from_json(level, text)):
        return read
    if ours := _OURS.match(text):
        time, message, logger, values = ours.groups(default="")
        pairs = {name: value.strip("'\"") for name, value in _PAIR.findall(values)}
        return LogMessage(level, message, _time(time), logger, pairs, more)
    if postgres := _POSTGRES.match(text):
        return LogMessage(level, postgres[2], _time(f"{postgres[1]}Z"), more=more)
    if valkey := _VALKEY.match(text):
        return LogMessage(level, valkey[2], _time(f"{valkey[1]}Z", "%d %b %Y %H:%M:%S.%f%z"), more=more)
    return LogMessage(level, text, more=more)


def _from_json(level: str, text: str) -> LogMessage | None:
    try:
        values = json.loads(text)
    except ValueError:
        return None
    values.pop("level", None)
    said, logger, time, more = (
        str(values.pop(name, "")) for name in ("event", "logger", "timestamp", "exception")
    )
    return LogMessage(level, said, _time(time), logger, values, more)


def _time(text: str, form: str = "") -> datetime | None:
    try:
        return datetime.strptime(text, form) if form else datetime.fromisoformat(text)
    except ValueError:
        return None
