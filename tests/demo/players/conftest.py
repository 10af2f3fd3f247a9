"""Stand-in players that live for all tests; every test starts them over with a small library."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from demo.players.state import Kind, PlayerState


def small_state(kind: Kind) -> PlayerState:
    """Two movies, the first labelled "Kids", and a show of two seasons with a file of two episodes."""
    state = PlayerState(kind)
    movies = state.add_library("Movies", "movie", ["/media/movies"])
    shows = state.add_library("Shows", "show", ["/media/tv"])
    state.add_movie(
        movies.id,
        "/media/movies/Lantern (2019)/Lantern (2019).mkv",
        title="Lantern",
        year=2019,
        guids={"imdb": "tt9900001", "tmdb": "7"},
        texts={"summary": "A light at sea.", "studio": "Harbour"},
        lists={"label": ["Kids"], "genre": ["Drama", "Mystery"]},
    )
    state.add_movie(movies.id, "/media/movies/Comet (2021)/Comet (2021).mkv", title="Comet", year=2021)
    show = state.add_show(
        shows.id, "/media/tv/Sparrows (2018)", title="Sparrows", year=2018, guids={"tvdb": "70001"}
    )
    folder = "/media/tv/Sparrows (2018)"
    state.add_episode(show, 1, 1, f"{folder}/Season 01/Sparrows - S01E01-E02.mkv")
    state.add_episode(show, 1, 2, f"{folder}/Season 01/Sparrows - S01E01-E02.mkv")
    state.add_episode(show, 2, 1, f"{folder}/Season 02/Sparrows - S02E01.mkv")
    return state


def _process(kind: Kind) -> Iterator[StandIn]:
    with StandIn(kind) as stand_in:
        yield stand_in


@pytest.fixture(scope="session")
def plex_process() -> Iterator[StandIn]:
    yield from _process("plex")


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(small_state("plex"))
    return plex_process


@pytest.fixture(scope="session")
def jellyfin_process() -> Iterator[StandIn]:
    yield from _process("jellyfin")


@pytest.fixture
def jellyfin(jellyfin_process: StandIn) -> StandIn:
    jellyfin_process.load(small_state("jellyfin"))
    return jellyfin_process


@pytest.fixture(scope="session")
def kodi_process() -> Iterator[StandIn]:
    yield from _process("kodi")


@pytest.fixture
def kodi(kodi_process: StandIn) -> StandIn:
    kodi_process.load(small_state("kodi"))
    return kodi_process


@pytest.fixture(scope="session")
def stash_process() -> Iterator[StashStandIn]:
    with StashStandIn() as stand_in:
        yield stand_in


@pytest.fixture
def stash(stash_process: StashStandIn) -> StashStandIn:
    """Three scenes, one of two files; the first has tags, a performer and a studio."""
    state = StashState()
    state.folders = ["/clips"]
    state.add_scene(
        "/clips/Reef/one.mp4",
        "/copies/one.mp4",
        title="One",
        tags=("Sea", "Blue"),
        performers=("Ada",),
        studio="Reef",
        date="2024-05-06",
        details="Under water.",
        rating=80,
        organized=True,
    )
    state.add_scene("/clips/two.mp4", title="Two", tags=("Sea",))
    state.add_scene("/clips/three.mp4", title="Three")
    stash_process.load(state)
    return stash_process


@pytest.fixture(scope="session")
def emby_process() -> Iterator[StandIn]:
    yield from _process("emby")


@pytest.fixture
def emby(emby_process: StandIn) -> StandIn:
    emby_process.load(small_state("emby"))
    return emby_process
