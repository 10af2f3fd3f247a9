"""PlexAPI, which is not ours, reads and writes the stand-in Plex."""

from __future__ import annotations

import io

import pytest
from plexapi.exceptions import NotFound, Unauthorized
from plexapi.server import PlexServer

from demo.players.process import StandIn
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def server(plex: StandIn) -> PlexServer:
    return PlexServer(plex.url, plex.api_key, timeout=PATIENCE)


def test_a_wrong_token_is_refused(plex: StandIn) -> None:
    with pytest.raises(Unauthorized):
        PlexServer(plex.url, "wrong", timeout=PATIENCE)


def test_it_tells_who_it_is_and_what_it_has(server: PlexServer) -> None:
    assert server.identity().machineIdentifier == server.machineIdentifier
    movies, shows = server.library.sections()
    assert (movies.title, movies.type, movies.locations) == ("Movies", "movie", ["/media/movies"])
    assert (shows.title, shows.type, shows.totalViewSize()) == ("Shows", "show", 1)


def test_movies_carry_files_ids_and_tags(server: PlexServer) -> None:
    comet, lantern = server.library.section("Movies").all()
    assert [movie.title for movie in (comet, lantern)] == ["Comet", "Lantern"]
    assert lantern.locations == ["/media/movies/Lantern (2019)/Lantern (2019).mkv"]
    assert {guid.id for guid in lantern.guids} == {"imdb://tt9900001", "tmdb://7"}
    assert (lantern.year, lantern.studio, lantern.summary) == (2019, "Harbour", "A light at sea.")
    # Lists leave labels out: PlexAPI reads the item itself for them.
    assert [label.tag for label in lantern.labels] == ["Kids"]


def test_a_show_has_seasons_and_episodes(server: PlexServer) -> None:
    show = server.library.section("Shows").get("Sparrows")
    assert [season.title for season in show.seasons()] == ["Season 1", "Season 2"]
    assert [(row.parentIndex, row.index) for row in show.episodes()] == [(1, 1), (1, 2), (2, 1)]
    assert show.episode(season=2, episode=1).grandparentTitle == "Sparrows"
    assert (show.childCount, show.leafCount, show.locations) == (2, 3, ["/media/tv/Sparrows (2018)"])


def test_labels_are_added_removed_and_locked(server: PlexServer, plex: StandIn) -> None:
    movie = server.library.section("Movies").get("Lantern")
    movie.addLabel("dub, English").reload()
    assert [label.tag for label in movie.labels] == ["Kids", "Dub, English"]
    assert movie.isLocked("label")
    movie.removeLabel("dub, english").reload()
    assert [label.tag for label in movie.labels] == ["Kids"]
    assert plex.state().titled("Lantern").lists["label"] == ["Kids"]
    assert plex.report()["catastrophes"] == []


def test_several_items_are_edited_at_once(server: PlexServer, plex: StandIn) -> None:
    section = server.library.section("Movies")
    section.multiEdit(section.all(), **{"label[0].tag.tag": "Dub", "label.locked": 1})
    assert [item.lists["label"] for item in plex.state().of(1, "movie")] == [["Dub"], ["Dub"]]
    edits = plex.journal("PUT")
    assert [edit["query"]["id"] for edit in edits] == ["2,1"]


def test_fields_are_edited_and_locked(server: PlexServer) -> None:
    movie = server.library.section("Movies").get("Comet")
    movie.batchEdits().editTitle("Comète").editSummary("Ünïcode & <xml>").editStudio("S").saveEdits()
    movie.reload()
    assert (movie.title, movie.summary, movie.studio) == ("Comète", "Ünïcode & <xml>", "S")
    assert {field.name for field in movie.fields} == {"title", "summary", "studio"}


def test_filters_are_told_and_used(server: PlexServer) -> None:
    section = server.library.section("Movies")
    assert [choice.title for choice in section.listFilterChoices("label")] == ["Kids"]
    assert [movie.title for movie in section.search(label="Kids")] == ["Lantern"]
    assert [movie.title for movie in section.search(year=2021)] == ["Comet"]
    assert [movie.title for movie in section.search(title="lan")] == ["Lantern"]
    assert [movie.title for movie in section.search(sort="addedAt:desc")] == ["Comet", "Lantern"]
    assert server.library.section("Shows").searchEpisodes(title="Episode 2")[0].index == 2


def test_a_tag_makes_a_collection(server: PlexServer) -> None:
    section = server.library.section("Movies")
    section.get("Comet").addCollection("Sky")
    (collection,) = section.collections()
    assert [item.title for item in collection.items()] == ["Comet"]
    made = section.createCollection("Both", items=section.all())
    assert {item.title for item in made.items()} == {"Comet", "Lantern"}
    made.removeItems(section.get("Lantern"))
    assert [item.title for item in section.collection("Both").items()] == ["Comet"]


def test_a_poster_is_uploaded_and_chosen(server: PlexServer) -> None:
    movie = server.library.section("Movies").get("Comet")
    movie.uploadPoster(filepath=io.BytesIO(b"first"))
    movie.uploadPoster(filepath=io.BytesIO(b"second"))
    posters = movie.posters()
    assert [poster.selected for poster in posters] == [True, False]
    movie.setPoster(posters[1])
    assert movie.posters()[0].ratingKey == posters[1].ratingKey
    assert movie.reload().isLocked("thumb")
    assert server._session.get(movie.thumbUrl, timeout=PATIENCE).content == b"first"


def test_a_partial_scan_finds_a_new_file(server: PlexServer, plex: StandIn) -> None:
    plex.change("put_file", path="/media/tv/Sparrows (2018)/Season 02/Sparrows - S02E02.mkv")
    plex.change("put_file", path="/media/tv/Other/Season 01/Other - S01E01.mkv")
    section = server.library.section("Shows")
    section.update(path="/media/tv/Sparrows (2018)/Season 02")
    show = section.get("Sparrows")
    wait_until(lambda: len(show.reload().episodes()) == 4)
    assert [row.title for row in section.all()] == ["Sparrows"]


def test_a_refresh_resets_what_is_not_locked(server: PlexServer, plex: StandIn) -> None:
    movie = server.library.section("Movies").get("Lantern")
    movie.editSummary("Mine", locked=True)
    movie.addLabel("Dub", locked=False)
    movie.refresh()
    wait_until(lambda: plex.state().titled("Lantern").lists["label"] == ["Kids"])
    assert movie.reload().summary == "Mine"


def test_an_item_that_is_gone_is_not_found(server: PlexServer) -> None:
    movie = server.library.section("Movies").get("Comet")
    movie.delete()
    with pytest.raises(NotFound):
        server.fetchItem(movie.ratingKey)


def test_each_client_is_one_device(server: PlexServer, plex: StandIn) -> None:
    PlexServer(plex.url, plex.api_key, timeout=PATIENCE)
    (device,) = server.systemDevices()
    assert device.clientIdentifier == plex.report()["devices"][0]["clientIdentifier"]
