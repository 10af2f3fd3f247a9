"""The notify app."""

from __future__ import annotations

from core.features import App


class NotifyConfig(App):
    """Notifications."""

    name = "notify"

    def ready(self) -> None:
        """Keep changes of channels in the audit log."""
        super().ready()
        from history import audit

        from .models import Channel

        audit.watch(Channel)
