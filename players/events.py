"""What players write into history."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class PlayerEvent(TextChoices):
    UNREAD = "player_unread", _("Not read by a player")
