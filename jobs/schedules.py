"""Schedules: jobs that start by themselves.

The `Schedule` rows are what people change; every one has a copy among the periodic tasks of
django-celery-beat, by which beat works. However many runs were missed, one is made up for: beat starts it as
soon as it runs again, and where beat's message was lost, or got old on its way, the tick does (`catch_up`).
A job that is still live is not started a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from celery.schedules import ParseException, crontab
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask

from connections.models import Connection
from core.errors import ConfigError
from core.features import brought
from core.words import Phrase

from . import services
from .contract import MESSAGE_LIFE, Default, Jobs
from .handlers import SwitchedOffError, get
from .models import Job, Queue, Schedule, Trigger
from .rhythm import rhythm_of

logger = logging.getLogger(__name__)

TASK = "jobs.start_scheduled"
SHORTEST = 60
SKEW = timedelta(seconds=30)
"""So far the clock of beat may be ahead of the database's before a message that arrived looks lost."""

LONGEST = 366 * 24 * 3600
_CRON_FIELDS = ("minute", "hour", "day_of_month", "month_of_year", "day_of_week")


def ensure() -> int:
    """Make the schedules that apps bring where they are missing; return how many. People may change them."""
    there = set(Schedule.objects.values_list("job", "connection"))
    made = 0
    for default in (default for _, jobs in brought(Jobs) for default in jobs.schedules):
        of: list[Connection | None] = [None]
        if default.kinds:
            of = list(Connection.objects.filter(kind__in=default.kinds))
        made += sum(_make(default, one) for one in of if (default.job, one and one.pk) not in there)
    return made


def follow_time_zone() -> int:
    """Have cron lines count in the time zone of the settings, where that was changed; return how many."""
    copies = PeriodicTask.objects.filter(task=TASK, crontab__isnull=False)
    names = set(copies.exclude(crontab__timezone=settings.TIME_ZONE).values_list("name", flat=True))
    if not names:
        return 0
    stale = [schedule for schedule in Schedule.objects.all() if task_name_of(schedule) in names]
    for schedule in stale:
        _copy(schedule)
    return len(stale)


def _make(default: Default, connection: Connection | None) -> bool:
    with transaction.atomic():
        schedule, created = Schedule.objects.get_or_create(
            job=default.job,
            connection=connection,
            defaults={"every": default.every, "cron": default.cron, "params": default.params},
        )
        if created:
            _copy(schedule)
    return created


def save_schedule(schedule: Schedule) -> Schedule:
    """Save a schedule, from now on in force.

    Raises ConfigError for an interval or a cron line that cannot be, an unknown job or wrong parameters.
    """
    check_schedule(schedule)
    with transaction.atomic():
        schedule.save()
        _copy(schedule)
    return schedule


def describe(schedule: Schedule) -> str:
    """Return when a schedule starts its job, in words."""
    if not schedule.enabled:
        return Phrase("schedule.never")
    return rhythm_of(schedule.every, schedule.cron).told


def next_starts(schedules: Iterable[Schedule]) -> dict[int, datetime]:
    """Return when these schedules start their jobs next, by their ids; those that never do are left out.

    A time that has passed is one that beat makes up for as soon as it runs.
    """
    names = {task_name_of(schedule): schedule.pk for schedule in schedules if schedule.enabled}
    tasks = PeriodicTask.objects.filter(name__in=names, enabled=True).select_related("interval", "crontab")
    return {names[task.name]: _next_run(task) for task in tasks}


def _next_run(task: PeriodicTask) -> datetime:
    """Return when beat starts a task next, to the second: it tells how long that is from now."""
    left = task.schedule.remaining_estimate(task.last_run_at or task.date_changed)
    at: datetime = timezone.now() + left + timedelta(seconds=0.5)
    return at.replace(microsecond=0)


def run_now(schedule: Schedule, *, user: AbstractBaseUser | None = None) -> tuple[Job, bool]:
    """Start the job of a schedule now; return it and True, or the live one and False.

    Raises ConfigError where its connection is disabled.
    """
    return _start(schedule, Trigger.MANUAL, user)


