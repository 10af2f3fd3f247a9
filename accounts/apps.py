"""The accounts app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Keep changes of users and keys in the audit log, and where people are signed in; name what ends."""
        from allauth.mfa import signals as second_factor_signals
        from django.contrib.auth.signals import user_logged_in

        from history import audit
        from jobs.cleaning import register_cleaner
        from library import stored_secrets

        from . import second_factors, sessions
        from .keys import delete_expired
        from .models import ApiKey, User

        audit.watch(User)
        audit.watch(ApiKey)
        register_cleaner("api_keys", delete_expired)
        register_cleaner("signed_in", sessions.delete_ended)
        user_logged_in.connect(sessions.note_session, dispatch_uid="accounts.note_session")
        for name in ("added", "removed", "reset"):
            signal = getattr(second_factor_signals, f"authenticator_{name}")
            signal.connect(second_factors.note_change, dispatch_uid=f"accounts.note_{name}")
        stored_secrets.add_keeper(second_factors.SecondFactors())
