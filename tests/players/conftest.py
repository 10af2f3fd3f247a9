"""Players on stand-ins, with titles of our own library."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from math import inf
from typing import TYPE_CHECKING

import pytest

from demo.players.process import StandIn
from demo.players.state import PlayerState
from tests.library.build import add_file, add_season, add_title

if TYPE_CHECKING:
    from connections.models import Connection
    from jobs.models import Job
    from library.models import Media
    from scanner.models import Policy


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests count does not depend on how quick the machine is: nothing that was seen grows old."""
    monkeypatch.setattr("players.clients.plex_edits.FRESH", inf)


@pytest.fixture(scope="session")
def plex_process() -> Iterator[StandIn]:
    with StandIn("plex") as process:
        yield process


@pytest.fixture(scope="session")
def jellyfin_process() -> Iterator[StandIn]:
    with StandIn("jellyfin") as process:
        yield process


@pytest.fixture(scope="session")
def kodi_process() -> Iterator[StandIn]:
    with StandIn("kodi") as process:
        yield process


def player_state(kind: str, movies: int = 0) -> PlayerState:
    """A player with some movies and a show of two seasons, below /data."""
    state = PlayerState(kind)  # type: ignore[arg-type]
    films = state.add_library("Movies", "movie", ["/data/movies"])
    for number in range(1, movies + 1):
        name = f"Movie {number:04}"
        state.add_movie(films.id, f"/data/movies/{name}/{name}.mkv", title=name, year=2000)
    shows = state.add_library("TV", "show", ["/data/tv"])
    show = state.add_show(shows.id, "/data/tv/Harbour", title="Harbour", year=2020, guids={"tvdb": "56"})
    for season in (1, 2):
        state.add_episode(show, season, 1, f"/data/tv/Harbour/Season {season}/Harbour - S{season}E1.mkv")
    return state


@pytest.fixture
def movies(policy: Policy) -> Connection:
    return add_instance("radarr", policy)


@pytest.fixture
def series(policy: Policy) -> Connection:
    return add_instance("sonarr", policy)


def add_instance(kind: str, policy: Policy) -> Connection:
    from connections.models import Connection
    from library.models import Source
    from scanner.models import ScanSettings

    connection = Connection.objects.create(name=kind.title(), kind=kind, url=f"http://{kind}.test")
    Source.objects.create(connection=connection)
    ScanSettings.objects.create(connection=connection, policy=policy)
    return connection


def add_movie(connection: Connection, number: int, verdict: str = "dub") -> Media:
    """A movie as Radarr names it: its folders are below /."""
    name = f"Movie {number:04}"
    path = f"/movies/{name}"
    media = add_title(connection, arr_id=number, title=name, year=2000, path=path, verdict=verdict)
    add_file(media, f"{path}/{name}.mkv")
    return media


def add_harbour(connection: Connection, *verdicts: str) -> Media:
    """The series Harbour with a verdict for it and each of its seasons."""
    media = add_title(
        connection, title="Harbour", year=2020, path="/tv/Harbour", tvdb_id=56, verdict=verdicts[0]
    )
    for number, verdict in enumerate(verdicts[1:], 1):
        season = add_season(media, number=number, verdict=verdict)
        add_file(media, f"/tv/Harbour/Season {number}/Harbour - S{number}E1.mkv", season=season)
    return media


@pytest.fixture
def add_player(db: None) -> Callable[..., Connection]:
    """Adds a player that a stand-in is; its folders are those of Sonarr and Radarr, below /data."""

    def add(process: StandIn, kind: str = "plex", **given: object) -> Connection:
        from connections.models import Connection
        from players.models import PlayerMapping, PlayerSettings

        options = {"login": "kodi"} if kind == "kodi" else {}
        connection = Connection(name=kind.title(), kind=kind, url=process.url, options=options)
        names = {"plex": "token", "kodi": "password"}
        connection.keep_secrets({names.get(kind, "api_key"): process.api_key})
        connection.save()
        PlayerSettings.objects.create(connection=connection, **given)
        for folder in ("/movies", "/tv"):
            PlayerMapping.objects.create(
                player=connection, source_prefix=folder, player_prefix=f"/data{folder}"
            )
        return connection

    return add


@pytest.fixture
def push(db: None) -> Callable[..., Job]:
    """Takes over what changed in the library and sends it, in one real job."""

    def run(player: Connection) -> Job:
        from jobs import services
        from players import jobs, sources
        from players.models import Link

        sources.follow_library()
        Link.objects.filter(due_at__isnull=False).update(due_at="2020-01-01T00:00Z")
        job, _ = jobs.start_push(player)
        return services.run_inline(job)

    return run
