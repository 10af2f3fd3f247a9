"""What of players the clean-up deletes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from core.features import Cleaning
from players.models import Link, LinkState, Outage, Subject, Tally

KEPT = timedelta(days=90)
DEAD_KEPT = timedelta(days=30)
"""What failed or was dismissed is forgotten after this, where nobody has seen to it; a change of its source
brings it back. What the player may still get, or somebody has to choose, stays.
"""


def _counts() -> int:
    tallies = Tally.objects.filter(hour__lt=Now() - KEPT).delete()[0]
    return tallies + Outage.objects.filter(ended_at__lt=Now() - KEPT).delete()[0]


def _dead_letters() -> int:
    dead = Link.objects.filter(state__in=(LinkState.FAILED, LinkState.DISMISSED), marks={})
    return dead.filter(dead_at__lt=Now() - DEAD_KEPT).delete()[0]


def _gone() -> int:
    return Subject.objects.filter(gone=True, links=None).delete()[0]


BRINGS = Cleaning({"player_counts": _counts, "player_dead_letters": _dead_letters, "player_subjects": _gone})
