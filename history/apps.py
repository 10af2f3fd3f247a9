"""The history app."""

from __future__ import annotations

from django.apps import AppConfig


class HistoryConfig(AppConfig):
    """Configuration of the history app."""

    name = "history"

    def ready(self) -> None:
        """Keep changes of the library's settings, and sign-ins, in the audit log."""
        from django.contrib.auth import signals

        from library.models import Instance, PathMapping, Policy

        from . import audit

        for model in (Instance, PathMapping, Policy):
            audit.watch(model)
        signals.user_login_failed.connect(
            lambda credentials, **_: audit.note_failure(
                "sign-in failed", str(credentials.get("username", ""))
            ),
            dispatch_uid="audit sign-in failed",
            weak=False,
        )
        signals.user_logged_in.connect(
            lambda user, **_: audit.note("signed in", target=str(user)),
            dispatch_uid="audit signed in",
            weak=False,
        )
        signals.user_logged_out.connect(
            lambda user, **_: audit.note("signed out", target=str(user)),
            dispatch_uid="audit signed out",
            weak=False,
        )
