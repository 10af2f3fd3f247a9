"""The web app."""

from __future__ import annotations

from core.features import App


class WebConfig(App):
    """Configuration of the pages."""

    name = "web"
    mounts_itself = True
