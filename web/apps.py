"""The web app."""

from __future__ import annotations

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Configuration of the pages."""

    name = "web"

    def ready(self) -> None:
        """Tell jobs in history by the words of the pages."""
        from history import sentences

        from . import words

        sentences.register("job", lambda name: words.word(words.JOBS, name))
