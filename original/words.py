"""What the import from the original tool has to say."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

BRINGS = Words(texts={"original.name": _("original Taggarr")})
