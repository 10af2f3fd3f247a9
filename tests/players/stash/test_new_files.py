"""Scenes whose files a player does not have yet: it looks at their folders, where a route asks for that."""

from __future__ import annotations

from typing import Any

import pytest

from connections.models import Connection
from demo.players.process import StandIn, StashStandIn
from players.models import Link, LinkState, Refresh, Route
from tests.demo.players.conftest import stash_process  # noqa: F401

from ..test_refresh import LONG_AGO, scans
from .conftest import clips, follow, scenes, send

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stash(stash_process: StashStandIn) -> StashStandIn:  # noqa: F811
    """Two of its scenes are new."""
    state = scenes(1)
    for number in (2, 3):
        path = f"/clips/new/clip_{number:04}.mp4"
        state.add_scene(path, title=f"Scene {number}", details="Under water.", organized=True)
    stash_process.load(state)
    return stash_process


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    """It has one of three clips, and looks at its folders when it is told to go on."""
    plex_process.load(clips(1))
    plex_process.change("quirks", scan_seconds=-1)
    plex_process.clear_journal()
    return plex_process


def look(player: Connection) -> dict[str, Any]:
    Refresh.objects.update(due_at=LONG_AGO)
    summary: dict[str, Any] = send(player).summary
    return summary


def scan_new(source: Connection) -> None:
    follow(source)
    Route.objects.update(scan_new=True)


def test_scenes_that_the_player_does_not_have_are_one_scan_of_their_folder(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    scan_new(source)
    assert send(player).summary["not_there"] == 2
    row = Refresh.objects.get()
    assert (row.folder, row.media_id, row.looks) == ("/clips/new", None, None)
    assert scans(plex) == []
    for number in (2, 3):
        plex.change("put_file", path=f"/data/clips/new/clip_{number:04}.mp4")
    assert look(player)["asked"] == 1
    assert scans(plex) == ["1 /data/clips/new"]
    assert not Refresh.objects.exists()
    plex.work()
    send(player)
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}
    assert [item.texts["summary"] for item in plex.state().items.values()] == ["Under water."] * 3
    assert scans(plex) == ["1 /data/clips/new"]


def test_what_never_comes_is_scanned_for_again_when_its_scene_changes(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    scan_new(source)
    send(player)
    look(player)
    send(player)
    assert not Refresh.objects.exists()
    scene = next(one for one in stash.state().scenes.values() if one.title == "Scene 2")
    stash.change("update_scene", id=scene.id, details="Newer.")
    follow(source)
    send(player)
    assert look(player)["asked"] == 1
    assert len(scans(plex)) == 2


def test_nothing_is_scanned_unless_the_route_asks_for_it(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    send(player)
    assert not Refresh.objects.exists()
