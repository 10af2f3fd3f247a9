"""What the scanner writes into history."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ScanEvent(TextChoices):
    VERDICT = "verdict", _("Verdict changed")
    TAGS = "tags", _("Tags written")
    NFO = "nfo", _("NFO written")
    MEDIA_ADDED = "media_added", _("Title added")
    MEDIA_REMOVED = "media_removed", _("Title removed")
    HELD = "held", _("Held by the brake")
    ORIGINAL_MISSING = "original_missing", _("Original language missing")
