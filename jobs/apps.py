"""The jobs app."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Configuration of the jobs app."""

    name = "jobs"

    def ready(self) -> None:
        """Have the schedules that every installation has made where they are missing."""
        from history import audit

        from . import schedules
        from .models import Schedule
        from .tick import on_tick

        on_tick(schedules.ensure)
        audit.watch(Schedule)
