"""The storage app."""

from __future__ import annotations

from core.features import App


class StorageConfig(App):
    """Pictures and files by content."""

    name = "storage"

    def ready(self) -> None:
        """Keep in the audit log where files are kept."""
        # What apps bring to it, before anything that they bring is asked for.
        from . import contract  # noqa: F401

        super().ready()
        from history import audit

        from .models import Place

        audit.watch(Place)
