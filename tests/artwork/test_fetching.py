"""What providers tell of a title is fetched with few calls, merged under locks, and kept with its source."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import pytest

from artwork.choice.values import PERSON, Told
from artwork.fetching import fetch
from artwork.metadata import ids_of, tell, told_of, values_of
from artwork.models import ArtSettings, Entity
from artwork.telling import keep_told
from core.errors import ApiAuthError, ApiTransientError, ConfigError, Later

if TYPE_CHECKING:
    from connections.models import Connection
    from demo.providers.process import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
Connect = Callable[..., "Connection"]


def prepared(title: Entity, **settings: object) -> Entity:
    of = ArtSettings(connection=title.connection, **settings)
    keep_told(title, fetch(title, of), of)
    return Entity.objects.get(pk=title.pk)


def test_a_movie_is_told_in_the_first_language_that_there_is(reel: Entity, connect: Connect, world: StandIn):
    connect("tmdb")
    title = prepared(reel, languages=["fr", "de", "none"], country="DE")

    told = told_of(title)
    assert (told["title"], told["certification"]) == (Told("Die verlorene Rolle", "tmdb"), Told("12", "tmdb"))
    (nfo,) = values_of(title)
    assert (nfo.premiered, nfo.directors, nfo.collection) == (date(1999, 3, 31), ("Ruth Hale",), "Reels")
    assert ids_of(title) == {"tmdb": "603", "imdb": "tt7000603"}
    assert [path for path in world.called() if path != "/3/movie/603"] == []


def test_the_original_language_costs_a_call_only_where_nobody_knew_it(
    reel: Entity, connect: Connect, world: StandIn
):
    connect("tmdb")
    prepared(reel, languages=["en", "original"])
    assert world.called() == ["/3/movie/603"]
    again = prepared(reel, languages=["de", "original"])
    assert len(world.called()) == 3
    prepared(again, languages=["de", "original"])
    assert len(world.called()) == 3


def test_all_of_a_series_is_told_by_one_answer_of_each(harbour: Entity, connect: Connect, world: StandIn):
    for kind in ("tmdb", "tvdb", "fanart"):
        connect(kind)
    title = prepared(harbour, languages=["en"])

    assert sorted(world.called()) == [
        "/3/tv/56",
        "/v3.2/tv/1056",
        "/v4/artwork/types",
        "/v4/login",
        "/v4/series/1056/episodes/default/eng",
        "/v4/series/1056/extended",
    ]
    assert told_of(title)["title"] == Told("Harbour", "tmdb")
    video = title.parts.get(kind="episode", season=2)
    assert [told_of(video, number)["title"] for number in (1, 2)] == [
        Told("Episode 1", "tvdb"),
        Told("Episode 2", "tvdb"),
    ]
    assert [nfo.episode for nfo in values_of(video)] == [1, 2]
    assert told_of(title.parts.get(kind="season", season=1))


def test_what_did_not_change_is_not_written(harbour: Entity, connect: Connect):
    connect("tmdb")
    settings = ArtSettings(connection=harbour.connection)
    assert keep_told(harbour, fetch(harbour, settings), settings) == 5
    assert keep_told(harbour, fetch(harbour, settings), settings) == 0


def test_what_a_person_entered_or_locked_stays(reel: Entity, connect: Connect):
    connect("tmdb")
    tell(reel, {"title": Told("My Reel", PERSON)})
    reel.locks = ["plot"]
    reel.save()
    told = told_of(prepared(reel))
    assert told["title"] == Told("My Reel", PERSON)
    assert "plot" not in told
    assert told["runtime"] == Told(100, "tmdb")


def test_what_is_empty_overwrites_nothing(reel: Entity, connect: Connect, world: StandIn):
    connect("tmdb")
    tell(reel, {"trailer": Told("a trailer", "tvdb")})
    reel.save()
    assert told_of(prepared(reel))["trailer"] == Told("a trailer", "tvdb")


def test_a_title_without_id_is_found_by_its_name_and_year(movie: Entity, connect: Connect):
    connect("tmdb")
    movie.name, movie.year = "Comet", 2021
    movie.save()
    assert ids_of(prepared(movie))["tmdb"] == "604"


def test_a_title_is_found_by_the_id_of_another(movie: Entity, connect: Connect):
    connect("tvdb")
    movie.ids = {"imdb": "tt7000603"}
    movie.save()
    title = prepared(movie)
    assert ids_of(title)["tvdb"] == "1603"
    assert told_of(title)["title"].value == "The Lost Reel"


def test_what_may_be_another_is_left_to_a_person(movie: Entity, connect: Connect):
    connect("tmdb")
    movie.name, movie.year = "Comet", 1990
    movie.save()
    title = prepared(movie)
    assert title.told == {}
    assert [(one["provider"], one["id"]) for one in title.matches] == [("tmdb", "604")]
    title.year = 2021
    title.save()
    assert prepared(title).matches == []


def test_a_title_made_one_with_another_keeps_what_was_told(reel: Entity, connect: Connect, world: StandIn):
    connect("tmdb")
    title = prepared(reel)
    world.change("merge", kind="movie", id=603, into=604)
    from providers.models import Answer

    Answer.objects.all().delete()
    assert prepared(title).told == title.told


def test_a_refused_key_keeps_nobody_from_asking_the_others(reel: Entity, connect: Connect):
    connect("tmdb", api_key="f" * 32)
    connect("tvdb")
    reel.ids = {"tmdb": "603", "tvdb": "1603"}
    fetched = fetch(reel, ArtSettings(connection=reel.connection))
    assert isinstance(fetched.refused, ApiAuthError)
    assert "refused the API key" in str(fetched.refused)
    assert list(fetched.titles) == ["tvdb"]


def test_an_expired_token_is_renewed(reel: Entity, connect: Connect, world: StandIn):
    connect("tvdb")
    reel.ids = {"tvdb": "1603"}
    prepared(reel)
    from providers.models import Answer

    Answer.objects.all().delete()
    world.change("end_tokens")
    assert told_of(prepared(reel))["title"].value == "The Lost Reel"


def test_a_provider_that_is_asked_too_often_is_asked_later(reel: Entity, connect: Connect, world: StandIn):
    connect("tmdb")
    world.change("limit", provider="tmdb", per_second=0.001)
    with pytest.raises(Later):
        fetch(reel, ArtSettings(connection=reel.connection))


def test_a_provider_that_is_down_is_tried_again(reel: Entity, connect: Connect, world: StandIn):
    connect("tmdb")
    world.fault("status", "/3/movie", status=503, count=None)
    with pytest.raises(ApiTransientError):
        fetch(reel, ArtSettings(connection=reel.connection))


def test_without_a_provider_nothing_can_be_prepared(reel: Entity, connect: Connect):
    with pytest.raises(ConfigError, match="connect TMDB"):
        fetch(reel, ArtSettings(connection=reel.connection))
