"""What the system calls its jobs and its events."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from core.features import Words


class SystemEvent(TextChoices):
    """The kinds of events of the system."""

    HEALTH = "health", _("Health issue")
    RESTORED = "restored", _("Health restored")
    NEW_VERSION = "new_version", _("New version")


BRINGS = Words(jobs={"backup": _("backup"), "cleanup": _("clean-up")}, events=dict(SystemEvent.choices))
