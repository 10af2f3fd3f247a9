"""The api app."""

from __future__ import annotations

from core.features import App


class ApiConfig(App):
    """Configuration of the API."""

    name = "api"
    mounts_itself = True
