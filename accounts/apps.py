"""The accounts app."""

from __future__ import annotations

from core.features import App


class AccountsConfig(App):
    name = "accounts"
    mounts_itself = True

    def ready(self) -> None:
        super().ready()
        from allauth.account.signals import authentication_step_completed
        from allauth.mfa import signals as second_factor_signals
        from django.contrib.auth.signals import user_logged_in
        from django.db.models.signals import post_save

        from core import secrets
        from history import audit

        from . import second_factors, sessions
        from .models import ApiKey, User

        audit.watch(User)
        audit.watch(ApiKey)
        user_logged_in.connect(sessions.note_session, dispatch_uid="accounts.note_session")
        authentication_step_completed.connect(sessions.note_again, dispatch_uid="accounts.note_again")
        post_save.connect(sessions.follow_rights, sender=User, dispatch_uid="accounts.follow_rights")
        for name in ("added", "removed", "reset"):
            signal = getattr(second_factor_signals, f"authenticator_{name}")
            signal.connect(second_factors.note_change, dispatch_uid=f"accounts.note_{name}")
        secrets.register_vault(second_factors.SecondFactors())
