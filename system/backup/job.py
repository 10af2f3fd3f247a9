"""The job that makes a backup, checks it, and deletes old ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError
from jobs import schedules
from jobs import services as jobs
from jobs.handlers import OneStep, RetryPolicy
from jobs.models import Job, Queue, Schedule, Trigger
from jobs.runner import ItemRun

from .manifest import BackupError
from .services import KEEP, KEEP_DAYS, check_backup, delete_old, make_backup

if TYPE_CHECKING:
    from accounts.models import User

LONGEST = 1800.0
"""Seconds for one table: as long as nobody else takes the work over."""


class BackupHandler(OneStep):
    name = "backup"
    queue = Queue.IO
    retry = RetryPolicy(attempts=3, base=30, cap=300)

    def validate(self, params: dict[str, Any]) -> dict[str, Any]:
        return numbers_of("backup", {"keep": KEEP, "keep_days": KEEP_DAYS}, params)

    def do(self, run: ItemRun) -> dict[str, Any]:
        params = run.job.params
        backup = make_backup(keep_alive=lambda: run.hold(LONGEST))
        run.hold(LONGEST)
        if trouble := check_backup(backup.name).trouble:
            raise BackupError("backup.not-whole", name=backup.name, trouble=trouble)
        deleted = delete_old(params["keep"], params["keep_days"])
        return {"backup": backup.name, "size": backup.size, "deleted": deleted}


def numbers_of(job: str, defaults: Mapping[str, int], params: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a job, completed. Raises ConfigError for what is no number of at least 1."""
    for name, value in params.items():
        if name not in defaults:
            raise ConfigError(f"A {job} has no parameter {name!r}; it has {', '.join(defaults)}.")
        if type(value) is not int or value < 1:
            raise ConfigError(f"The parameter {name!r} of a {job} is a number of at least 1.")
    return {**defaults, **params}


def start_backup(
    *, params: dict[str, Any] | None = None, trigger: Trigger = Trigger.MANUAL, user: User | None = None
) -> tuple[Job, bool]:
    """Start a backup, as its schedule would where no `params` are given.

    Return its job and True, or the live one and False.
    """
    scheduled = Schedule.objects.filter(job=BackupHandler.name, connection=None).first()
    if scheduled is not None and not params:
        return schedules.run_now(scheduled, user=user)
    return jobs.start(
        BackupHandler.name, params=params, trigger=trigger, user=user, dedupe_key=BackupHandler.name
    )
