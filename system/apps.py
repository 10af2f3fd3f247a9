"""The system app."""

from __future__ import annotations

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """Configuration of the system app."""

    name = "system"

    def ready(self) -> None:
        """Register the start-up checks, the jobs of this app and their schedules."""
        from jobs import handlers, schedules

        from . import checks  # noqa: F401
        from .cleanup import CleanupHandler

        handlers.register(CleanupHandler())
        schedules.declare(schedules.Default("cleanup", cron="45 4 * * *"))
