"""What artwork writes into history."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ArtEvent(TextChoices):
    PUBLISHED = "art_published", _("Artwork published")
    RESTORED = "art_restored", _("Artwork put back")
    UNDONE = "art_undone", _("Publication undone")
