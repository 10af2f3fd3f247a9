"""What of the catalogue the clean-up deletes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from catalogue.models import Import
from core.features import Cleaning

ABANDONED = timedelta(days=7)
"""So long a file waits for somebody to start its import."""


def _abandoned() -> int:
    return Import.objects.filter(started_at=None, created_at__lt=Now() - ABANDONED).delete()[0]


BRINGS = Cleaning({"abandoned_imports": _abandoned})
