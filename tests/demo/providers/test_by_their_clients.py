"""tmdbsimple and tvdb_v4_official, which are not ours, read the stand-in providers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo.providers.process import StandIn
from tests.providers.conftest import small_state


@pytest.fixture(scope="module")
def world() -> Iterator[StandIn]:
    with StandIn(small_state()) as process:
        yield process


@pytest.fixture
def tmdb(world: StandIn, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = pytest.importorskip("tmdbsimple")
    made = found.base.TMDB.__init__

    def at_the_stand_in(client: Any) -> None:
        made(client)
        client.base_uri = f"{world.url}/3"

    monkeypatch.setattr(found.base.TMDB, "__init__", at_the_stand_in)
    monkeypatch.setattr(found, "API_KEY", world.api_key)
    return found


@pytest.fixture
def tvdb(world: StandIn, monkeypatch: pytest.MonkeyPatch) -> Any:
    found = pytest.importorskip("tvdb_v4_official")
    monkeypatch.setattr(found.Url, "__init__", lambda url: setattr(url, "base_url", f"{world.url}/v4/"))
    return found.TVDB(world.api_key)


def test_tmdbsimple_reads_titles_with_what_is_appended(tmdb: Any) -> None:
    movie = tmdb.Movies(603).info(append_to_response="credits,images,external_ids", language="de")
    assert movie["title"] == "Die verlorene Rolle"
    assert movie["credits"]["cast"][0]["name"] == "Ida Marlow"
    assert movie["external_ids"]["imdb_id"] == "tt7000603"

    series = tmdb.TV(56).info(append_to_response="season/1")
    assert [one["episode_number"] for one in series["season/1"]["episodes"]] == [1, 2, 3]
    assert tmdb.Movies(604).images()["posters"][0]["iso_639_1"] == "en"


def test_tmdbsimple_searches_and_reads_changes(tmdb: Any, world: StandIn) -> None:
    assert tmdb.Search().movie(query="Comet", year=2021)["results"][0]["id"] == 604
    assert tmdb.Find("tt8000056").info(external_source="imdb_id")["tv_results"][0]["id"] == 56
    world.change("touch", kind="movie", id=604, at=1768478400)
    changed = tmdb.Changes().movie(start_date="2026-01-15", end_date="2026-01-16")
    assert [one["id"] for one in changed["results"]] == [604]
    with pytest.raises(requests.HTTPError, match="422"):
        tmdb.Changes().movie(start_date="2026-01-01", end_date="2026-02-01")


def test_tvdb_v4_official_signs_in_and_reads_titles(tvdb: Any) -> None:
    series = tvdb.get_series_extended(1056, meta="translations")
    assert series["name"] == "Harbour"
    assert {one["language"] for one in series["translations"]["nameTranslations"]} == {"eng", "deu"}
    assert tvdb.get_movie_extended(1603)["first_release"]["date"] == "1999-03-31"
    assert len(tvdb.get_series_episodes(1056, lang="deu")["episodes"]) == 6
    assert {one["slug"] for one in tvdb.get_artwork_types()} >= {"posters", "banners", "clearlogo"}


def test_tvdb_v4_official_searches_and_reads_changes(tvdb: Any, world: StandIn) -> None:
    assert tvdb.search("Harbour", type="series")[0]["tvdb_id"] == "1056"
    assert tvdb.search_by_remote_id("tt7000604")[0]["movie"]["id"] == 1604
    world.change("touch", kind="series", id=56, at=1768478400)
    assert [one["recordId"] for one in tvdb.get_updates(1768478000, type="series")] == [1056]
    with pytest.raises(ValueError, match="Not Found"):
        tvdb.get_series_extended(9)


def test_a_wrong_key_opens_nothing(world: StandIn) -> None:
    calls = {
        "/3/movie/603": {"Authorization": "Bearer wrong"},
        "/v4/artwork/types": {"Authorization": "Bearer wrong"},
        "/v3.2/movies/603": {"api-key": "wrong"},
    }
    for path, headers in calls.items():
        assert requests.get(f"{world.url}{path}", headers=headers, timeout=10).status_code == 401


def test_a_limit_is_enforced_and_an_unchanged_answer_costs_no_body(world: StandIn) -> None:
    headers = {"api-key": world.api_key}
    first = requests.get(f"{world.url}/v3.2/movies/603", headers=headers, timeout=10)
    headers["If-None-Match"] = first.headers["ETag"]
    again = requests.get(f"{world.url}/v3.2/movies/603", headers=headers, timeout=10)
    assert (again.status_code, again.content) == (304, b"")

    world.change("limit", provider="fanart", per_second=0.5)
    refused = requests.get(f"{world.url}/v3.2/movies/603", headers=headers, timeout=10)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
    world.change("limit", provider="fanart", per_second=1000)


def test_a_change_that_is_none_is_refused(world: StandIn) -> None:
    with pytest.raises(ValueError, match="there is no way 'odd'"):
        world.change("spoil", file="a.jpg", how="odd")
    with pytest.raises(ValueError, match="a title has no 'odd'"):
        world.change("edit", kind="movie", id=603, odd=1)


def test_pictures_of_one_scene_look_alike_and_others_do_not() -> None:
    import io

    from PIL import Image

    from demo.providers.art import art_of, drawn
    from storage.phash import SIDE, phash

    def seen(type: str, number: int) -> int:
        art = [one for one in art_of("movie", 603, ("en", "de"), ()) if one.type == type][number]
        image = Image.open(io.BytesIO(drawn(art, "The Lost Reel"))).convert("L")
        return phash(image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).tobytes())

    assert (seen("poster", 0) ^ seen("poster", 3)).bit_count() <= 10
    assert (seen("poster", 0) ^ seen("poster", 5)).bit_count() > 10


def test_providers_that_were_away_know_what_they_knew() -> None:
    with StandIn(small_state()) as process:
        before = process.state().works
        with process.down(), pytest.raises(requests.ConnectionError):
            requests.get(process.url, timeout=5)
        assert process.state().works == before == small_state().works
