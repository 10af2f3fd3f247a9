"""Logging: structlog to standard error, for people or as JSON lines. No Django.

Our own code and the libraries' loggers come out in one shape. Libraries speak from `warning` on, unless the
level is `debug`. Standard output is left to what a command prints, so that `--json` stays JSON.
"""

from __future__ import annotations

import logging.config
from pathlib import Path
from typing import Any

import structlog

from core.masking import masked

NOISY = ("urllib3", "amqp", "kombu", "asyncio", "django.request", "django.db.backends", "PIL")
OURS = tuple(sorted(path.parent.name for path in Path(__file__).parents[1].glob("*/__init__.py")))


class MaskingFormatter(structlog.stdlib.ProcessorFormatter):
    """Masks secrets in whole lines, tracebacks and all: whatever came in, no secret goes out."""

    def format(self, record: logging.LogRecord) -> str:
        return masked(super().format(record))


def _processors() -> list[Any]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def logging_settings(level: str, log_format: str) -> dict[str, Any]:
    """A configuration for logging.config.dictConfig: one handler, standard error, `console` or `json`."""
    if log_format == "json":
        render: list[Any] = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    else:
        # The plain traceback: the default one prints local variables, and with them secrets.
        render = [
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        ]
    ours, others = _levels(level)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": MaskingFormatter,
                "foreign_pre_chain": _processors(),
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *render],
            }
        },
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "structured",
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


def configure_structlog() -> None:
    """Hand structlog's own loggers over to the standard library's, so that both share one handler."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_processors(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def configure(settings: dict[str, Any]) -> None:
    """Put `logging_settings` and structlog into effect. As Django's LOGGING_CONFIG it runs everywhere."""
    logging.config.dictConfig(settings)
    configure_structlog()
