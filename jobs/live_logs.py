"""Log lines as live events, for admins who watch."""

from __future__ import annotations

import logging

from core import live
from core.masking import masked


class LiveHandler(logging.Handler):
    """Publishes each line with its level and logger. Its own lines and those of Redis are left out."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("core.redis_server", "jobs.announcing", "redis")):
            return
        line = {
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": masked(record.getMessage()),
        }
        live.publish("log", line)
