"""The system app."""

from __future__ import annotations

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """Configuration of the system app."""

    name = "system"

    def ready(self) -> None:
        """Register the start-up checks, the jobs of this app and their schedules."""
        from celery import signals

        from jobs import handlers, schedules
        from library.clients.factory import on_call

        from . import checks, log_level  # noqa: F401
        from .backup.job import BackupHandler
        from .cleanup import CleanupHandler
        from .metrics.calls import count_call

        on_call(count_call)
        signals.task_prerun.connect(lambda **_: log_level.follow(), weak=False)
        handlers.register(BackupHandler())
        handlers.register(CleanupHandler())
        schedules.declare(schedules.Default("backup", cron="15 3 * * *"))
        schedules.declare(schedules.Default("cleanup", cron="45 4 * * *"))
