"""The web app."""

from __future__ import annotations

from core.features import App


class WebConfig(App):
    name = "web"
    mounts_itself = True
