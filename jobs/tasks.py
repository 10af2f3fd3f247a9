"""The Celery tasks: the engine's own, and one for each step of each job, named `<job>.<step>`."""

from __future__ import annotations

from celery import shared_task

from core.features import App

from . import handlers, schedules
from . import tick as ticking
from .handlers import FINISH, PLAN, JobHandler, task_name
from .runner import answer


def register(handler: JobHandler, app: App | None = None) -> JobHandler:
    """Make a handler of an app known to the engine, and its steps to Celery.

    Raises ValueError as `handlers.add`.
    """
    handlers.add(handler, app)
    for step in (PLAN, *handler.steps, FINISH):
        shared_task(name=task_name(handler.name, step), ignore_result=True)(_run)
    return handler


def _run(item_id: int) -> None:
    answer(item_id)


@shared_task(name="jobs.tick", ignore_result=True)
def tick() -> None:
    """Mend and ring; beat sends it every `JOB_TICK` seconds."""
    ticking.tick()


@shared_task(name=schedules.TASK, ignore_result=True)
def start_scheduled(schedule_id: int) -> None:
    """Start the job of a schedule; beat sends it when its time has come."""
    schedules.start_due(schedule_id)
