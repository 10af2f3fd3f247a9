"""The Celery tasks of the engine itself; those of the steps of jobs are made by `jobs.contract`."""

from __future__ import annotations

from celery import shared_task

from . import schedules
from . import tick as ticking


@shared_task(name="jobs.tick", ignore_result=True)
def tick() -> None:
    """Mend and ring; beat sends it every `JOB_TICK` seconds."""
    ticking.tick()


@shared_task(name=schedules.TASK, ignore_result=True)
def start_scheduled(schedule_id: int) -> None:
    """Start the job of a schedule; beat sends it when its time has come."""
    schedules.start_due(schedule_id)
