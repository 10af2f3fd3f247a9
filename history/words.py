"""What history calls events that are no app's own."""

from __future__ import annotations

from core.features import Words

from .models import EventKind

BRINGS = Words(events=dict(EventKind.choices))
