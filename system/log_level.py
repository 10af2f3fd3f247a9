"""The level of the logs, changed while the programs run: kept in the database, followed by every process."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.conf import settings
from django.db import DatabaseError

from core import logs
from core.errors import ConfigError
from core.words import Phrase
from history import audit
from system.models import RuntimeSetting

NAME = "log_level"
LEVELS = ("debug", "info", "warning", "error")
LOOK_EVERY = 10.0
"""Seconds until every process has seen a change."""

logger = logging.getLogger(__name__)
_state: dict[str, Any] = {"looked": 0.0, "level": ""}


def current() -> str:
    """Return the level in force: the one that was set while running, else that of TAGGARR_LOG_LEVEL."""
    found = RuntimeSetting.value_of(NAME)
    return str(found) if found in LEVELS else settings.LOG_LEVEL


def set_level(level: str) -> None:
    """Change the level everywhere; an empty one goes back to TAGGARR_LOG_LEVEL. Raises ConfigError."""
    if level and level not in LEVELS:
        raise ConfigError("log-level.unknown", level=level, levels=", ".join(LEVELS))
    before = current()
    RuntimeSetting.put(NAME, level or None)
    after = level or settings.LOG_LEVEL
    if after != before:
        audit.note("changed", kind="setting", target=Phrase("log-level.name"), before=before, after=after)
    _state["looked"] = 0.0
    follow()


def follow() -> None:
    """Take on the level that is in force; asks the database every ten seconds at most."""
    now = time.monotonic()
    if _state["looked"] and now - _state["looked"] < LOOK_EVERY:
        return
    _state["looked"] = now
    try:
        level = current()
    except DatabaseError as error:
        _state["looked"] = time.monotonic()  # it may have taken as long as the next look is away
        logger.debug("the log level could not be read: %s", error)
        return
    if level != (_state["level"] or settings.LOG_LEVEL):
        logs.set_level(level)
    _state["level"] = level
