"""Stand-ins that live for all tests of this folder; every test starts them over with a library of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from tests.waiting import PATIENCE


@pytest.fixture
def sonarr(sonarr_process: StandIn) -> StandIn:
    """A stand-in Sonarr with two series, one tagged "kids"; the first has a double episode and a special."""
    state = ArrState("sonarr")
    state.add_root_folder("/tv")
    state.add_root_folder("/away", accessible=False)
    first = state.add_series(
        "The Lantern", "/tv/The Lantern", original_language="Japanese", tags=["kids"], genres=["Anime"]
    )
    state.add_episode_file(
        first.id, "Season 01/S01E01-E02.mkv", season=1, episodes=[1, 2], size=700, audio="jpn/eng"
    )
    state.add_episode_file(
        first.id, "Specials/S00E01.mkv", season=0, episodes=[1], size=300, audio="jpn", audio_streams=2
    )
    state.add_episode(first.id, 1, 3, absolute=3)
    state.add_series("Paper Comets", "/tv/Paper Comets", seasons={1: True})
    sonarr_process.load(state)
    return sonarr_process


@pytest.fixture
def radarr(two_movies: StandIn) -> StandIn:
    return two_movies


class Caller:
    """Calls a stand-in with its key."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.session = requests.Session()
        self.session.headers["X-Api-Key"] = stand_in.api_key

    def __call__(self, method: str, path: str, json: object = None, **params: Any) -> requests.Response:
        url = f"{self.stand_in.url}/api/v3/{path}"
        return self.session.request(
            method, url, json=json, params=params, timeout=PATIENCE, allow_redirects=False
        )


@pytest.fixture
def call_sonarr(sonarr: StandIn) -> Iterator[Caller]:
    """`call_sonarr("GET", "series")` with the right key."""
    caller = Caller(sonarr)
    yield caller
    caller.session.close()


@pytest.fixture
def call_radarr(radarr: StandIn) -> Iterator[Caller]:
    """`call_radarr("GET", "movie")` with the right key."""
    caller = Caller(radarr)
    yield caller
    caller.session.close()
