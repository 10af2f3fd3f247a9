"""The history app."""

from __future__ import annotations

from core.features import App


class HistoryConfig(App):
    name = "history"

    def ready(self) -> None:
        super().ready()
        from django.contrib.auth import signals

        from . import audit

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
