"""When a job starts by itself, as people say it: every 6 hours, Sundays at 03:30. Without Django."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time
from enum import StrEnum

from core.words import Phrase

UNITS = {"days": 24 * 3600, "hours": 3600, "minutes": 60, "seconds": 1}
"""The seconds of each unit, the largest first."""

DAYS = ("sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
"""As cron counts them."""

_AT = re.compile(r"(?P<minute>\d{1,2}) (?P<hour>\d{1,2}) \* \* (?P<day>\*|[0-6])")


class Kind(StrEnum):
    INTERVAL = "interval"
    DAILY = "daily"
    WEEKLY = "weekly"
    CRON = "cron"


@dataclass(frozen=True, slots=True)
class Rhythm:
    """One way to say it: of the fields only those of its kind count."""

    kind: Kind
    number: int = 6
    unit: str = "hours"
    at: time = time(3, 30)
    day: str = "sunday"
    line: str = ""

    @property
    def written(self) -> tuple[int | None, str]:
        """Seconds, or a cron line, as a schedule keeps it."""
        match self.kind:
            case Kind.INTERVAL:
                return self.number * UNITS[self.unit], ""
            case Kind.DAILY:
                return None, f"{self.at.minute} {self.at.hour} * * *"
            case Kind.WEEKLY:
                return None, f"{self.at.minute} {self.at.hour} * * {DAYS.index(self.day)}"
            case Kind.CRON:
                return None, self.line

    @property
    def told(self) -> str:
        at = f"{self.at:%H:%M}"
        match self.kind:
            case Kind.INTERVAL:
                return Phrase(f"schedule.{self.unit}", number=self.number)
            case Kind.DAILY:
                return Phrase("schedule.daily", at=at)
            case Kind.WEEKLY:
                return Phrase(f"schedule.{self.day}", at=at)
            case Kind.CRON:
                return self.line


def rhythm_of(every: int | None, cron: str) -> Rhythm:
    """What a schedule keeps, said as plainly as it can be."""
    if every is not None:
        unit = next(unit for unit, seconds in UNITS.items() if every % seconds == 0)
        return Rhythm(Kind.INTERVAL, number=every // UNITS[unit], unit=unit)
    found = _AT.fullmatch(cron)
    if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
        return Rhythm(Kind.CRON, line=cron)
    at = time(int(found["hour"]), int(found["minute"]))
    if found["day"] == "*":
        return Rhythm(Kind.DAILY, at=at, line=cron)
    return Rhythm(Kind.WEEKLY, at=at, day=DAYS[int(found["day"])], line=cron)
