"""What is told of a title: kept as JSON, and read as the value of its NFO."""

from __future__ import annotations

from datetime import date

import pytest

from artwork.choice.values import Told
from artwork.metadata import ids_of, tell, told_of, values_of
from artwork.models import Entity
from artwork.nfo.value import Nfo, Rating, Root
from providers.contract import Actor

pytestmark = pytest.mark.django_db

EVERYTHING = {
    "title": Told("Lantern", "tmdb"),
    "plot": Told("A light.", "person"),
    "premiered": Told(date(2020, 3, 1), "tmdb"),
    "runtime": Told(101, "tvdb"),
    "ratings": Told((Rating("tmdb", 7.5, 120),), "tmdb"),
    "genres": Told(("Drama", "Mystery"), "tmdb"),
    "cast": Told((Actor("Ida Marlow", "Nell", 0, "https://x/1.jpg"),), "tmdb"),
    "season_names": Told({0: "Extras", 2: "The Storm"}, "tvdb"),
    "ids": Told({"imdb": "tt0000001", "tmdb": "8"}, "tmdb"),
}


def test_what_was_told_is_read_as_it_was(movie: Entity):
    assert tell(movie, EVERYTHING)
    movie.save()
    assert told_of(Entity.objects.get(pk=movie.pk)) == EVERYTHING


def test_to_tell_the_same_again_changes_nothing(movie: Entity):
    tell(movie, EVERYTHING)
    movie.save()
    movie.refresh_from_db()
    assert not tell(movie, EVERYTHING)


def test_a_movie_has_the_ids_of_its_app_before_those_that_were_told(movie: Entity):
    movie.ids = {"tmdb": "603"}
    tell(movie, EVERYTHING)
    assert ids_of(movie) == {"tmdb": "603", "imdb": "tt0000001"}
    (nfo,) = values_of(movie)
    assert (nfo.root, nfo.title, nfo.year, nfo.runtime) == (Root.MOVIE, "Lantern", 2020, 101)
    assert nfo.ids == ids_of(movie)


def test_nothing_was_told_of_what_nobody_asked_for(movie: Entity):
    assert values_of(movie) == ()


def test_the_video_of_two_episodes_has_a_value_for_each(show: Entity):
    video = show.parts.get(kind="episode", season=2)
    tell(video, {"title": Told("The Storm", "tmdb")}, 1)
    tell(video, {"title": Told("The Calm", "tmdb")}, 2)
    assert values_of(video) == (
        Nfo(Root.EPISODE, season=2, episode=1, title="The Storm"),
        Nfo(Root.EPISODE, season=2, episode=2, title="The Calm"),
    )
    season = show.parts.get(kind="season", season=2)
    tell(season, {"title": Told("The second", "tvdb")})
    assert values_of(season) == (Nfo(Root.SEASON, season=2, title="The second"),)
