"""TMDB in our shape: titles, pictures, searches and changes, from as few calls as may be."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core.errors import ApiAuthError, ApiPermanentError
from core.outbound.answers import MissingError
from providers.contract import Actor, Crew, Kind, Rating, Source, Type
from providers.tmdb import TmdbClient
from tests.providers.conftest import small_state


@pytest.fixture
def client(world):
    return TmdbClient(world.url, world.api_key, name="My TMDB")


def test_a_movie_is_told_in_one_call(client, world):
    found = client.details(Kind.MOVIE, "603", ["de", "en"])

    assert found.ids == {Source.TMDB: "603", Source.IMDB: "tt7000603"}
    assert (found.title, found.original_title, found.original_language) == (
        "Die verlorene Rolle",
        "The Lost Reel",
        "en",
    )
    assert found.titles == {"de": "Die verlorene Rolle", "en": "The Lost Reel"}
    assert found.plots["de"] == "Die verlorene Rolle: a story."
    assert found.taglines == {"en": "Find it."}
    assert (found.premiered, found.ended, found.is_ongoing) == (date(1999, 3, 31), None, False)
    assert found.ratings == (Rating(Source.TMDB, 7.5, 120),)
    assert (found.runtime, found.collection) == (100, "Reels")
    assert found.genres == ("Drama", "Mystery")
    assert found.countries == ("US", "DE")
    assert found.certifications == {"US": "PG-13", "DE": "12"}
    assert found.cast == (Actor("Ida Marlow", "Nell", 0), Actor("Tom Birch", "Otto", 1))
    assert found.crew == (Crew("Ruth Hale", "Director"),)
    assert world.called() == ["/3/movie/603"]


def test_a_series_is_told_with_all_its_episodes_in_one_call(client, world):
    found = client.details(Kind.SERIES, "56", ["en"])

    assert found.ids == {Source.TMDB: "56", Source.TVDB: "1056", Source.IMDB: "tt8000056"}
    assert (found.ended, found.is_ongoing, found.runtime) == (date(2013, 9, 29), False, 45)
    assert [season.number for season in found.seasons] == [0, 1, 2]
    assert [(one.season, one.number) for one in found.episodes] == [
        (0, 1),
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
    ]
    assert found.episodes[1].title == "Episode 1"
    assert found.episodes[1].ids == {Source.TMDB: "560101"}
    assert found.episodes[1].rating == Rating(Source.TMDB, 7.0, 12)
    assert found.cast[0] == Actor("Ida Marlow", "Nell", 0)
    assert found.crew == (Crew("Ruth Hale", "Director"),)
    assert found.certifications == {"US": "PG-13", "DE": "12"}
    assert len(world.journal()) == 1


def test_seasons_that_do_not_fit_one_call_are_asked_for_twenty_at_a_time(client, world):
    state = small_state()
    state.add_series(57, "Long Watch", dict.fromkeys(range(1, 41), 1))
    world.load(state)

    found = client.details(Kind.SERIES, "57", [])

    assert {one.season for one in found.episodes} == set(range(1, 41))
    asked = [entry["query"]["append_to_response"].split(",") for entry in world.journal()]
    assert [len(names) for names in asked] == [20, 20, 6]


def test_pictures_tell_what_they_are_for_and_in_which_language(client):
    found = client.pictures(Kind.MOVIE, "603", ["de"])

    posters = [one for one in found if one.type is Type.POSTER]
    assert {one.language for one in posters} == {"de", None}
    assert all(one.address.startswith(f"{client.transport.url}/t/p/original/") for one in found)
    assert all("/w" in one.thumbnail for one in found)
    assert {(one.width, one.height) for one in posters} == {(400, 600)}
    assert {one.language for one in found if one.type is Type.FANART} == {None}
    assert posters[0].votes is not None
    assert posters[0].likes is None


def test_a_background_with_text_on_it_is_a_landscape(client):
    found = client.pictures(Kind.MOVIE, "603", ["en"])

    assert [one.language for one in found if one.type is Type.LANDSCAPE] == ["en"]


def test_seasons_and_episodes_have_pictures_of_their_own(client):
    found = client.pictures(Kind.SERIES, "56", ["en"])

    assert [one.season for one in found if one.type is Type.POSTER and one.season is not None] == [0, 1, 2]
    stills = [(one.season, one.episode) for one in found if one.type is Type.STILL]
    assert stills == [(0, 1), (1, 1), (1, 2), (1, 3), (2, 1), (2, 2)]


def test_of_an_svg_the_png_is_named_that_tmdb_draws(client):
    row = {"file_path": "/logo.svg", "iso_639_1": "xx", "width": 10, "height": 5}
    [found] = client.read_pictures([{"images": {"logos": [row]}}])

    assert found.address.endswith("/original/logo.png")
    assert found.language is None


@pytest.mark.parametrize(
    ("title", "year", "ids", "found"),
    [
        ("Comet", 2021, {}, ["604"]),
        ("Comet", 1990, {}, ["604"]),
        ("verlorene", None, {}, ["603"]),
        ("Nothing such", None, {}, []),
        ("", None, {Source.TMDB: "603"}, ["603"]),
        ("", None, {Source.IMDB: "tt7000604"}, ["604"]),
        ("", None, {Source.IMDB: "tt0000001"}, []),
        ("Comet", None, {Source.TMDB: "999"}, ["604"]),
        ("Comet", None, {Source.TMDB: "../x"}, ["604"]),
    ],
)
def test_a_movie_is_found_by_its_ids_else_by_its_name(client, title, year, ids, found):
    assert [one.id for one in client.lookup(title, year, Kind.MOVIE, ids)] == found


def test_a_series_is_found_by_the_id_of_another_provider(client):
    [found] = client.lookup("", None, Kind.SERIES, {Source.TVDB: "1056"})

    assert (found.id, found.title, found.year) == ("56", "Harbour", 2008)
    assert found.thumbnail


def test_what_changed_is_asked_for_by_whole_days(client, world):
    yesterday = datetime.now(UTC) - timedelta(days=1)
    world.change("touch", kind="movie", id=604, at=yesterday.timestamp())
    world.change("touch", kind="series", id=56, at=(yesterday - timedelta(days=5)).timestamp())

    found = client.changes(yesterday - timedelta(days=2))

    assert found.ids == {Kind.MOVIE: frozenset({"604"}), Kind.SERIES: frozenset()}
    assert found.until <= datetime.now(UTC)
    assert len(world.journal()) == 6  # three days, movies and series


def test_no_more_than_two_weeks_of_changes_are_asked_for(client, world):
    found = client.changes(datetime.now(UTC) - timedelta(days=100))

    assert found.since > datetime.now(UTC) - timedelta(days=16)
    assert len(world.journal()) == 28


def test_today_is_left_for_tomorrow(client, world):
    now = datetime.now(UTC)
    found = client.changes(now)

    assert (found.until, world.journal()) == (now, [])


def test_an_answer_about_another_title_is_refused(client, world):
    world.fault("total", "/3/movie/604", fields=["id"], number=605)

    with pytest.raises(ApiPermanentError, match="'id' should be 604"):
        client.details(Kind.MOVIE, "604", [])


def test_a_title_that_was_made_one_with_another_is_gone(client, world):
    world.change("merge", kind="movie", id=604, into=603)

    with pytest.raises(MissingError):
        client.details(Kind.MOVIE, "604", [])


def test_a_key_goes_as_parameter_and_a_token_in_a_header(world):
    key = "0123456789abcdef0123456789abcdef"
    with pytest.raises(ApiAuthError, match="Settings → API"):
        TmdbClient(world.url, key).test()
    TmdbClient(world.url, world.api_key).test()

    assert [entry["key_in_query"] for entry in world.journal()] == [True, False]


def test_what_is_no_id_is_never_put_into_an_address(client):
    with pytest.raises(ValueError, match="no id"):
        client.details(Kind.MOVIE, "../account", [])
    with pytest.raises(ValueError, match="no language"):
        client.details(Kind.MOVIE, "603", ["de,null"])
