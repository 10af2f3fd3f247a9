"""Players can hold the demo library, and find it there by themselves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from demo.library import LibraryState, build_library
from demo.players import scans
from demo.players.filled import player_state, stash_state
from demo.players.process import StandIn
from demo.players.state import Kind, PlayerState
from tests.demo.players.test_plex import Caller


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> LibraryState:
    return build_library(tmp_path_factory.mktemp("demo"))


def _kinds(state: PlayerState) -> Counter[str]:
    return Counter(item.kind for item in state.items.values())


@pytest.mark.parametrize("kind", ["plex", "jellyfin", "kodi"])
def test_a_scan_of_what_is_known_changes_nothing(made: LibraryState, kind: Kind) -> None:
    state = player_state(kind, made)
    before = state.to_json()
    for library in state.libraries.values():
        scans.scan(state, library)
    assert state.to_json() == before
    assert {item.path for item in state.items.values() if item.kind == "movie"} == {
        file.path for file in made.state("radarr").files.values() if Path(file.path).is_file()
    }


def test_an_empty_player_finds_all_titles_by_itself(made: LibraryState) -> None:
    known = player_state("jellyfin", made)
    state = PlayerState("jellyfin")
    for library in known.libraries.values():
        scans.scan(state, state.add_library(library.title, library.kind, library.locations))
    for kind in ("movie", "show", "season"):
        assert _kinds(state)[kind] == _kinds(known)[kind]
    titles = {item.title for item in known.items.values() if item.kind in ("movie", "show")}
    assert {item.title for item in state.items.values() if item.kind in ("movie", "show")} == titles


def test_the_tags_of_nfos_are_read_by_those_that_read_them(made: LibraryState) -> None:
    tags = {
        kind: player_state(kind, made).titled("Lantern Harbour").lists.get("label")
        for kind in ("plex", "jellyfin", "kodi")
    }
    assert player_state("plex", made).titled("Midnight Ferry").texts["summary"].endswith("with a commentary.")
    assert tags == {"plex": None, "jellyfin": ["anime"], "kodi": ["anime"]}


def test_a_stand_in_serves_it(made: LibraryState, plex_process: StandIn) -> None:
    plex_process.load(player_state("plex", made))
    rows = Caller(plex_process).container("/library/sections/2/all", type=4)
    assert rows["totalSize"] == len(rows["Metadata"]) > 200


def test_a_stash_holds_the_movies_as_scenes(made: LibraryState) -> None:
    state = stash_state(made)
    movies = player_state("plex", made)
    assert len(state.scenes) == _kinds(movies)["movie"]
    assert state.titled("Kaze no Tegami").studio == state.named("studios", "Japanese").id
