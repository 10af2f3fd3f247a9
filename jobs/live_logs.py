"""Log lines as live events, for admins who watch."""

from __future__ import annotations

import logging
from typing import Any

from core import live
from core.masking import masked


class LiveHandler(logging.Handler):
    """Publishes each line with its level and logger. Its own lines and those of Redis are left out."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith((live.__name__, "jobs.announcing", "redis")):
            return
        line = {"level": record.levelname.lower(), "logger": record.name, "message": message_of(record)}
        live.publish("log", line)


def message_of(record: logging.LogRecord) -> str:
    """The text of a line, of a structured one the event with its values; without secrets."""
    if not isinstance(record.msg, dict):
        return masked(record.getMessage())
    # structlog's own fields (level, time stamp) stand in the record already.
    fields: dict[str, Any] = {
        name: value
        for name, value in record.msg.items()
        if name not in ("event", "level", "logger", "timestamp") and not name.startswith("_")
    }
    shown = " ".join(f"{name}={value}" for name, value in fields.items())
    return masked(f"{record.msg.get('event', '')} {shown}".strip())
