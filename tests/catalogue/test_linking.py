"""A work and a title of the library with the same id are one story, on both pages."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import Client

from accounts.models import Role, User
from catalogue import linking
from catalogue.models import Identifier, Library, Location, Visibility, Work
from catalogue.pages.titles import lines_of
from catalogue.query import parse
from catalogue.search import find
from library.models import Media
from system import switches
from tests.catalogue.build import add_user, add_work
from tests.catalogue.shelf import add_edition
from tests.catalogue.test_pages import browser_of, text_of
from tests.connections.build import make_connection
from tests.library.build import add_file, add_title

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker_is_asked")]


@pytest.fixture(autouse=True)
def _is_on() -> None:
    caches["process"].clear()
    switches.switch("catalogue", True)


@pytest.fixture
def movie() -> Media:
    radarr = make_connection(kind="radarr", name="Radarr")
    found = add_title(
        connection=radarr, arr_id=1, title="Alien", path="/m/Alien", tmdb_id=348, imdb_id="tt0078748"
    )
    add_file(media=found, path="/m/Alien/alien.mkv", engine="matroska", languages=["eng", "deu", "zxx"])
    return found


@pytest.fixture
def series() -> Media:
    sonarr = make_connection(kind="sonarr", name="Sonarr")
    return add_title(
        connection=sonarr, arr_id=1, title="Firefly", path="/tv/Firefly", tmdb_id=348, tvdb_id=78874
    )


def numbered(title: str, scheme: str, value: str, **fields: object) -> Work:
    work = add_work(title, kind="movie", **fields)
    Identifier.objects.create(library=work.library, work=work, scheme=scheme, value=value)
    return work


@pytest.mark.parametrize(("scheme", "value"), [("imdb", "tt0078748"), ("tmdb_movie", "348")])
def test_a_movie_is_known_by_each_of_its_ids(scheme: str, value: str, movie: Media, series: Media, ute: User):
    work = numbered("Alien", scheme, value)
    assert linking.titles_of(work.identifiers.all()) == [movie]
    assert list(linking.works_of(ute, movie)) == [work]
    assert not linking.works_of(ute, series)


@pytest.mark.parametrize(("scheme", "value"), [("tvdb", "78874"), ("tmdb_tv", "348")])
def test_movies_and_series_of_tmdb_are_numbered_apart(
    scheme: str, value: str, movie: Media, series: Media, ute: User
):
    work = numbered("Firefly", scheme, value)
    assert linking.titles_of(work.identifiers.all()) == [series]
    assert list(linking.works_of(ute, series)) == [work]
    assert not linking.works_of(ute, movie)


@pytest.mark.parametrize(
    ("scheme", "value"), [("tvdb", "9" * 30), ("tmdb_movie", "x"), ("goodreads", "348"), ("imdb", "tt1")]
)
def test_what_is_no_id_of_a_title_links_nothing(scheme: str, value: str, movie: Media, ute: User):
    work = numbered("Alien", scheme, value)
    assert linking.titles_of(work.identifiers.all()) == []
    assert not linking.works_of(ute, movie)
    assert not find(ute, parse("is:filed"))


def test_titles_without_ids_are_not_one(ute: User):
    bare = add_title(connection=make_connection(kind="radarr", name="Bare"), arr_id=1, title="X", path="/m/X")
    add_work("X", kind="movie")
    assert not linking.works_of(ute, bare)


def test_search_tells_what_is_filed_from_what_is_not(movie: Media, series: Media, ute: User):
    alien = numbered("Alien", "imdb", "tt0078748")
    firefly = numbered("Firefly", "tmdb_tv", "348")
    dune = numbered("Dune", "tmdb_movie", "841")
    assert set(find(ute, parse("is:filed"))) == {alien, firefly}
    assert set(find(ute, parse("-is:filed"))) == {dune}


def test_both_pages_tell_of_the_other(movie: Media, ute: User):
    work = numbered("Alien", "imdb", "tt0078748", added_by=ute)
    dvd = add_edition(work, format="DVD")
    dvd.copies.create(location=Location.objects.create(name="Attic"))
    text = text_of(browser_of(ute), f"/collection/works/{work.pk}")
    assert f'<a href="/media/{movie.pk}">Alien</a>' in text
    assert "German, English" in text
    assert f'src="/media/{movie.pk}/poster' in text
    assert f'<a href="/collection/works/{work.pk}">On your shelf: DVD, Attic</a>' in text_of(
        browser_of(ute), f"/media/{movie.pk}"
    )


def test_a_work_without_a_copy_is_told_as_such_and_a_hidden_one_not_at_all(movie: Media, ute: User):
    numbered("Alien", "imdb", "tt0078748")
    assert [str(line.text) for line in lines_of(ute, movie)] == ["In your collection, without a copy"]
    hidden = Library.objects.create(name="Hers", visibility=Visibility.MEMBERS)
    Work.objects.update(library=hidden)
    assert list(lines_of(ute, movie)) == []
    assert len(list(lines_of(add_user("admin", Role.ADMIN), movie))) == 1


def test_nothing_is_said_while_the_collection_is_switched_off(movie: Media, ute: User):
    numbered("Alien", "imdb", "tt0078748")
    switches.switch("catalogue", False)
    client: Client = browser_of(ute)
    assert "In your collection" not in text_of(client, f"/media/{movie.pk}")
