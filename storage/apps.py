"""The storage app."""

from __future__ import annotations

from core.features import App


class StorageConfig(App):
    name = "storage"

    def ready(self) -> None:
        # What apps bring to it, before anything that they bring is asked for.
        from . import contract  # noqa: F401

        super().ready()
        from history import audit

        from .models import Place

        audit.watch(Place)
