"""fanart.tv in our shape: pictures alone, all of a title in one call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import ApiAuthError, ApiPermanentError
from core.outbound.answers import MissingError
from providers.contract import ALL_SEASONS, Kind, Type
from providers.fanart import FanartClient


@pytest.fixture
def client(world):
    return FanartClient(world.url, world.api_key, "a-personal-key")


def test_the_pictures_of_a_movie_come_in_one_call(client, world):
    found = client.pictures(Kind.MOVIE, "603", ["de"])

    assert {one.type for one in found} == {Type.POSTER, Type.FANART}
    assert {one.language for one in found} == {"de", None}
    assert all(one.likes is not None and one.votes is None for one in found)
    assert {(one.width, one.height) for one in found if one.type is Type.POSTER} == {(400, 600)}
    assert found[0].thumbnail == found[0].address.replace("/fanart/", "/preview/")
    assert world.called() == ["/v3.2/movies/603"]


def test_those_of_a_series_tell_their_season(client):
    found = client.pictures(Kind.SERIES, "1056", ["en"])

    assert {one.season for one in found if one.type is Type.POSTER} == {None, 0, 1, 2}
    assert {one.type for one in found} == {Type.POSTER, Type.FANART, Type.BANNER, Type.CLEARLOGO}


def test_one_of_all_seasons_is_known_as_that(client):
    row = {"url": f"{client.transport.url}/fanart/a.jpg", "season": "all", "lang": "en"}
    [found] = client.read_pictures({"seasonposter": [row]})

    assert found.season == ALL_SEASONS


def test_it_finds_no_titles_and_tells_nothing_of_them(client):
    assert client.lookup("Comet", 2021, Kind.MOVIE) == ()
    with pytest.raises(ApiPermanentError, match="pictures alone"):
        client.details(Kind.MOVIE, "603", [])


def test_a_title_without_pictures_is_missing(client):
    with pytest.raises(MissingError):
        client.pictures(Kind.MOVIE, "1", [])


def test_pictures_of_another_title_are_refused(client, world):
    world.fault("total", "/v3.2/movies", fields=["tmdb_id"], number=604)

    with pytest.raises(ApiPermanentError, match="should be 603"):
        client.pictures(Kind.MOVIE, "603", [])


def test_pictures_that_lie_elsewhere_are_passed_over(client):
    rows = [
        {"url": one} for one in ("https://elsewhere.test/fanart/a.jpg", "//elsewhere.test/a.jpg", 7, None)
    ]

    assert list(client.read_pictures({"movieposter": rows})) == []


def test_what_has_new_pictures_is_told(client, world):
    world.change("touch", kind="series", id=56)
    world.change("touch", kind="movie", id=603, at=(datetime.now(UTC) - timedelta(days=5)).timestamp())

    found = client.changes(datetime.now(UTC) - timedelta(days=2))

    assert found.ids == {Kind.MOVIE: frozenset(), Kind.SERIES: frozenset({"1056"})}
    assert len(world.journal()) == 2


def test_a_wrong_key_is_refused(world):
    with pytest.raises(ApiAuthError, match="get-an-api-key"):
        FanartClient(world.url, "wrong", tries=1).test()
