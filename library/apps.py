"""The library app."""

from __future__ import annotations

from core.features import App


class LibraryConfig(App):
    name = "library"

    def ready(self) -> None:
        super().ready()
        from connections.services import before_deletion
        from history import audit

        from . import contract  # noqa: F401  (so that the kind of contribution is known)
        from .changes import record_all_gone
        from .models import PathMapping

        audit.watch(PathMapping)
        before_deletion(record_all_gone)
