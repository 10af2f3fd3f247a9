"""What holds for every time and every answer: how long answers are true, and that spoilt ones do no harm."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.outbound.shapes import WireError
from demo.providers import fanart as told_by_fanart
from demo.providers import tmdb as told_by_tmdb
from demo.providers import tvdb as told_by_tvdb
from providers import freshness, reading
from providers.contract import Kind, Title, Type
from providers.fanart import FanartClient
from providers.freshness import AIRING, LONGEST, LOOK_BACK, OLD, SPREAD
from providers.tmdb import TmdbClient
from providers.tvdb import TvdbClient
from tests.providers.conftest import small_state

BASE = "https://api.themoviedb.org"
TMDB = TmdbClient(BASE, "key")
TVDB = TvdbClient("https://api4.thetvdb.com", "key")
FANART = FanartClient("https://webservice.fanart.tv", "key")
PICTURES = "https://artworks.thetvdb.com"

moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)) | st.none(), st.booleans())
def test_an_answer_holds_from_a_day_to_a_month(last, is_ongoing):
    found = freshness.of_title(last, date(2026, 1, 15), is_ongoing=is_ongoing)
    assert AIRING <= found <= OLD
    if is_ongoing or last is None:
        assert found == AIRING


@given(moments, st.from_regex("[0-9a-f]{64}", fullmatch=True))
def test_no_answer_is_used_above_half_a_year(fetched, key):
    assert LONGEST - SPREAD <= freshness.ends_at(fetched, key) - fetched <= LONGEST


@given(st.none() | st.tuples(moments, moments), moments, moments)
def test_no_list_is_asked_to_reach_further_back_than_it_does(covered, oldest, now):
    since, until = sorted(covered) if covered else (None, None)
    start, asked_from = freshness.covered(since, until, oldest, now)

    assert asked_from >= now - LOOK_BACK
    assert start <= asked_from
    if start != asked_from:
        # What was covered before goes on without a gap.
        assert (start, asked_from) == (since, until)


def spoilt(data: Any, draw: Any) -> Any:
    """The same JSON, with junk in some places, and some of it missing."""
    data = copy.deepcopy(data)
    for _ in range(draw(st.integers(1, 6))):
        here = data
        while True:
            keys = list(here) if isinstance(here, dict) else list(range(len(here)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            inner = here[key]
            if isinstance(inner, dict | list) and inner and draw(st.integers(0, 3)):
                here = inner
                continue
            here[key] = draw(junk)
            break
    return data


def works():
    state = small_state()
    return [state.works["movie:603"], state.works["series:56"]]


def kind_of(work) -> Kind:
    return Kind(work.kind)


@settings(max_examples=150)
@given(st.data())
def test_no_spoilt_answer_of_tmdb_does_harm(data):
    work = data.draw(st.sampled_from(works()))
    names = ["credits", "aggregate_credits", "external_ids", "images", "release_dates", "content_ratings"]
    whole = told_by_tmdb.details(work, "de", None, [*names, "translations", "season/1", "season/2"])
    record = spoilt(whole, data.draw)

    title = TMDB.read_title(kind_of(work), [record], ["de"])
    assert_sound(title)
    for picture in TMDB.read_pictures([record]):
        assert picture.address.startswith("https://image.tmdb.org/t/p/original/")


@settings(max_examples=150)
@given(st.data())
def test_no_spoilt_answer_of_thetvdb_does_harm(data):
    work = data.draw(st.sampled_from(works()))
    record = spoilt(told_by_tvdb.extended(work, PICTURES, translated=True), data.draw)
    types = {1: Type.BANNER, 2: Type.POSTER, 3: Type.FANART, 14: Type.POSTER}
    episodes = list(reading.rows(spoilt(told_by_tvdb.episodes(work, "deu"), data.draw)))

    assert_sound(TVDB.read_title(kind_of(work), record, episodes, ["de"]))
    for picture in TVDB.read_pictures(record, episodes, types):
        assert picture.address.startswith(f"{PICTURES}/")


@settings(max_examples=100)
@given(st.data())
def test_no_spoilt_answer_of_fanart_does_harm(data):
    work = data.draw(st.sampled_from(works()))
    record = spoilt(told_by_fanart.pictures(work, "https://assets.fanart.tv"), data.draw)

    for picture in FANART.read_pictures(record):
        assert picture.address.startswith("https://assets.fanart.tv/")


def assert_sound(title: Title) -> None:
    """Everything has its type, whatever came."""
    assert all(
        isinstance(one, str) for one in (title.title, title.collection, *title.genres, *title.countries)
    )
    assert all(0 <= rating.value <= 10 for rating in title.ratings)
    assert all(id for id in title.ids.values())
    assert all(one.season >= 0 and one.number >= 0 for one in title.episodes)
    assert all("\x00" not in text and "\ud800" not in text for text in title.plots.values())


@given(junk)
def test_a_record_of_another_id_is_always_refused(value):
    if reading.id_of({"id": value}) != "603":
        with pytest.raises(WireError):
            reading.same_id({"id": value}, "id", "603")
