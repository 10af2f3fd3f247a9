"""What can be switched about kept files."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Options
from core.flags import Flag

IN_BACKUPS = Flag(
    "storage.in_backups", True, _("Takes along in backups what people uploaded: pictures and lists.")
)

BRINGS = Options(flags=(IN_BACKUPS,))
