"""The notify app."""

from __future__ import annotations

from core.features import App


class NotifyConfig(App):
    name = "notify"

    def ready(self) -> None:
        super().ready()
        from history import audit

        from .models import Channel

        audit.watch(Channel)
