"""Asking the application to watch no longer for a wrong dub: only where that was allowed."""

from __future__ import annotations

import pytest

from demo.arr.state import ArrState
from history.models import Event
from library.errors import ConfigError
from library.models import Media, Policy
from scanner.unmonitoring import can_unmonitor, stop_monitoring

from .build import add_movie, media_named, spec, writes_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def wrong(shows, series_instance, scan, policy, sonarr) -> Media:
    """A series whose second file is dubbed wrongly, under a policy that lets it be unmonitored."""
    Policy.objects.update(allow_unmonitor=True)
    scan(series_instance)
    sonarr.clear_journal()
    return media_named("Wrong")


def test_sonarr_stops_watching_for_the_episodes_of_the_file(wrong, sonarr):
    first, second = wrong.files.order_by("path")
    assert can_unmonitor(wrong, second)
    told = stop_monitoring(wrong, second)

    watched = {episode.number: episode.monitored for episode in sonarr.state().episodes_of(wrong.arr_id)}
    assert watched == {1: True, 2: False}
    assert told.startswith("Sonarr no longer watches for Wrong")
    assert Event.objects.filter(media=wrong, text=told).exists()
    assert not can_unmonitor(wrong, first)
    with pytest.raises(ConfigError, match="Only what has a wrong dub"):
        stop_monitoring(wrong, first)


def test_radarr_stops_watching_for_the_movie(radarr, movie_instance, scan, root, policy):
    Policy.objects.update(allow_unmonitor=True)
    state = ArrState("radarr")
    add_movie(state, root, "Film", spec("ger"))
    radarr.load(state)
    scan(movie_instance)
    media = media_named("Film")

    assert "Film" in stop_monitoring(media)
    assert not radarr.state().media[media.arr_id].monitored
    assert not media_named("Film").monitored


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"allow_unmonitor": False}, "does not allow it: switch on allow_unmonitor"),
        ({"dry_run": True}, "is a dry run, which writes nothing"),
    ],
)
def test_nothing_is_done_that_the_policy_does_not_allow(wrong, sonarr, change, told):
    Policy.objects.update(**change)
    media = media_named("Wrong")
    with pytest.raises(ConfigError, match=told):
        stop_monitoring(media, media.files.order_by("path").last())
    assert not can_unmonitor(media, media.files.order_by("path").last())
    assert writes_at(sonarr) == []


def test_nothing_is_asked_where_it_cannot_be(wrong, sonarr, series_instance):
    with pytest.raises(ConfigError, match="scan the series first"):
        stop_monitoring(wrong)
    series_instance.enabled = False
    series_instance.save()
    with pytest.raises(ConfigError, match="disabled"):
        stop_monitoring(media_named("Wrong"))
    assert writes_at(sonarr) == []
