"""What notifications call their job."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

BRINGS = Words(jobs={"notify": _("notifications")}, steps={"send": _("what is sent")})
