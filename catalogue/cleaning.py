"""What of the catalogue the clean-up deletes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from catalogue.models import Copy, Import, Picture, Work
from core.features import Cleaning

ABANDONED = timedelta(days=7)
"""So long a file waits for somebody to start its import."""


TRASH_KEPT = timedelta(days=30)


def _abandoned() -> int:
    return Import.objects.filter(started_at=None, created_at__lt=Now() - ABANDONED).delete()[0]


def _trash() -> int:
    old = {"deleted_at__lt": Now() - TRASH_KEPT}
    return sum(model._default_manager.filter(**old).delete()[0] for model in (Picture, Copy, Work))


BRINGS = Cleaning({"abandoned_imports": _abandoned, "catalogue_trash": _trash})
