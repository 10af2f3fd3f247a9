"""What the stand-in Stash does beyond what its tools ask: its hooks, and what it refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import requests

from demo.players.process import StashStandIn
from tests.waiting import PATIENCE, wait_until


def ask(stash: StashStandIn, query: str, **variables: Any) -> requests.Response:
    body = {"query": query, "variables": variables}
    return requests.post(
        f"{stash.url}/graphql", json=body, headers={"ApiKey": stash.api_key}, timeout=PATIENCE
    )


def test_a_wrong_key_is_401(stash: StashStandIn) -> None:
    response = requests.post(f"{stash.url}/graphql", json={"query": "{ version { hash } }"}, timeout=PATIENCE)
    assert response.status_code == 401


def test_one_missing_id_fails_the_whole_batch_with_200(stash: StashStandIn) -> None:
    numbers = [str(scene) for scene in stash.state().scenes]
    query = "query($ids: [ID!]) { findScenes(ids: $ids) { count scenes { id } } }"
    assert ask(stash, query, ids=numbers[:2]).json()["data"]["findScenes"]["count"] == 2
    response = ask(stash, query, ids=[*numbers, "999"])
    assert (response.status_code, response.json()["data"]) == (200, None)
    assert response.json()["errors"][0]["message"] == "scene with id 999 not found"


def test_a_query_that_makes_no_sense_is_422(stash: StashStandIn) -> None:
    assert ask(stash, "{ nonsense }").status_code == 422
    assert ask(stash, "{").status_code == 422
    headers = {"ApiKey": stash.api_key}
    assert (
        requests.post(f"{stash.url}/graphql", data="x", headers=headers, timeout=PATIENCE).status_code == 400
    )


def test_a_page_has_25_scenes_unless_asked_otherwise(stash: StashStandIn) -> None:
    for number in range(30):
        stash.change("add_scene", paths=[f"/clips/more{number}.mp4"])
    found = ask(stash, "{ findScenes { count scenes { id } } }").json()["data"]["findScenes"]
    assert (found["count"], len(found["scenes"])) == (33, 25)


def test_rules_are_joined_by_or_and_not(stash: StashStandIn) -> None:
    def titles(rule: dict[str, Any]) -> list[str]:
        query = "query($rule: SceneFilterType) { findScenes(scene_filter: $rule) { scenes { title } } }"
        rows = ask(stash, query, rule=rule).json()["data"]["findScenes"]["scenes"]
        return sorted(row["title"] for row in rows)

    two = {"title": {"value": "Two", "modifier": "EQUALS"}}
    assert titles({"organized": True, "OR": two}) == ["One", "Two"]
    assert titles({"NOT": two}) == ["One", "Three"]
    assert titles({"path": {"value": r"/t\w+\.mp4$", "modifier": "MATCHES_REGEX"}}) == ["Three", "Two"]


def test_a_fault_strikes_the_query_that_it_names(stash: StashStandIn) -> None:
    stash.fault("errors", "#findScenes$")
    assert "errors" not in ask(stash, "{ version { hash } }").json()
    answer = ask(stash, "{ findScenes { count } }")
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (200, "database is locked")


def test_a_screenshot_needs_the_key_too(stash: StashStandIn) -> None:
    query = "{ findScenes { scenes { paths { screenshot } } } }"
    address = ask(stash, query).json()["data"]["findScenes"]["scenes"][0]["paths"]["screenshot"]
    assert requests.get(address, timeout=PATIENCE).status_code == 401
    assert requests.get(f"{address}&apikey={stash.api_key}", timeout=PATIENCE).ok


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The address of a server that keeps what is posted there, and what it kept."""
    got: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append({**json.loads(body)["args"]["hookContext"], "key": self.headers["X-Key"]})
            self.send_response(202)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", got
    server.shutdown()
    server.server_close()


def test_its_hooks_tell_what_changed(stash: StashStandIn, receiver: tuple[str, list[dict[str, Any]]]) -> None:
    url, got = receiver
    stash.change("send_hooks_to", url=url, headers={"X-Key": "k"})
    number = stash.state().titled("Two").id
    mutation = "mutation($input: SceneUpdateInput!) { sceneUpdate(input: $input) { id } }"
    ask(stash, mutation, input={"id": number, "title": "Second"})
    wait_until(lambda: len(got) == 1)
    assert (got[0]["id"], got[0]["type"], got[0]["key"]) == (number, "Scene.Update.Post", "k")
    assert (got[0]["input"]["title"], got[0]["inputFields"]) == ("Second", ["id", "title"])
    sea = stash.state().named("tags", "Sea").id
    stash.change("rename", group="tags", id=sea, name="Ocean")
    stash.change("remove_scene", id=number)
    wait_until(lambda: len(got) == 3)
    assert {row["type"] for row in got[1:]} == {"Tag.Update.Post", "Scene.Destroy.Post"}


def test_a_hook_can_be_sent_twice_and_to_nobody(
    stash: StashStandIn, receiver: tuple[str, list[dict[str, Any]]]
) -> None:
    url, got = receiver
    stash.change("send_hooks_to", url=url, times=2)
    number = stash.state().titled("Two").id
    stash.change("update_scene", id=number, title="Second")
    wait_until(lambda: len(got) == 2)
    stash.change("send_hooks_to", url="")
    stash.change("update_scene", id=number, title="Third")
    assert (len(stash.change("report")["sent"]), stash.state().titled("Third").id) == (2, number)