def start_due(schedule_id: int) -> Job | None:
    """Start the job of a schedule whose time has come; None where it is not to run (any more)."""
    Schedule.objects.filter(pk=schedule_id).update(heard_at=Now())
    schedule = Schedule.objects.select_related("connection").filter(pk=schedule_id, enabled=True).first()
    if schedule is None or (schedule.connection is not None and not schedule.connection.enabled):
        return None
    try:
        job, is_new = _start(schedule, Trigger.SCHEDULED, None)
    except SwitchedOffError:
        return None
    except ConfigError as error:
        logger.warning("the schedule of %s could not start: %s", schedule, error)
        return None
    if not is_new:
        logger.info("%s is due while %s still runs: it is not started twice", schedule, job)
    return job


def catch_up() -> int:
    """Start what beat asked for in messages that nobody has received; return how many jobs that makes.

    Messages are lost with Redis, or expire where no worker takes them.
    """
    overdue = timezone.now() - timedelta(seconds=MESSAGE_LIFE)
    asked = PeriodicTask.objects.filter(task=TASK, enabled=True, last_run_at__lt=overdue)
    times = dict(asked.values_list("name", "last_run_at"))
    lost = [
        schedule.pk
        for schedule in Schedule.objects.filter(enabled=True)
        if (sent := times.get(task_name_of(schedule))) and sent - schedule.heard_at > SKEW
    ]
    return sum(start_due(pk) is not None for pk in lost)


def _start(schedule: Schedule, trigger: Trigger, user: AbstractBaseUser | None) -> tuple[Job, bool]:
    of = schedule.connection
    if of is not None and not of.enabled:
        raise ConfigError("connection.disabled", name=of.name)
    job, is_new = services.start(
        schedule.job,
        params=schedule.params,
        connection=of,
        trigger=trigger,
        user=user,
        dedupe_key=f"{schedule.job}:{of.pk}" if of else schedule.job,
    )
    if is_new:
        Schedule.objects.filter(pk=schedule.pk).update(last_job=job, last_started_at=Now())
    return job, is_new


def check_schedule(schedule: Schedule) -> None:
    """Raise ConfigError where a schedule cannot be as it is."""
    get(schedule.job).validate(dict(schedule.params))
    if (schedule.every is None) == (not schedule.cron):
        raise ConfigError("schedule.one-of-two")
    if schedule.every is not None and not SHORTEST <= schedule.every <= LONGEST:
        raise ConfigError("schedule.interval", least=SHORTEST, most=LONGEST)
    if schedule.cron:
        parse_cron(schedule.cron)


def parse_cron(line: str) -> dict[str, str]:
    """Return the five fields of a cron line by name. Raises ConfigError with what is wrong."""
    parts = line.split()
    wrong = Phrase("schedule.cron", line=line)
    if len(parts) != len(_CRON_FIELDS):
        raise ConfigError(wrong)
    fields = dict(zip(_CRON_FIELDS, parts, strict=True))
    try:
        crontab(**fields)
    except (ParseException, ValueError, KeyError):
        raise ConfigError(wrong) from None
    return fields


def _copy(schedule: Schedule) -> None:
    """Make beat's copy equal to a schedule. Beat sees the change within seconds."""
    interval = cron = None
    if schedule.every is not None:
        interval, _ = IntervalSchedule.objects.get_or_create(
            every=schedule.every, period=IntervalSchedule.SECONDS
        )
    else:
        cron, _ = CrontabSchedule.objects.get_or_create(
            **parse_cron(schedule.cron), timezone=settings.TIME_ZONE
        )
    PeriodicTask.objects.update_or_create(
        name=task_name_of(schedule),
        defaults={
            "task": TASK,
            "args": f"[{schedule.pk}]",
            "interval": interval,
            "crontab": cron,
            "enabled": schedule.enabled,
            "queue": Queue.INTERACTIVE.value,
            "expire_seconds": MESSAGE_LIFE,
        },
    )


def task_name_of(schedule: Schedule) -> str:
    return f"schedule {schedule.pk}"


def drop_orphans() -> int:
    """Delete beat's copies whose schedule is gone with its connection; return how many."""
    names = [task_name_of(schedule) for schedule in Schedule.objects.only("pk")]
    stale = PeriodicTask.objects.filter(task=TASK).exclude(name__in=names)
    return sum(1 for task in stale if task.delete() is None)
