"""What an app brings to the engine, and starting by its name what may be started so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import TYPE_CHECKING, Any

from celery import current_app, shared_task

from connections.models import Connection
from core.errors import ConfigError
from core.features import App, Brings, brought, contribution
from core.words import Phrase

from . import handlers
from .handlers import FINISH, PLAN, JobHandler, task_name
from .models import Job, Queue, Trigger
from .runner import answer

if TYPE_CHECKING:
    from accounts.models import User

MESSAGE_LIFE = 120
"""Seconds after which a message of beat that no worker has taken is not worth taking any more."""


@dataclass(frozen=True)
class Periodic:
    """A look at something every so many seconds, too small to be a job: the next makes good a lost one.

    Its Celery task is called `<app>.<name>`; after `life` seconds its message is not worth taking any more.
    """

    name: str
    every: float
    run: Callable[[], object]
    queue: Queue = Queue.IO
    life: int = MESSAGE_LIFE


@dataclass(frozen=True, slots=True)
class Default:
    """A schedule that every installation has, or every connection of these `kinds`.

    `every` is in seconds; or `cron`.
    """

    job: str
    every: int | None = None
    cron: str = ""
    kinds: tuple[str, ...] = ()
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Startable:
    """A job that is started by its name; `of_connection` says that it is of one, and of which must be said.

    `start` takes `params`, `trigger` and `user` by name, and `connection` where it is of one. It returns the
    job and True; or False with a live job that stands in its way.
    """

    name: str
    start: Callable[..., tuple[Job, bool]]
    of_connection: bool = False

    def trouble(self, *, with_connection: bool) -> str:
        """What to tell whoever named no connection, or one too much; empty where neither is so."""
        if self.of_connection == with_connection:
            return ""
        if self.of_connection:
            return Phrase("job.needs-connection", job=self.name)
        return Phrase("job.without-connection", job=self.name)


@contribution
@dataclass(frozen=True)
class Jobs(Brings):
    """The jobs of an app, what starts them, and what it does at every tick."""

    MODULE = "jobs"
    EAGER = True

    handlers: tuple[JobHandler, ...] = ()
    schedules: tuple[Default, ...] = ()
    startable: tuple[Startable, ...] = ()
    ticks: tuple[Callable[[], object], ...] = ()
    periodic: tuple[Periodic, ...] = ()

    def take(self, app: App) -> None:
        for handler in self.handlers:
            register(handler, app)
        for one in self.periodic:
            _repeat(app, one)


def register(handler: JobHandler, app: App | None = None) -> JobHandler:
    """Make a handler of an app known to the engine, and its steps to Celery.

    Raises ValueError as `handlers.add`.
    """
    handlers.add(handler, app)
    for step in (PLAN, *handler.steps, FINISH):
        shared_task(name=task_name(handler.name, step), ignore_result=True)(answer)
    return handler


def _repeat(app: App, one: Periodic) -> None:
    name = f"{app.label}.{one.name}"
    shared_task(name=name, ignore_result=True)(only_if_on(app, one.run))
    options = {"queue": one.queue.value, "expire_seconds": one.life}
    current_app.conf.beat_schedule[name] = {"task": name, "schedule": one.every, "options": options}


def store_periodic() -> None:
    """Write down what is to be repeated, for beat: it reads the database alone, and knows no app."""
    from django_celery_beat.schedulers import ModelEntry

    for name, entry in current_app.conf.beat_schedule.items():
        ModelEntry.from_entry(name, app=current_app, **entry)


def only_if_on(app: App, function: Callable[[], object]) -> Callable[[], None]:
    """The function, which does nothing while its feature is switched off."""

    @wraps(function)
    def run() -> None:
        if app.is_on:
            function()

    return run


def startable() -> dict[str, Startable]:
    """The jobs that are started by their name, of features that are off too."""
    return {job.name: job for _, jobs in brought(Jobs, also_off=True) for job in jobs.startable}


def start_by_name(
    name: str,
    *,
    connection: Connection | None = None,
    params: Mapping[str, Any] | None = None,
    trigger: Trigger = Trigger.MANUAL,
    user: User | None = None,
) -> tuple[Job, bool]:
    """Start a job; return it and True, or the live one that stands in its way and False.

    Raises ConfigError for an unknown job, a wrong parameter, a feature that is off, and where a connection is
    missing or too much.
    """
    job = startable().get(name)
    if job is None:
        raise ConfigError("job.not-startable", name=name)
    if trouble := job.trouble(with_connection=connection is not None):
        raise ConfigError(trouble)
    handlers.may_start(name)
    about = {"connection": connection} if connection else {}
    return job.start(**about, params=dict(params or {}), trigger=trigger, user=user)
