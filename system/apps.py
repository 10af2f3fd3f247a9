"""The system app."""

from __future__ import annotations

from core.features import App


class SystemConfig(App):
    name = "system"

    def ready(self) -> None:
        super().ready()
        from celery import signals

        from core import flags

        from . import checks, log_level, switches  # noqa: F401

        signals.task_prerun.connect(lambda **_: log_level.follow(), weak=False)
        flags.read_from(switches.stored)
