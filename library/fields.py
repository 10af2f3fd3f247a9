"""A model field whose text is encrypted at rest."""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models

from library import secrets
from library.errors import ConfigError


def cipher() -> MultiFernet:
    """The cipher of `TAGGARR_ENCRYPTION_KEYS`: the first key encrypts, every key decrypts."""
    return MultiFernet([Fernet(key) for key in settings.ENCRYPTION_KEYS])


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text that stands encrypted in the database (Fernet tokens) and plain in Python."""

    def get_prep_value(self, value: Any) -> Any:
        """Return the token to store; the empty string stays empty."""
        value = super().get_prep_value(value)
        secrets.remember(value or "")
        return cipher().encrypt(value.encode()).decode() if value else value

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """Return the plain text.

        Raises `ConfigError` where no key of the list decrypts it.
        """
        if not value:
            return value
        try:
            plain = cipher().decrypt(value.encode()).decode()
        except InvalidToken:
            raise ConfigError(
                "A stored secret does not decrypt with TAGGARR_ENCRYPTION_KEYS: put the key it was "
                "encrypted with back into the list."
            ) from None
        secrets.remember(plain)
        return plain
