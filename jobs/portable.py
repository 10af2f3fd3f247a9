"""Schedules as configuration."""

from __future__ import annotations

from typing import Any

from connections.models import Connection
from core.errors import ConfigError
from core.features import Portable
from core.portable import Apply, Entry, Reading, Section

from .models import Schedule
from .schedules import check_schedule, save_schedule


def _export() -> list[dict[str, Any]]:
    return [
        {
            "job": schedule.job,
            **({"instance": schedule.connection.name} if schedule.connection else {}),
            **({"every": schedule.every} if schedule.every else {"cron": schedule.cron}),
            "enabled": schedule.enabled,
            **({"params": schedule.params} if schedule.params else {}),
        }
        for schedule in Schedule.objects.select_related("connection")
    ]


def _check(entry: Entry, reading: Reading) -> Apply | None:
    before = len(reading.problems)
    name = ""
    if entry.get("instance"):
        there = Connection.objects.values_list("name", flat=True)
        name = reading.known_name(entry, "instance", "connections", there)
    shape = len(reading.problems)
    reading.text(entry, "job")
    reading.whole(entry, "every", None)
    reading.flag(entry, "enabled", default=True)
    if entry.get("cron") is not None:
        reading.text(entry, "cron")
    if not isinstance(entry.get("params") or {}, dict):
        reading.refuse(entry, "params", "params is a mapping.")
    if len(reading.problems) > shape:
        return None
    try:
        check_schedule(_wanted(entry, Schedule()))
    except (ConfigError, TypeError, ValueError) as error:
        reading.refuse(
            entry, "cron" if "cron" in entry else "every" if "every" in entry else "job", str(error)
        )
    return (lambda: _apply(entry, name)) if len(reading.problems) == before else None


def _wanted(entry: Entry, schedule: Schedule) -> Schedule:
    schedule.job = str(entry["job"])
    schedule.every, schedule.cron = entry.get("every"), str(entry.get("cron") or "")
    schedule.enabled = bool(entry.get("enabled", True))
    schedule.params = dict(entry.get("params") or {})
    return schedule


def _apply(entry: Entry, instance_name: str) -> str:
    connection = Connection.objects.get(name__iexact=instance_name) if instance_name else None
    known = Schedule.objects.filter(job=entry["job"], connection=connection).first()
    wanted = _wanted(entry, Schedule(pk=known.pk if known else None, connection=connection))
    keys = ("every", "cron", "enabled", "params")
    if known is not None and all(getattr(known, key) == getattr(wanted, key) for key in keys):
        return "same"
    if known is not None:
        wanted = _wanted(entry, known)
    save_schedule(wanted)
    return "changed" if known else "added"


SCHEDULES = Section(
    name="schedules",
    place=3,
    keys=("job", "instance", "every", "cron", "enabled", "params"),
    required=("job",),
    export=_export,
    check=_check,
)

BRINGS = Portable((SCHEDULES,))
