"""What the system calls its jobs."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from core.features import Words

from .events import SystemEvent

BRINGS = Words(jobs={"backup": _("backup"), "cleanup": _("clean-up")}, events=dict(SystemEvent.choices))
