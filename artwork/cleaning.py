"""What of artwork the clean-up deletes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from artwork.models import Entity, Publication
from core.features import Cleaning

KEPT = timedelta(days=90)
"""So long a publication can be undone, and what was known of a deleted title is kept."""


def _publications() -> int:
    return Publication.objects.filter(ended_at__lt=Now() - KEPT).delete()[0]


def _titles() -> int:
    gone = Entity.objects.filter(media=None, title=None)
    # Who deletes a title in its app does not tell us.
    gone.filter(missing_since=None).update(missing_since=Now())
    Entity.objects.filter(media__isnull=False, missing_since__isnull=False).update(missing_since=None)
    return gone.filter(missing_since__lt=Now() - KEPT).delete()[0]


BRINGS = Cleaning({"art_publications": _publications, "art_titles": _titles})
