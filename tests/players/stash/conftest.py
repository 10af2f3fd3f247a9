"""A Stash whose scenes lie in a Plex, both as processes of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from demo.players.state import Item, PlayerState
from tests.demo.players.conftest import stash_process  # noqa: F401

if TYPE_CHECKING:
    from connections.models import Connection
    from jobs.models import Job

LONG_AGO = "2020-01-01T00:00Z"


def scenes(number: int, **given: Any) -> StashState:
    """A Stash with as many scenes, each in a file of its own below /clips."""
    state = StashState()
    state.folders = ["/clips"]
    given = {"details": "Under water.", "organized": True, **given}
    for one in range(1, number + 1):
        state.add_scene(f"/clips/clip_{one:04}.mp4", title=f"Scene {one}", **given)
    return state


def clips(number: int, kind: str = "plex") -> PlayerState:
    """A player without an agent: its titles are the names of the files, below /data/clips."""
    state = PlayerState(kind)  # type: ignore[arg-type]
    library = state.add_library("Clips", "movie", ["/data/clips"])
    for one in range(1, number + 1):
        state.add_movie(library.id, f"/data/clips/clip_{one:04}.mp4", title=f"clip 0{one:03}", year=None)
    return state


@pytest.fixture
def stash(stash_process: StashStandIn) -> StashStandIn:  # noqa: F811
    stash_process.load(scenes(3))
    return stash_process


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(clips(3))
    return plex_process


@pytest.fixture
def source(stash: StashStandIn, db: None) -> Connection:
    return connected(stash)


def connected(stash: StashStandIn, **given: Any) -> Connection:
    from connections import services

    return services.add("stash", name="Clips", url=stash.url, api_key=stash.api_key, connect=False, **given)


@pytest.fixture
def player(plex: StandIn, add_player: Callable[..., Connection]) -> Connection:
    from players.models import PlayerMapping

    connection = add_player(plex)
    PlayerMapping.objects.create(player=connection, source_prefix="/clips", player_prefix="/data/clips")
    return connection


def follow(source: Connection) -> Job:
    """Ask the Stash what changed, in a real job."""
    from jobs import services
    from players.sources import add_routes
    from players.stash.following import start_following

    add_routes()
    return services.run_inline(start_following(source)[0])


def send(player: Connection) -> Job:
    """Send what is due, in a real job, without waiting until changes have been folded."""
    from jobs import services
    from players import jobs
    from players.models import Link

    Link.objects.filter(due_at__isnull=False).update(due_at=LONG_AGO)
    return services.run_inline(jobs.start_push(player)[0])


def items(plex: StandIn) -> dict[str, Item]:
    """The items of the player by the names of their files."""
    return {item.path.rpartition("/")[2].removesuffix(".mp4"): item for item in plex.state().items.values()}


def queries(stash: StashStandIn) -> int:
    return len(stash.journal("POST"))
