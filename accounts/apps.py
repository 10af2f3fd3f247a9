"""The accounts app."""

from __future__ import annotations

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Configuration of the accounts app."""

    name = "accounts"

    def ready(self) -> None:
        """Keep changes of users and keys in the audit log, and have expired keys deleted."""
        from history import audit
        from jobs.cleaning import register_cleaner

        from .keys import delete_expired
        from .models import ApiKey, User

        audit.watch(User)
        audit.watch(ApiKey)
        register_cleaner("api_keys", delete_expired)
