"""The jobs app."""

from __future__ import annotations

from core.features import App


class JobsConfig(App):
    name = "jobs"

    def ready(self) -> None:
        super().ready()
        from connections.services import before_deletion
        from history import audit

        from . import contract, services  # noqa: F401  (what apps bring to the engine)
        from .models import Schedule

        audit.watch(Schedule)
        before_deletion(services.cancel_all_of)
