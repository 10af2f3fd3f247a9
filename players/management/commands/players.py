"""`manage.py players`: what is in sync, what waits, and what needs a person."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.db.models import Count

from core.console import PlainCommand, table_of
from players.models import Link, LinkState, PlayerSettings


class Command(PlainCommand):
    help = "Show every player: how many titles are in sync, due, not found, or need a person."
    has_json = True

    def run(self, **_options: Any) -> None:
        found = Link.objects.values_list("player", "state").annotate(Count("pk"))
        states: dict[int, Counter[str]] = {}
        for pk, state, number in found:
            states.setdefault(pk, Counter())[state] = number
        rows = [
            {
                "player": settings.connection.name,
                "kind": settings.connection.kind,
                **{state: states.get(settings.pk, Counter())[state] for state in LinkState.values},
                "held": str(settings.held_reason) if settings.held_since else "",
                "indexed_at": settings.indexed_at and settings.indexed_at.isoformat(),
            }
            for settings in PlayerSettings.objects.select_related("connection").order_by("connection__name")
        ]
        columns = ("player", "kind", "in_sync", "due", "not_there", "ambiguous", "failed", "held")
        self.answer(rows, [table_of(*columns, rows=[[row[name] for name in columns] for row in rows])])
