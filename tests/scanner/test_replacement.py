"""Asking the application to search for a replacement."""

from __future__ import annotations

import pytest

from .build import JPN_ENG, add_movie, media_named, spec


def commands(stand_in):
    return [entry for entry in stand_in.journal() if entry["path"].endswith("/command")]


def test_sonarr_searches_for_the_episodes_of_the_file(shows, series_instance, scan, sonarr):
    from history.models import Event
    from scanner.replacement import search_replacement

    scan(series_instance)
    sonarr.clear_journal()
    media = media_named("Wrong")
    told = search_replacement(media, media.files.order_by("path").last())

    assert len(commands(sonarr)) == 1
    assert told.startswith("Asked Sonarr to search for a replacement of Wrong")
    assert Event.objects.filter(media=media, text=told).exists()


def test_radarr_searches_for_the_movie(radarr, movie_instance, scan, root):
    from demo.arr.state import ArrState
    from scanner.replacement import search_replacement

    state = ArrState("radarr")
    add_movie(state, root, "Film", spec(*JPN_ENG))
    radarr.load(state)
    scan(movie_instance)
    radarr.clear_journal()

    assert "Film" in search_replacement(media_named("Film"))
    assert len(commands(radarr)) == 1


def test_nothing_is_asked_where_the_episodes_are_not_known(shows, series_instance, scan, sonarr):
    from library.errors import ConfigError
    from scanner.replacement import search_replacement

    scan(series_instance)
    sonarr.clear_journal()

    with pytest.raises(ConfigError, match="scan the series first"):
        search_replacement(media_named("Wrong"))
    assert commands(sonarr) == []


def test_nothing_is_asked_of_a_disabled_instance(shows, series_instance, scan):
    from library.errors import ConfigError
    from scanner.replacement import search_replacement

    scan(series_instance)
    series_instance.enabled = False
    series_instance.save()

    with pytest.raises(ConfigError, match="disabled"):
        search_replacement(media_named("Wrong"))
