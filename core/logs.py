"""Logging to standard error, for people or as JSON lines. No Django.

Libraries speak from `warning` on, unless the level is `debug`. Standard output is left to what a command
prints, so that `--json` stays JSON.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from logging import config
from pathlib import Path
from typing import Any

from core.masking import masked

NOISY = ("urllib3", "amqp", "kombu", "asyncio", "django.request", "django.db.backends", "PIL")
OURS = tuple(sorted(path.parent.name for path in Path(__file__).parents[1].glob("*/__init__.py")))

configure = config.dictConfig
_bound: ContextVar[dict[str, Any]] = ContextVar("bound")
_STANDARD = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_QUOTED = frozenset(" \t\r\n=\"'")


@contextmanager
def bound(**values: Any) -> Iterator[None]:
    """Have all that is logged within carry these values: which request, which job."""
    token = _bound.set({**bound_now(), **values})
    try:
        yield
    finally:
        _bound.reset(token)


def bound_now() -> dict[str, Any]:
    return _bound.get({})


def values_of(record: logging.LogRecord) -> dict[str, Any]:
    """What a line carries beside its message: the values bound now, and its own."""
    return {**bound_now(), **{name: value for name, value in vars(record).items() if name not in _STANDARD}}


class Formatter(logging.Formatter):
    """Masks secrets in whole lines, tracebacks and all: whatever came in, no secret goes out."""

    def __init__(self, log_format: str) -> None:
        super().__init__()
        self._write = _as_json if log_format == "json" else _for_people

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="microseconds")
        # Without local variables, and with them secrets.
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        stamp = time.replace("+00:00", "Z")
        return masked(self._write(record, stamp, values_of(record), trace or record.stack_info or ""))


def _as_json(record: logging.LogRecord, time: str, values: dict[str, Any], trace: str) -> str:
    line = {
        **values,
        "event": record.getMessage(),
        "logger": record.name,
        "level": record.levelname.lower(),
        "timestamp": time,
        **({"exception": trace} if trace else {}),
    }
    return json.dumps(line, default=repr)


def _for_people(record: logging.LogRecord, time: str, values: dict[str, Any], trace: str) -> str:
    line = f"{time} [{record.levelname.lower():<9}] {record.getMessage():<30} [{record.name}]"
    pairs = (f"{name}={_shown(value)}" for name, value in sorted(values.items()))
    return "\n".join(filter(None, (" ".join((line, *pairs)), trace)))


def _shown(value: object) -> str:
    return value if isinstance(value, str) and not _QUOTED & set(value) else repr(value)


def logging_settings(level: str, log_format: str) -> dict[str, Any]:
    """A configuration for `configure`: one handler, standard error, `console` or `json`."""
    ours, others = _levels(level)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"masked": {"()": Formatter, "log_format": log_format}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "masked",
                "stream": "ext://sys.stderr",
            }
        },
        "root": {"handlers": ["stderr"], "level": others},
        "loggers": {
            **{name: {"level": ours} for name in OURS},
            **{name: {"level": "WARNING"} for name in NOISY},
            "celery": {"level": others},
            # It asks workers before they are up, and again a little later.
            "flower.inspector": {"level": "ERROR"},
            "uvicorn.error": {"level": others},
        },
    }


def _levels(level: str) -> tuple[str, str]:
    return level.upper(), "DEBUG" if level == "debug" else "ERROR" if level == "error" else "WARNING"


def set_level(level: str) -> None:
    ours, others = _levels(level)
    logging.getLogger().setLevel(others)
    for name in OURS:
        logging.getLogger(name).setLevel(ours)
