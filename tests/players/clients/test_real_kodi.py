"""The client of Kodi against a real one, where that is installed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from players.clients.contract import (
    DATE,
    STUDIO,
    SUMMARY,
    TITLE,
    Edit,
    Form,
    GoneError,
    Kind,
    OtherItemError,
)
from players.clients.kodi import KodiClient
from players.clients.kodi_art import chosen
from players.clients.kodi_rows import art_of, file_of, folder_of, ids_of
from tests.demo.players.real_kodi import PASSWORD, RealKodi
from tests.demo.players.test_kodi import MOVIE, SHOW, running_kodi  # noqa: F401
from tests.players.clients.conftest import labelled, seen, titled
from tests.waiting import wait_until


@pytest.fixture
def client(running_kodi: tuple[RealKodi, Path]) -> KodiClient:  # noqa: F811
    return KodiClient(running_kodi[0].url, PASSWORD, name="Real", tries=1)


@pytest.fixture
def media(running_kodi: tuple[RealKodi, Path]) -> Path:  # noqa: F811
    return running_kodi[1]


def test_it_is_told_who_answers_and_what_is_there(client, media):
    assert client.identity().program == "Kodi"
    client.ping()
    assert {str(media / "movies"), str(media / "tv")} <= set(client.libraries()[0].folders)
    lantern, show = titled(client, "Lantern"), titled(client, "Sparrows", Kind.SHOW)
    assert lantern.paths == (str(media / "movies" / MOVIE / f"{MOVIE}.mkv"),)
    assert set(lantern.guids) == {"imdb:tt9900001", "tmdb:7"}
    assert (show.paths, show.labels[Form.TAG]) == ((str(media / "tv" / SHOW),), ("Birds",))
    episode = titled(client, "Episode 2", Kind.EPISODE)
    assert (episode.show, episode.season, episode.episode) == (show.id, 1, 2)
    # Kodi itself finds all of them by their paths.
    for item in (lantern, show):
        assert [one.id for one in client.find(item.paths[0])] == [item.id]
    assert [one.episode for one in client.find(episode.paths[0])] == [1, 2]


def test_what_is_written_stands_there(client):
    fields = {TITLE: "Comète", SUMMARY: "One.\nTwo.", STUDIO: "Pier", DATE: "2021-02-03"}
    edit = Edit(
        seen(client, "Comet"), add={Form.TAG: ("dub, x", "y" * 300), Form.GENRE: ("Sky",)}, fields=fields
    )
    written = client.write([edit, labelled(client, "Sparrows", "dub", form=Form.TAG, kind=Kind.SHOW)])
    assert written.failed == {}
    assert {name: written.present[edit.id].fields[name] for name in fields} == fields
    assert set(written.present[edit.id].labels[Form.TAG]) == {"dub, x", "y" * 255}
    back = Edit(
        written.present[edit.id],
        remove={Form.TAG: ("dub, x", "y" * 300), Form.GENRE: ("sky",)},
        fields={TITLE: "Comet", STUDIO: ""},
    )
    assert client.write([back]).failed == {}
    assert seen(client, "Sparrows", Kind.SHOW).labels[Form.TAG] == ("Birds", "dub")


def test_what_is_gone_or_another_is_not_written(client):
    lantern, comet = seen(client, "Lantern"), seen(client, "Comet")
    assert set(client.look([lantern.id, "movie-900"])) == {lantern.id}
    gone = Edit(_with_id(comet, "movie-900"), add={Form.TAG: ("dub",)})
    other = Edit(_with_id(comet, lantern.id), add={Form.TAG: ("dub",)})
    failed = client.write([gone, other]).failed
    assert [type(error) for error in failed.values()] == [GoneError, OtherItemError]
    assert client.look([lantern.id])[lantern.id].labels == lantern.labels


def _with_id(present, number):
    return replace(present, id=number)


@pytest.mark.parametrize("title", ["Lantern", "Comet"])
def test_what_a_refresh_forgets_is_given_back(client, media, title):
    """One of them has the highest id, and keeps it."""
    item = titled(client, title)
    number = int(item.id.partition("-")[2])
    watched = {"playcount": 3, "userrating": 8, "lastplayed": "2026-01-02 03:04:05"}
    pictures = {"poster": str(media / "mine.jpg"), "clearlogo": "http://127.0.0.1:1/logo.png"}
    (media / "mine.jpg").write_bytes(b"of somebody's own")
    client._call("VideoLibrary.SetMovieDetails", writes=True, movieid=number, art=pictures, **watched)
    memories = client.remember([item.id])
    client.read_again(memories)
    wait_until(lambda: not client.give_back(memories), "it was read anew")
    again = titled(client, title).id
    row = client._rows_of([again])[again]
    assert {name: row[name] for name in watched} == watched
    assert chosen(art_of(row), folder_of(file_of(row))) == pictures
    assert ids_of(row).keys() == {guid.partition(":")[0] for guid in item.guids}
