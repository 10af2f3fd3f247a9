"""What the system writes into history."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SystemEvent(TextChoices):
    """The kinds of events of the system."""

    HEALTH = "health", _("Health issue")
    RESTORED = "restored", _("Health restored")
    NEW_VERSION = "new_version", _("New version")
