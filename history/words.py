"""What history calls events and parts of its sentences that are no app's own."""

from __future__ import annotations

from core import features
from core.features import Words

from .models import EventKind


def _job(name: str) -> str:
    return str(features.words("jobs").get(name, name))


BRINGS = Words(events=dict(EventKind.choices), parts={"job": _job})
