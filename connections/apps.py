"""The connections app."""

from __future__ import annotations

from core.features import App


class ConnectionsConfig(App):
    name = "connections"

    def ready(self) -> None:
        super().ready()
        from history import audit

        from .models import Connection

        audit.watch(Connection)
