"""The system app."""

from __future__ import annotations

from django.apps import AppConfig


class SystemConfig(AppConfig):
    """Configuration of the system app."""

    name = "system"

    def ready(self) -> None:
        """Register the checks."""
        from . import checks  # noqa: F401
