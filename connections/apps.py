"""The connections app."""

from __future__ import annotations

from core.features import App


class ConnectionsConfig(App):
    """Configuration of the connections app."""

    name = "connections"

    def ready(self) -> None:
        """Keep changes of connections in the audit log."""
        super().ready()
        from history import audit

        from .models import Connection

        audit.watch(Connection)
