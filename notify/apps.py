"""The notify app."""

from __future__ import annotations

from django.apps import AppConfig


class NotifyConfig(AppConfig):
    """Registers the delivery job, the look for news at every tick, and the health of channels."""

    name = "notify"

    def ready(self) -> None:
        """Make them known."""
        from history import audit
        from jobs import handlers
        from jobs.tick import on_tick
        from library.issues import register_check
        from library.portable import register_section

        from .delivery import NotifyHandler
        from .issues import failing_channels
        from .models import Channel
        from .news import tell_news
        from .portable import CHANNELS

        handlers.register(NotifyHandler())
        on_tick(tell_news)
        register_check(failing_channels)
        audit.watch(Channel)
        register_section(CHANNELS)
