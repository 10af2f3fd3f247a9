"""A stand-in Sonarr and Radarr, an instance for each, and a clock that retries do not wait for.

This file may be read before Django is set up, hence the late imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from tests.connections.build import make_connection

if TYPE_CHECKING:
    from connections.models import Connection
    from library.clients import RadarrClient, SonarrClient
    from scanner.models import Policy


@pytest.fixture
def sonarr(sonarr_process: StandIn) -> StandIn:
    """A stand-in Sonarr: Lantern Harbour with three files in two seasons, Paper Comets without any."""
    state = ArrState("sonarr")
    state.add_root_folder("/tv")
    first = state.add_series(
        "Lantern Harbour",
        "/tv/Lantern Harbour",
        original_language="Japanese",
        tags=["kids"],
        genres=["Anime"],
    )
    state.add_episode_file(first.id, "S01E01-E02.mkv", season=1, episodes=[1, 2], size=700, audio="jpn/eng")
    state.add_episode_file(
        first.id, "S01E03.mkv", season=1, episodes=[3], size=300, audio="jpn", audio_streams=2
    )
    state.add_episode_file(first.id, "S00E01.mkv", season=0, episodes=[1], size=100, audio="jpn")
    state.add_series("Paper Comets", "/tv/Paper Comets", seasons={1: True, 2: False}, monitored=False)
    sonarr_process.load(state)
    return sonarr_process


@pytest.fixture
def radarr(two_movies: StandIn) -> StandIn:
    return two_movies


@pytest.fixture
def series_client(sonarr: StandIn) -> SonarrClient:
    from library.clients import SonarrClient

    return SonarrClient(sonarr.url, sonarr.api_key, name="Anime")


@pytest.fixture
def movie_client(radarr: StandIn) -> RadarrClient:
    from library.clients import RadarrClient

    return RadarrClient(radarr.url, radarr.api_key, name="Films")


@pytest.fixture
def series_instance(policy: Policy, sonarr: StandIn) -> Connection:

    return make_connection(name="Anime", kind="sonarr", url=sonarr.url, api_key=sonarr.api_key, policy=policy)


@pytest.fixture
def movie_instance(policy: Policy, radarr: StandIn) -> Connection:

    return make_connection(name="Films", kind="radarr", url=radarr.url, api_key=radarr.api_key, policy=policy)
