"""The api app."""

from __future__ import annotations

from core.features import App


class ApiConfig(App):
    name = "api"
    mounts_itself = True
