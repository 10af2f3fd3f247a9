"""The providers app."""

from __future__ import annotations

from core.features import App


class ProvidersConfig(App):
    name = "providers"
