"""How long things are kept: stored with the schedules of the backup and of the clean-up."""

from __future__ import annotations

from django.db import transaction

from core.errors import ConfigError
from jobs import handlers, schedules
from jobs.models import Schedule

WHERE = {
    "keep": "backup",
    "keep_days": "backup",
    "items": "cleanup",
    "jobs": "cleanup",
    "history": "cleanup",
    "logs": "cleanup",
}
"""What can be set, and the job whose schedule holds it: numbers of backups (`keep`) or of days."""


LONGEST = 36500
"""The most that can be set: a hundred years, which is for good."""


def current() -> dict[str, int]:
    params = {schedule.job: schedule.params for schedule in _schedules()}
    completed = {job: handlers.get(job).validate(dict(params.get(job, {}))) for job in set(WHERE.values())}
    return {name: completed[job][name] for name, job in WHERE.items()}


def change(wanted: dict[str, int]) -> list[str]:
    """Set some of `WHERE` and return the names of those that changed. Raises ConfigError."""
    if unknown := wanted.keys() - WHERE.keys():
        raise ConfigError(f"There is no {sorted(unknown)[0]} to keep: choose {', '.join(WHERE)}.")
    schedules.ensure()
    before = current()
    changed = [name for name, value in wanted.items() if value != before[name]]
    with transaction.atomic():
        for schedule in _schedules():
            mine = {name: wanted[name] for name in changed if WHERE[name] == schedule.job}
            if mine:
                schedule.params = {**schedule.params, **mine}
                schedules.save_schedule(schedule)
    return changed


def _schedules() -> list[Schedule]:
    return list(Schedule.objects.filter(job__in=set(WHERE.values()), connection=None))
