"""The scanner app."""

from __future__ import annotations

from django.apps import AppConfig


class ScannerConfig(AppConfig):
    """Configuration of the scanner app."""

    name = "scanner"
