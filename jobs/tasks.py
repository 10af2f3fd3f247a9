"""The engine's own Celery task. The tasks of the items are made by `jobs.handlers.register`."""

from __future__ import annotations

from celery import shared_task

from . import tick as ticking


@shared_task(name="jobs.tick", ignore_result=True)
def tick() -> None:
    """Mend and ring; beat sends it every `JOB_TICK` seconds."""
    ticking.tick()
