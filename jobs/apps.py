"""The jobs app."""

from __future__ import annotations

from django.apps import AppConfig


class JobsConfig(AppConfig):
    """Configuration of the jobs app."""

    name = "jobs"

    def ready(self) -> None:
        """Have missing schedules made, and lost runs made up for."""
        from history import audit
        from library.portable import register_section

        from . import schedules
        from .models import Schedule
        from .portable import SCHEDULES
        from .tick import on_tick

        on_tick(schedules.ensure)
        on_tick(schedules.catch_up)
        on_tick(schedules.follow_time_zone)
        audit.watch(Schedule)
        register_section(SCHEDULES)
