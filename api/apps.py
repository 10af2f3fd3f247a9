"""The api app."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Makes the ways to sign in known to the OpenAPI document."""

    name = "api"

    def ready(self) -> None:
        """Import what drf-spectacular finds by being imported."""
        from . import schema  # noqa: F401
