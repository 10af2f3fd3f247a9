"""`manage.py rotate_encryption_key`: encrypt every stored secret with the first key."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from core import secrets
from core.console import PlainCommand


class Command(PlainCommand):
    """Reads each secret with whichever key fits, and writes it with the first one: all of them, or none."""

    help = (
        "Encrypt all stored secrets with the first of TAGGARR_ENCRYPTION_KEYS. Put a new key before the "
        "old one, restart, run this, then take the old key out."
    )

    def run(self, **_: Any) -> None:
        with transaction.atomic():
            count = secrets.renew_all()
        self.tell(f"{count} secrets are encrypted with the first key.")
