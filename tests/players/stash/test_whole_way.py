"""From a change in Stash to what Plex shows, with hooks that come twice and in any order."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from connections.models import Connection
from demo.players.process import StandIn, StashStandIn
from jobs import contract, services
from players import jobs, sources
from players.clients.contract import SUMMARY
from players.models import Link, LinkState, PlayerMapping, Route
from players.stash import hook
from tests.commands import run

from .conftest import LONG_AGO, clips, follow, items, queries, scenes, send

pytestmark = pytest.mark.django_db(transaction=True)
SCENES = 200


def writes(plex: StandIn) -> int:
    return len(plex.journal("PUT"))


def test_two_hundred_scenes_are_right_in_the_end_and_are_not_written_again(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    stash.load(scenes(SCENES, tags=("Sea", "Blue"), performers=("Ada",), studio="Reef", date="2024-05-06"))
    plex.load(clips(SCENES))
    ids = {title: scene.id for scene in stash.state().scenes.values() if (title := scene.title)}
    follow(source)
    Route.objects.update(clear=[SUMMARY])
    send(player)
    # Batches are as small as the rate of the player wants them; scenes are read a hundred at once.
    assert queries(stash) <= 2 + SCENES // 100
    edited = items(plex)["clip_0001"]
    plex.change("edit", id=edited.id, title="By hand", genre=["Mine", "Sea", "Blue"])

    changes: list[tuple[int, dict[str, Any]]] = [
        (1, {"title": "Newer", "details": "Newer."}),
        (2, {"details": ""}),
        (3, {"title": "x" * 400, "details": "y" * 20_000}),
        (4, {"tag_ids": []}),
        *((number, {"details": "First."}) for number in range(10, 40)),
        *((number, {"details": "Last."}) for number in range(10, 40)),
    ]
    for number, change in changes:
        stash.change("update_scene", id=ids[f"Scene {number}"], **change)
    stash.change("remove_scene", id=ids["Scene 5"])
    tell = teller(source)
    told = [(ids[f"Scene {number}"], "Scene.Update.Post") for number, _ in changes]
    told = 2 * [*told, (ids["Scene 5"], "Scene.Destroy.Post")]
    random.Random(7).shuffle(told)
    for id, type in told:
        tell(id, type)
    assert Link.objects.filter(state=LinkState.DUE).count() == 35
    plex.clear_journal()
    stash.clear_journal()
    send(player)
    assert queries(stash) == 2  # one scene of them is gone, which costs one call more
    assert writes(plex) <= 40

    now = items(plex)
    assert (now["clip_0001"].title, now["clip_0001"].texts["summary"]) == ("By hand", "Newer.")
    assert sorted(now["clip_0001"].lists["genre"]) == ["Blue", "Mine", "Sea"]
    assert "summary" not in now["clip_0002"].texts
    assert (now["clip_0003"].title, len(now["clip_0003"].texts["summary"])) == ("x" * 255, 10_000)
    assert now["clip_0004"].lists["genre"] == []
    assert now["clip_0005"].lists["genre"] == []
    assert {now[f"clip_{number:04}"].texts["summary"] for number in range(10, 40)} == {"Last."}
    assert now["clip_0199"].title == "Scene 199"
    assert plex.report()["catastrophes"] == []
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}
    assert Link.objects.count() == SCENES - 1

    plex.clear_journal()
    Link.objects.update(state=LinkState.DUE, due_at=LONG_AGO)
    send(player)
    assert writes(plex) == 0


def teller(source: Connection) -> Callable[[int, str], None]:
    token, client = hook.make_token(source), APIClient()

    def tell(id: int, type: str) -> None:
        address = f"/api/v1/players/hook/{source.pk}"
        body = {"args": {"hookContext": {"id": id, "type": type}}}
        answer = client.post(address, body, format="json", headers={"X-Webhook-Token": token})
        assert answer.status_code == 202

    return tell


@pytest.mark.parametrize("kind", ["jellyfin", "kodi"])
def test_every_player_shows_scenes(
    kind: str,
    stash: StashStandIn,
    source: Connection,
    add_player: Callable[..., Connection],
    request: pytest.FixtureRequest,
):
    process: StandIn = request.getfixturevalue(f"{kind}_process")
    process.load(clips(2, kind))
    stash.load(scenes(2, tags=("Sea",)))
    player = add_player(process, kind)
    PlayerMapping.objects.create(player=player, source_prefix="/clips", player_prefix="/data/clips")
    follow(source)
    send(player)
    assert {item.title for item in items(process).values()} == {"Scene 1", "Scene 2"}
    assert all(item.lists["genre"] == ["Sea"] for item in items(process).values())
    process.clear_journal()
    Link.objects.update(state=LinkState.DUE, due_at=LONG_AGO)
    assert send(player).summary["written"] == 0


def test_a_push_starts_by_itself_once_something_is_due(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    Link.objects.update(due_at=LONG_AGO)
    assert jobs.start_due_pushes() == 1


def test_the_five_steps_of_the_document_work(stash: StashStandIn, plex: StandIn, web: str, tmp_path: Path):
    def done(*arguments: str) -> str:
        ended = run(*arguments)
        assert ended.code == 0, ended.err
        return ended.out

    (tmp_path / "plex").write_text(plex.api_key)
    (tmp_path / "stash").write_text(stash.api_key)
    folders = "player_mappings=/clips = /data/clips"
    done(
        *("add_connection", "Plex", "--kind", "plex", "--url", plex.url, "--set", folders),
        *("--secret-file", f"token={tmp_path / 'plex'}"),
    )
    done(
        *("add_connection", "Clips", "--kind", "stash", "--url", stash.url),
        *("--secret-file", f"api_key={tmp_path / 'stash'}"),
    )
    source, player = (Connection.objects.get(name=name) for name in ("Clips", "Plex"))
    services.run_inline(contract.start_by_name("follow_stash", connection=source)[0])
    sources.follow_library()
    send(player)
    assert items(plex)["clip_0001"].title == "Scene 1"

    done("stash_plugin", str(tmp_path), "--address", web)
    scene = stash.state().titled("Scene 1")
    stash.change("update_scene", id=scene.id, title="Newer")
    told = {"args": {"hookContext": {"id": scene.id, "type": "Scene.Update.Post"}}}
    program = [sys.executable, str(tmp_path / "taggarr" / "taggarr.py")]
    ended = subprocess.run(program, input=json.dumps(told), capture_output=True, text=True, check=True)
    assert json.loads(ended.stdout) == {"output": "ok"}
    send(player)
    assert items(plex)["clip_0001"].title == "Newer"
    assert "Plex" in done("players")
