"""TheTVDB in our shape, and the token that all processes share."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db.models.functions import Now

from connections.models import Breaker
from core.errors import ApiAuthError, ApiPermanentError, Later
from core.outbound.answers import MissingError
from providers.connections import provider_for
from providers.contract import UNKNOWN, Actor, Crew, Kind, Source, Type
from providers.models import Standing
from providers.tvdb import TvdbClient


@pytest.fixture
def client(world):
    return TvdbClient(world.url, world.api_key, "PIN1", name="My TVDB")


def test_a_series_is_told_with_episodes_in_the_first_language(client, world):
    found = client.details(Kind.SERIES, "1056", ["de", "en"])

    assert found.ids == {Source.TVDB: "1056", Source.IMDB: "tt8000056", Source.TMDB: "56"}
    assert (found.title, found.original_title, found.original_language) == ("Der Hafen", "Harbour", "en")
    assert found.plots == {"en": "Ships.", "de": "Schiffe."}
    assert (found.premiered, found.ended, found.is_ongoing) == (date(2008, 1, 20), date(2013, 9, 29), False)
    assert (found.runtime, found.studios) == (45, ("Harbour Light Pictures",))
    assert (found.countries, found.certifications) == (("US",), {"US": "PG-13", "DE": "12"})
    assert found.cast == (Actor("Ida Marlow", "Nell", 0), Actor("Tom Birch", "Otto", 1))
    assert found.crew == (Crew("Ruth Hale", "Director"),)
    assert [one.number for one in found.seasons] == [0, 1, 2]
    assert [(one.season, one.number) for one in found.episodes] == [
        (0, 1),
        (1, 1),
        (1, 2),
        (1, 3),
        (2, 1),
        (2, 2),
    ]
    assert found.episodes[0].title == "Folge 1"
    assert world.called() == [
        "/v4/login",
        "/v4/series/1056/extended",
        "/v4/series/1056/episodes/default/deu",
    ]


def test_many_episodes_are_read_page_by_page(client, world):
    world.change("edit", kind="series", id=56, seasons={1: 700})

    assert len(client.details(Kind.SERIES, "1056", []).episodes) == 700


def test_a_movie_is_told(client):
    found = client.details(Kind.MOVIE, "1603", ["de"])

    assert (found.title, found.premiered, found.runtime) == ("Die verlorene Rolle", date(1999, 3, 31), 100)
    assert found.taglines == {"en": "Find it."}
    assert found.episodes == ()


def test_the_types_of_pictures_are_read_where_they_are_told(client):
    found = client.pictures(Kind.SERIES, "1056", ["en"])

    by_type = {one.type for one in found}
    assert by_type == {Type.POSTER, Type.FANART, Type.BANNER, Type.CLEARLOGO, Type.STILL}
    assert {one.season for one in found if one.type is Type.POSTER} == {None, 0, 1, 2}
    assert {one.language for one in found} <= {"en", None, UNKNOWN}
    assert all(one.likes is not None for one in found if one.type is Type.POSTER)
    assert all(one.address.startswith(f"{client.transport.url}/banners/") for one in found)


def test_the_pictures_of_movies_have_other_numbers(client):
    found = client.pictures(Kind.MOVIE, "1603", ["de"])

    assert {one.language for one in found if one.type is Type.POSTER} == {"de", None}
    assert Type.STILL not in {one.type for one in found}


@pytest.mark.parametrize(
    ("title", "year", "kind", "ids", "found"),
    [
        ("Harbour", 2008, Kind.SERIES, {}, ["1056"]),
        ("Harbour", 1990, Kind.SERIES, {}, ["1056"]),
        ("Comet", None, Kind.MOVIE, {}, ["1604"]),
        ("", None, Kind.SERIES, {Source.TVDB: "1056"}, ["1056"]),
        ("", None, Kind.MOVIE, {Source.IMDB: "tt7000604"}, ["1604"]),
        ("", None, Kind.MOVIE, {Source.TMDB: "604"}, []),
        ("Comet", None, Kind.MOVIE, {Source.TVDB: "9999"}, ["1604"]),
    ],
)
def test_a_title_is_found_by_its_ids_else_by_its_name(client, title, year, kind, ids, found):
    assert [one.id for one in client.lookup(title, year, kind, ids)] == found


def test_an_id_that_nobody_knows_finds_nothing(client):
    assert client.lookup("", None, Kind.MOVIE, {Source.IMDB: "tt0000001"}) == ()


def test_what_changed_names_both_of_two_titles_that_became_one(client, world):
    world.change("merge", kind="series", id=56, into=60)

    found = client.changes(datetime.now(UTC) - timedelta(days=2))

    assert found.ids == {Kind.SERIES: frozenset({"1056", "1060"}), Kind.MOVIE: frozenset()}
    with pytest.raises(MissingError):
        client.details(Kind.SERIES, "1056", [])


def test_an_answer_about_another_title_is_refused(client, world):
    world.fault("total", "/extended", fields=["id"], number=5)

    with pytest.raises(ApiPermanentError, match="'id' should be 1056"):
        client.details(Kind.SERIES, "1056", [])


def test_a_wrong_key_is_refused_once(world):
    with pytest.raises(ApiAuthError, match="API key or PIN"):
        TvdbClient(world.url, "wrong", tries=1).test()
    assert world.called() == ["/v4/login"]


# The token


@pytest.fixture
def tvdb(connect):
    return connect("tvdb")


def test_a_token_serves_all_processes_and_stands_sealed(tvdb, world):
    provider_for(tvdb).details(Kind.MOVIE, "1603", [])
    provider_for(tvdb).details(Kind.MOVIE, "1604", [])

    assert world.called().count("/v4/login") == 1
    assert world.change("report")["tokens"] == 1
    kept = Standing.objects.get().token
    token = json.loads(kept.reveal())["token"]
    assert len(token) == 64
    assert token not in kept.token


def test_a_token_whose_month_is_over_is_renewed_and_the_call_made_again(tvdb, world):
    provider_for(tvdb).details(Kind.MOVIE, "1603", [])
    world.change("end_tokens")
    provider_for(tvdb).details(Kind.MOVIE, "1604", [])

    assert world.called()[-3:] == ["/v4/movies/1604/extended", "/v4/login", "/v4/movies/1604/extended"]
    tvdb.refresh_from_db()
    assert tvdb.breaker == Breaker.CLOSED


def test_another_key_asks_for_another_token(tvdb, world):
    provider_for(tvdb).details(Kind.MOVIE, "1603", [])
    tvdb.keep_secrets({"api_key": world.api_key, "pin": "NEW"})
    tvdb.save()
    provider_for(tvdb).details(Kind.MOVIE, "1604", [])

    assert world.called().count("/v4/login") == 2


def test_while_one_process_signs_in_the_others_wait(tvdb, world):
    Standing.objects.create(connection=tvdb, renewing_until=Now() + timedelta(seconds=30))

    with pytest.raises(Later):
        provider_for(tvdb).details(Kind.MOVIE, "1603", [])
    assert world.journal() == []


def test_who_waited_takes_the_token_that_the_other_process_got(tvdb, world):
    first, second = provider_for(tvdb), provider_for(tvdb)
    assert isinstance(second, TvdbClient)
    assert second._tokens is not None
    first.details(Kind.MOVIE, "1603", [])
    taken = second._tokens.renew("", lambda: pytest.fail("it signs in once more"))

    assert taken == second._tokens.current()


def test_a_key_that_is_refused_stops_all_calls(tvdb):
    tvdb.keep_secrets({"api_key": "wrong"})
    tvdb.save()

    with pytest.raises(ApiAuthError):
        provider_for(tvdb).details(Kind.MOVIE, "1603", [])
    tvdb.refresh_from_db()
    assert tvdb.breaker == Breaker.REFUSED
    assert Standing.objects.get().renewing_until is None
