"""Switches at run time: declared in code, stored in a row, followed by every process within ten seconds.

`TAGGARR_FLAGS` (`players=off,shared_editing=on`) changes what holds where nobody has set a switch.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from django.utils.functional import Promise

from core import options
from core.errors import ConfigError
from core.sql import DATABASE_AWAY

FRESH = 10.0
"""Seconds that what is stored is believed."""

Stored = Callable[[], Mapping[str, bool]]


@dataclass(frozen=True, slots=True)
class Flag:
    """One switch: its `key`, what holds unless somebody sets it, and in a sentence what it does."""

    key: str
    default: bool
    what: str | Promise


_declared: dict[str, Flag] = {}
_lock = threading.Lock()
_source: Stored = dict
_stored: Mapping[str, bool] = {}
_read_at = float("-inf")


def declare(flag: Flag) -> None:
    """Make a flag known. Raises ValueError where the key is taken."""
    if _declared.get(flag.key, flag) != flag:
        raise ValueError(f"there is a flag {flag.key} already")
    _declared[flag.key] = flag


def declared() -> list[Flag]:
    return [_declared[key] for key in sorted(_declared)]


def read_from(source: Stored) -> None:
    """Have `source` asked for the switches that somebody has set. It may raise what Django raises."""
    global _source  # noqa: PLW0603  (one a process)
    _source = source
    forget()


def forget() -> None:
    """Ask the database at the next look: a switch was changed here."""
    global _read_at  # noqa: PLW0603
    _read_at = float("-inf")


def is_on(key: str) -> bool:
    if key not in _declared:
        raise ConfigError(f"There is no flag {key}; known are {', '.join(sorted(_declared)) or 'none'}.")
    return _as_set().get(key, default_of(_declared[key]))


def default_of(flag: Flag) -> bool:
    """What holds where nobody has set the flag: what the environment says, else what the code says."""
    return options.FLAGS.read().get(flag.key, flag.default)


def _as_set() -> Mapping[str, bool]:
    global _stored, _read_at  # noqa: PLW0603
    with _lock:
        if time.monotonic() - _read_at > FRESH:
            with suppress(*DATABASE_AWAY):  # what was known last holds until it answers
                _stored = _source()
            _read_at = time.monotonic()
        return _stored
