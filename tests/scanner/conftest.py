"""A stand-in Sonarr and Radarr, real files under a folder of the test, and short ways to set them up."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from tests.connections.build import make_connection

# Models can be imported once Django is set up, which is after this file may have been read.
if TYPE_CHECKING:
    from connections.models import Connection
    from jobs.models import Job
    from scanner.models import Policy


@pytest.fixture
def sonarr(sonarr_process: StandIn) -> StandIn:
    """A stand-in Sonarr with an empty library; fill it with `sonarr.load(state)`."""
    sonarr_process.load(ArrState("sonarr"))
    return sonarr_process


@pytest.fixture
def radarr(radarr_process: StandIn) -> StandIn:
    """A stand-in Radarr with an empty library."""
    radarr_process.load(ArrState("radarr"))
    return radarr_process


@pytest.fixture
def series_instance(policy: Policy, sonarr: StandIn) -> Connection:

    return make_connection(
        name="Sonarr", kind="sonarr", url=sonarr.url, api_key=sonarr.api_key, policy=policy
    )


@pytest.fixture
def movie_instance(policy: Policy, radarr: StandIn) -> Connection:

    return make_connection(
        name="Radarr", kind="radarr", url=radarr.url, api_key=radarr.api_key, policy=policy
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder in which a test's media lie."""
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def scan() -> Callable[..., Job]:
    """Runs a full scan of an instance in this process and returns its job, ended."""

    from connections.models import Connection
    from jobs import services as jobs
    from scanner.scan.starting import ScanParams, start_scan

    def run(connection: Connection, **params: Any) -> Job:
        job, _ = start_scan(Connection.objects.get(pk=connection.pk), ScanParams(**params))
        jobs.run_inline(job)
        job.refresh_from_db()
        return job

    return run


@pytest.fixture
def shows(sonarr, series_instance, root) -> ArrState:
    """Five series: one of each verdict, and one without files."""
    from .build import JPN_ENG, add_series, spec

    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG), spec(*JPN_ENG)]}, tags=["4k"])
    add_series(state, root, "Half", {1: [spec(*JPN_ENG), spec("jpn")]})
    add_series(state, root, "Wrong", {1: [spec("jpn", "eng"), spec("ger")]})
    add_series(state, root, "Native", {1: [spec("jpn")]}, tags=["kids"])
    add_series(state, root, "Empty", {1: [None, None]})
    sonarr.load(state)
    return state
