"""What of players the clean-up deletes."""

from __future__ import annotations

from datetime import timedelta

from django.db.models.functions import Now

from core.features import Cleaning
from players.models import Link, LinkState, Outage, PlayerSettings, Subject, Tally

KEPT = timedelta(days=90)


def _counts() -> int:
    tallies = Tally.objects.filter(hour__lt=Now() - KEPT).delete()[0]
    return tallies + Outage.objects.filter(ended_at__lt=Now() - KEPT).delete()[0]


def _dead_letters() -> int:
    """Forget what failed or was dismissed, and nobody has seen to: a change of its source brings it back.

    What the player may still get, or somebody has to choose, stays.
    """
    dead = Link.objects.filter(state__in=(LinkState.FAILED, LinkState.DISMISSED), marks={})
    kept = PlayerSettings.objects.values_list("pk", "keep_failed_days")
    old = (dead.filter(player=pk, dead_at__lt=Now() - timedelta(days=days)) for pk, days in kept)
    return sum(rows.delete()[0] for rows in old)


def _gone() -> int:
    return Subject.objects.filter(gone=True, links=None).delete()[0]


BRINGS = Cleaning({"player_counts": _counts, "player_dead_letters": _dead_letters, "player_subjects": _gone})
