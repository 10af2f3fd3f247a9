"""Why a subject is, or is not, an item of a player."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.errors import ConfigError
from core.words import Phrase
from players import index
from players.models import Link, PlayerSettings, Route
from players.rules.matching import Match, places_of
from players.sources import State


@dataclass(frozen=True, slots=True)
class Explanation:
    """Where a subject is looked for in a player, and what was found there."""

    link: Link
    places: list[str]
    found: Match

    def to_json(self) -> dict[str, Any]:
        return {
            "subject": str(self.link.subject),
            "player": str(self.link.player),
            "state": self.link.state,
            "error": str(self.link.error),
            "pinned": self.link.pinned,
            "places": self.places,
            "candidates": [
                {
                    "id": one.item.id,
                    "title": one.item.title,
                    "year": one.item.year,
                    "library": one.item.library,
                    "paths": list(one.item.paths),
                    "grade": int(one.grade),
                    "why": str(Phrase(f"grade.{int(one.grade)}")),
                    "written": one.item.id in self.found.ids,
                }
                for one in self.found.graded
            ],
        }


def explain_match(name: str) -> list[Explanation]:
    """Explain a subject, by its key or a part of its title, in every player. Raises ConfigError for none."""
    rows = Link.objects.select_related("subject", "player").order_by("subject__title", "player__name")
    links = list(rows.filter(subject__key=name)) or list(rows.filter(subject__title__icontains=name)[:20])
    if not links:
        raise ConfigError("link.none-called", name=name)
    settings = PlayerSettings.objects.in_bulk([link.player_id for link in links])
    return [explained(link, settings[link.player_id]) for link in links if link.player_id in settings]


def preview(link: Link) -> dict[str, Any]:
    """What a title should show in a player, and why it is, or is not, one of its items; asks nobody."""
    state = State.from_json(link.subject.state)
    route = Route.objects.filter(source=link.subject.source_id, player=link.player_id).first()
    if route is not None and (link.subject.gone or not route.takes(link.subject.kind)):
        route = None
    modes = route.fields if route else {}
    settings = PlayerSettings.objects.get(pk=link.player_id)
    return {
        **explained(link, settings).to_json(),
        "labels": [*map(route.spelt, state.labels)] if route and state.labels is not None else None,
        "fields": {name: value for name, value in state.fields.items() if name in modes},
    }


def explained(link: Link, settings: PlayerSettings) -> Explanation:
    title = State.from_json(link.subject.state).title
    places = places_of(title, index.mappings_of(settings.pk))
    return Explanation(link, places, index.candidates(settings, title))
