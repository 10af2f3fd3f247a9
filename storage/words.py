"""What the storage calls its jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

BRINGS = Words(
    jobs={"storage_collect": _("clean-up of unused files"), "storage_check": _("check of kept files")}
)
