"""The library app."""

from __future__ import annotations

from core.features import App


class LibraryConfig(App):
    """Configuration of the library app."""

    name = "library"

    def ready(self) -> None:
        """Register the kinds of connections that hold media; have path mappings audited."""
        super().ready()
        from connections.kinds import register_kind
        from history import audit

        from .kinds import RADARR, SONARR
        from .models import PathMapping

        register_kind(SONARR)
        register_kind(RADARR)
        audit.watch(PathMapping)
