"""What an app brings to the engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from celery import current_app, shared_task

from core.features import App, Brings, contribution

from .handlers import JobHandler
from .models import Queue
from .schedules import MESSAGE_LIFE, Default, declare
from .startable import Startable
from .startable import declare as declare_startable
from .tasks import register
from .tick import on_tick


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
        """Make them known to the engine and to Celery."""
        for handler in self.handlers:
            register(handler, app)
        for schedule in self.schedules:
            declare(schedule)
        for job in self.startable:
            declare_startable(job)
        for tick in self.ticks:
            on_tick(only_if_on(app, tick))
        for one in self.periodic:
            _repeat(app, one)


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
