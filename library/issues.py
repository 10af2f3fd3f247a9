"""One thing that is wrong, and the list of checks that find such things.

Every app may register checks of its own in `AppConfig.ready`; `system.health` asks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from .sentences import Sentence, say_many

TAGGARR = "Taggarr"
"""The source of what is wrong with Taggarr itself."""

NAMED = 3
"""So many of the things that one issue is about are named."""


class Severity(StrEnum):
    """`error`: something does not work until somebody acts; `warning`: something is left out meanwhile."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Issue:
    """One thing that is wrong: `what`, what it means, and what to do, a sentence each.

    `what` goes into history: it is English, and where a check makes it a `library.sentences.Sentence`, pages
    tell it in their language. The others are in the language that is active when the check is asked: that of
    a page, elsewhere English.

    `source` is the name of the instance, or Taggarr itself; `since` when it began, where that is known;
    `code` the name of the check that found it, which stays the same while the sentences change.
    """

    source: str
    severity: Severity
    what: str
    meaning: str
    remedy: str
    since: datetime | None = None
    code: str = ""

    def to_json(self) -> dict[str, Any]:
        """The issue as JSON-able data; the time in ISO 8601, UTC."""
        return {**asdict(self), "since": self.since.isoformat() if self.since else None}


Check = Callable[[], Iterable[Issue]]
_registered: list[Check] = []


def register_check(check: Check) -> Check:
    """Have a check asked whenever health is looked at; it may ask the database, in few queries, only."""
    if check not in _registered:
        _registered.append(check)
    return check


def registered_checks() -> tuple[Check, ...]:
    """Return the checks that apps have registered."""
    return tuple(_registered)


def named(things: Sequence[str], total: int) -> Sentence:
    """Return the first of many things by name: `A, B, C and 297 more`."""
    shown = ", ".join(things[:NAMED])
    more = total - min(len(things), NAMED)
    if more <= 0:
        return Sentence.of(shown, {"all": [shown]})
    return say_many("%(names)s and %(number)d more", "%(names)s and %(number)d more", more, names=shown)
