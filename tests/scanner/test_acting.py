"""What is asked of the application about a file: only where the policy allows it."""

from __future__ import annotations

import pytest

from core.errors import ConfigError
from demo.arr.state import ArrState
from history.models import Event
from library.models import Media
from scanner.acting import can_search, can_unmonitor, is_unmonitored, search_replacement, stop_monitoring
from scanner.models import Policy

from .build import JPN_ENG, add_movie, media_named, spec, writes_at

pytestmark = pytest.mark.django_db

ACTS = [search_replacement, stop_monitoring]


def commands(stand_in):
    return [entry for entry in stand_in.journal() if entry["path"].endswith("/command")]


@pytest.fixture
def wrong(shows, series_instance, scan, policy, sonarr) -> Media:
    """A series whose second file is dubbed wrongly, under a policy that allows everything."""
    Policy.objects.update(allow_search=True, allow_unmonitor=True)
    scan(series_instance)
    sonarr.clear_journal()
    return media_named("Wrong")


def test_sonarr_searches_for_the_episodes_of_the_file(wrong, sonarr):
    assert can_search(wrong)
    told = search_replacement(wrong, wrong.files.order_by("path").last())

    assert len(commands(sonarr)) == 1
    assert told.startswith("Asked Sonarr to search for a replacement for Wrong")
    assert Event.objects.filter(subject_id=wrong.pk, code="hand.search").exists()


def test_radarr_searches_for_the_movie(radarr, movie_instance, scan, root):
    Policy.objects.update(allow_search=True)
    state = ArrState("radarr")
    add_movie(state, root, "Film", spec(*JPN_ENG))
    radarr.load(state)
    scan(movie_instance)
    radarr.clear_journal()

    assert "Film" in search_replacement(media_named("Film"))
    assert len(commands(radarr)) == 1


def test_sonarr_stops_watching_for_the_episodes_of_the_file(wrong, sonarr):
    first, second = wrong.files.order_by("path")
    assert can_unmonitor(wrong, second)
    told = stop_monitoring(wrong, second)

    watched = {episode.number: episode.monitored for episode in sonarr.state().episodes_of(wrong.arr_id)}
    assert watched == {1: True, 2: False}
    assert told.startswith("Sonarr no longer monitors Wrong")
    assert Event.objects.filter(subject_id=wrong.pk, code="hand.unmonitored").exists()
    assert not can_unmonitor(wrong, first)
    assert not is_unmonitored(wrong, first)
    with pytest.raises(ConfigError, match="Only a wrong dub"):
        stop_monitoring(wrong, first)


def test_what_is_unmonitored_is_so_until_sonarr_watches_for_it_again(wrong, sonarr, series_instance, scan):
    def last():
        return wrong.files.order_by("path").last()

    assert not is_unmonitored(wrong, last())
    stop_monitoring(wrong, last())
    for _ in range(2):  # at once, and as a scan sees it
        assert (can_unmonitor(wrong, last()), is_unmonitored(wrong, last())) == (False, True)
        scan(series_instance, mode="rewrite")
    state = sonarr.state()
    for episode in state.episodes_of(wrong.arr_id):
        episode.monitored = True
    sonarr.load(state)
    scan(series_instance, mode="rewrite")
    assert (can_unmonitor(wrong, last()), is_unmonitored(wrong, last())) == (True, False)


def test_radarr_stops_watching_for_the_movie(radarr, movie_instance, scan, root):
    Policy.objects.update(allow_unmonitor=True)
    state = ArrState("radarr")
    add_movie(state, root, "Film", spec("ger"))
    radarr.load(state)
    scan(movie_instance)
    media = media_named("Film")

    assert "Film" in stop_monitoring(media)
    assert not radarr.state().media[media.arr_id].monitored
    assert not media_named("Film").monitored
    assert is_unmonitored(media_named("Film"), None)


def test_a_policy_allows_nothing_until_it_is_told_to():
    fresh = Policy()
    assert (fresh.allow_search, fresh.allow_unmonitor) == (False, False)


@pytest.mark.parametrize(
    ("act", "change", "told"),
    [
        (search_replacement, {"allow_search": False}, "does not allow that: switch on allow_search"),
        (search_replacement, {"dry_run": True}, "is a dry run, which writes nothing"),
        (stop_monitoring, {"allow_unmonitor": False}, "does not allow that: switch on allow_unmonitor"),
        (stop_monitoring, {"dry_run": True}, "is a dry run, which writes nothing"),
    ],
)
def test_nothing_is_done_that_the_policy_does_not_allow(wrong, sonarr, act, change, told):
    Policy.objects.update(**change)
    media = media_named("Wrong")
    file = media.files.order_by("path").last()
    with pytest.raises(ConfigError, match=told):
        act(media, file)
    assert not (can_search(media) if act is search_replacement else can_unmonitor(media, file))
    assert sonarr.journal() == []


@pytest.mark.parametrize("act", ACTS)
def test_nothing_is_asked_where_it_cannot_be(wrong, sonarr, series_instance, act):
    with pytest.raises(ConfigError, match="scan the series first"):
        act(wrong)
    series_instance.enabled = False
    series_instance.save()
    with pytest.raises(ConfigError, match="disabled"):
        act(media_named("Wrong"))
    assert writes_at(sonarr) == []
