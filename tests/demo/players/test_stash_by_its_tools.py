"""stashapp-tools, which is not ours, reads and writes the stand-in Stash."""

from __future__ import annotations

from typing import Any

import pytest
from stashapi.stashapp import StashInterface

from demo.players.process import StashStandIn


@pytest.fixture
def api(stash: StashStandIn) -> Any:
    port = int(stash.url.rpartition(":")[2])
    return StashInterface({"Host": "127.0.0.1", "Port": port, "ApiKey": stash.api_key})


def test_a_wrong_key_is_refused(stash: StashStandIn) -> None:
    port = int(stash.url.rpartition(":")[2])
    with pytest.raises(Exception, match="401"):
        StashInterface({"Host": "127.0.0.1", "Port": port, "ApiKey": "wrong"})


def test_it_tells_who_it_is_and_what_it_has(api: Any) -> None:
    assert (api.version.major, api.version.minor) == (0, 30)
    assert api.get_configuration()["general"]["stashes"][0]["path"] == "/clips"
    assert api.job_queue() == []


def test_scenes_carry_files_tags_and_people(api: Any) -> None:
    scene = api.find_scenes(q="Under water")[0]
    assert [file["path"] for file in scene["files"]] == ["/clips/Reef/one.mp4", "/copies/one.mp4"]
    assert [tag["name"] for tag in scene["tags"]] == ["Sea", "Blue"]
    assert (scene["date"], scene["rating100"], scene["organized"]) == ("2024-05-06", 80, True)
    performer = api.find_performer(int(scene["performers"][0]["id"]))
    assert (performer["name"], performer["scene_count"]) == ("Ada", 1)
    assert api.find_studio(int(scene["studio"]["id"]))["name"] == "Reef"


def test_scenes_come_in_pages(api: Any) -> None:
    page = {"per_page": 2, "page": 2, "sort": "title", "direction": "ASC"}
    count, scenes = api.find_scenes(filter=page, fragment="title", get_count=True)
    assert (count, [scene["title"] for scene in scenes]) == (3, ["Two"])


def test_scenes_are_filtered(api: Any) -> None:
    def titles(**rule: Any) -> list[str]:
        return sorted(scene["title"] for scene in api.find_scenes(f=rule, fragment="title"))

    sea = api.find_tag("Sea")["id"]
    assert titles(tags={"value": [sea], "modifier": "INCLUDES"}) == ["One", "Two"]
    assert titles(tags={"value": [], "modifier": "IS_NULL"}) == ["Three"]
    assert titles(path={"value": "/clips/t", "modifier": "INCLUDES"}) == ["Three", "Two"]
    assert titles(organized=True) == ["One"]
    two = api.find_scenes(q="Two", fragment="updated_at")[0]["updated_at"]
    assert titles(updated_at={"value": two, "modifier": "GREATER_THAN"}) == ["Three"]


def test_a_scene_is_changed_and_is_newer(api: Any, stash: StashStandIn) -> None:
    before = stash.state().titled("Two")
    blue = api.find_tag("Blue")["id"]
    api.update_scene({"id": before.id, "title": "Second", "tag_ids": [blue]})
    after = stash.state().titled("Second")
    assert (after.tags, after.updated > before.updated) == ([int(blue)], True)


def test_tags_are_made_and_found(api: Any) -> None:
    made = api.create_tag({"name": "Deep"})
    assert api.find_tag("Deep")["id"] == made["id"]
    assert [tag["name"] for tag in api.find_tags(q="e")] == ["Blue", "Deep", "Sea"]


def test_a_scene_that_is_gone_is_nothing(api: Any) -> None:
    number = api.find_scenes(q="Two", fragment="id")[0]["id"]
    api.destroy_scene(number)
    assert api.find_scene(number) is None
