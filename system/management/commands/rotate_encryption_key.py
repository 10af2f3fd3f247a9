"""`manage.py rotate_encryption_key`: encrypt every stored secret with the first key."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import transaction

from library.console import OK, PlainCommand
from library.fields import EncryptedTextField


class Command(PlainCommand):
    """Reads each secret with whichever key fits, and writes it with the first one: all of them, or none."""

    help = (
        "Encrypt all stored secrets with the first of TAGGARR_ENCRYPTION_KEYS. Put a new key before the "
        "old one, restart, run this, then take the old key out."
    )

    def run(self, **_: Any) -> int:
        """Do it."""
        with transaction.atomic():
            count = sum(_rotate(model) for model in apps.get_models())
        self.tell(f"{count} secrets are encrypted with the first key.")
        return OK


def _rotate(model: Any) -> int:
    """Write the secrets of a model's rows anew; return how many there were."""
    names = [field.name for field in model._meta.get_fields() if isinstance(field, EncryptedTextField)]
    if not names:
        return 0
    rows = list(model._default_manager.select_for_update().only("pk", *names))
    # Without `save`: nothing of this is a change of settings.
    model._default_manager.bulk_update(rows, names, batch_size=500)
    return sum(bool(getattr(row, name)) for row in rows for name in names)
