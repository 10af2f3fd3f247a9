"""Providers that know the demo library: its titles in three languages, each with pictures of its own."""

from __future__ import annotations

from typing import Any

from demo.arr.state import Media
from demo.library import LibraryState
from demo.providers.state import ProviderState

TVDB_FIRST = 1000
"""At TheTVDB a title of the stand-in has a number larger by this."""

_CODES = {"German": "de", "Japanese": "ja", "French": "fr", "Spanish": "es", "Korean": "ko"}


def provider_state(demo: LibraryState) -> ProviderState:
    """All titles of the demo's apps, but two that no provider knows."""
    state = ProviderState()
    for media in demo.state("radarr").media.values():
        if "Unnamed" not in media.title:
            state.add_movie(media.tmdb_id, media.title, **_told(media))
    sonarr = demo.state("sonarr")
    for media in sonarr.media.values():
        episodes = sonarr.episodes_of(media.id)
        seasons = {
            number: sum(one.season == number for one in episodes)
            for number in sorted({one.season for one in episodes})
        }
        if seasons:
            state.add_series(media.tvdb_id - TVDB_FIRST, media.title, seasons, **_told(media))
    return state


def _told(media: Media) -> dict[str, Any]:
    language = _CODES.get(media.original_language, "en")
    languages = dict.fromkeys(("en", "de", language))
    return {
        "titles": dict.fromkeys(languages, media.title),
        "plots": {"en": media.overview, "de": f"{media.title}: eine Geschichte."},
        "language": language,
        "premiered": f"{media.year}-03-01",
        "imdb_id": media.imdb_id,
        "genres": list(media.genres),
    }
