"""What the stand-in Plex does beyond what PlexAPI asks: JSON, both readings of an edit, what can go wrong."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from demo.players.process import StandIn
from tests.waiting import PATIENCE

DEVICE = {"X-Plex-Client-Identifier": "taggarr-1", "Accept": "application/json"}


class Caller:
    def __init__(self, stand_in: StandIn) -> None:
        self.url = stand_in.url
        self.session = requests.Session()
        self.session.headers.update({**DEVICE, "X-Plex-Token": stand_in.api_key})

    def __call__(self, method: str, path: str, /, **params: Any) -> requests.Response:
        return self.session.request(method, self.url + path, params=params, timeout=PATIENCE)

    def container(self, path: str, /, **params: Any) -> dict[str, Any]:
        made: dict[str, Any] = self("GET", path, **params).json()["MediaContainer"]
        return made

    def labels(self, number: int) -> list[str]:
        (row,) = self.container(f"/library/metadata/{number}")["Metadata"]
        return [label["tag"] for label in row.get("Label", [])]


@pytest.fixture
def call(plex: StandIn) -> Caller:
    return Caller(plex)


def label(stand_in: StandIn, number: int) -> list[str]:
    return stand_in.state().items[number].lists.get("label", [])


# Who may ask


def test_without_a_token_only_the_identity_is_told(plex: StandIn) -> None:
    assert requests.get(f"{plex.url}/identity", timeout=PATIENCE).status_code == 200
    refused = requests.get(f"{plex.url}/library/sections", headers=DEVICE, timeout=PATIENCE)
    assert (refused.status_code, refused.headers["Content-Type"]) == (401, "text/html; charset=utf-8")
    assert plex.report()["devices"] == []


def test_a_token_in_an_address_is_noted_and_not_kept(plex: StandIn, call: Caller) -> None:
    requests.get(f"{plex.url}/library?X-Plex-Token={plex.api_key}", timeout=PATIENCE)
    call("GET", "/library")
    journal = plex.journal()
    assert [(entry["key_in_query"], entry["query"]) for entry in journal] == [(True, {}), (False, {})]


def test_a_client_is_one_device_however_often_it_comes(plex: StandIn, call: Caller) -> None:
    for _ in range(3):
        call("GET", "/library")
    assert [row["clientIdentifier"] for row in call.container("/devices")["Device"]] == ["taggarr-1"]


def test_a_sign_in_by_pin_ends_with_the_token(plex: StandIn) -> None:
    pins = f"{plex.url}/api/v2/pins"
    assert requests.post(pins, timeout=PATIENCE).status_code == 400
    pin = requests.post(f"{pins}?strong=true", headers=DEVICE, timeout=PATIENCE)
    assert (pin.status_code, pin.json()["authToken"], len(pin.json()["code"])) == (201, None, 25)
    requests.put(f"{pins}/link", params={"code": pin.json()["code"]}, timeout=PATIENCE).raise_for_status()
    claimed = requests.get(f"{pins}/{pin.json()['id']}", headers=DEVICE, timeout=PATIENCE).json()
    assert claimed["authToken"] == plex.api_key
    other = {**DEVICE, "X-Plex-Client-Identifier": "somebody-else"}
    assert requests.get(f"{pins}/{pin.json()['id']}", headers=other, timeout=PATIENCE).status_code == 404


# Reading


def test_a_page_says_how_many_there_are(call: Caller) -> None:
    call.session.headers.update({"X-Plex-Container-Start": "1", "X-Plex-Container-Size": "1"})
    page = call.container("/library/sections/1/all", type=1)
    assert (page["size"], page["totalSize"], page["offset"]) == (1, 2, 1)
    assert [row["title"] for row in page["Metadata"]] == ["Lantern"]


def test_lists_leave_labels_out_and_leave_out_what_is_not_wanted(call: Caller) -> None:
    full = call.container("/library/sections/1/all", type=1, includeGuids=1, sort="year")["Metadata"][0]
    assert ("Label" in full, "Guid" in full, "Media" in full, "summary" in full) == (False, True, True, True)
    lean = {"excludeElements": "Media,Genre", "excludeFields": "summary"}
    row = call.container("/library/sections/1/all", type=1, sort="year", **lean)["Metadata"][0]
    assert not {"Guid", "Media", "Genre", "summary"} & set(row)


def test_newer_items_can_be_asked_for(plex: StandIn, call: Caller) -> None:
    before = plex.state().titled("Comet").updated
    plex.change("edit", id=1, summary="Changed.")
    rows = call.container("/library/sections/1/all", type=1, **{"updatedAt>>": before})["Metadata"]
    assert [row["title"] for row in rows] == ["Lantern"]


def test_several_items_are_read_at_once_and_missing_ones_left_out(call: Caller) -> None:
    rows = call.container("/library/metadata/1,99,2")["Metadata"]
    assert [row["ratingKey"] for row in rows] == ["1", "2"]
    assert call("GET", "/library/metadata/99").status_code == 404


def test_leaves_of_a_show_carry_their_places(plex: StandIn, call: Caller) -> None:
    number = plex.state().titled("Sparrows").id
    rows = call.container(f"/library/metadata/{number}/allLeaves")["Metadata"]
    assert [(row["parentIndex"], row["index"]) for row in rows] == [(1, 1), (1, 2), (2, 1)]
    assert {row["grandparentTitle"] for row in rows} == {"Sparrows"}


# Writing


def test_an_edit_without_ids_changes_all_and_is_a_catastrophe(plex: StandIn, call: Caller) -> None:
    response = call("PUT", "/library/sections/1/all", type=1, **{"label[0].tag.tag": "Dub"})
    assert (response.status_code, response.content) == (200, b"")
    assert (label(plex, 1), label(plex, 2)) == (["Dub"], ["Dub"])
    assert plex.report()["catastrophes"] == ["/library/sections/1/all edited all 2 of Movies"]


@pytest.mark.parametrize(("reading", "left"), [("replace", ["Dub"]), ("add", ["Kids", "Dub"])])
def test_a_tag_edit_has_two_readings(plex: StandIn, call: Caller, reading: str, left: list[str]) -> None:
    plex.change("quirks", tag_edits=reading)
    call("PUT", "/library/sections/1/all", type=1, id="1,2", **{"label[0].tag.tag": "Dub"})
    assert (call.labels(1), call.labels(2)) == (left, ["Dub"])


def test_a_tag_gets_a_capital_unless_told_otherwise(plex: StandIn, call: Caller) -> None:
    call("PUT", "/library/sections/1/all", type=1, id=2, **{"label[0].tag.tag": ".dub"})
    assert call.labels(2) == [".Dub"]
    plex.change("quirks", capitals=False)
    call("PUT", "/library/sections/1/all", type=1, id=2, **{"label[0].tag.tag": "sub"})
    assert call.labels(2) == ["sub"]


def test_tags_to_take_away_are_a_list_whose_commas_are_escaped(plex: StandIn, call: Caller) -> None:
    plex.change("edit", id=1, label=["a,b", "c", "d"])
    call("PUT", "/library/sections/1/all", type=1, id=1, **{"label[].tag.tag-": "a%2Cb,C"})
    assert call.labels(1) == ["d"]


def test_an_edit_of_an_item_that_is_gone_is_404(plex: StandIn, call: Caller) -> None:
    tags = {"label[0].tag.tag": "Dub"}
    assert call("PUT", "/library/sections/1/all", type=1, id="1,99", **tags).status_code == 404
    assert call("PUT", "/library/sections/9/all", type=1, id=1, **tags).status_code == 404
    assert call("PUT", "/library/sections/1/all", id=1, **tags).status_code == 400
    assert label(plex, 1) == ["Kids"]


def test_a_scan_waits_in_the_queue(plex: StandIn, call: Caller) -> None:
    plex.change("quirks", scan_seconds=-1)
    plex.change("put_file", path="/media/movies/New (2024) {tmdb-12}/New.mkv")
    plex.change("take_file", path="/media/movies/Comet (2021)/Comet (2021).mkv")
    assert call("GET", "/library/sections/1/refresh").status_code == 200
    assert [row["title"] for row in call.container("/activities")["Activity"]] == ["Scanning Movies"]
    assert plex.work() == ["Scanning Movies"]
    state = plex.state()
    assert sorted(item.title for item in state.of(1, "movie")) == ["Lantern", "New"]
    assert (state.titled("New").year, state.titled("New").guids) == (2024, {"tmdb": "12"})


def test_a_scan_of_a_folder_outside_finds_nothing_and_says_nothing(plex: StandIn, call: Caller) -> None:
    plex.change("quirks", scan_seconds=-1)
    assert call("GET", "/library/sections/1/refresh", path="/elsewhere").status_code == 200
    assert plex.work() == []


# What can go wrong


def test_an_edit_can_reach_half_of_a_batch(plex: StandIn, call: Caller) -> None:
    plex.change("quirks", half_of_batches=1)
    assert call("PUT", "/library/sections/1/all", type=1, id="1,2", **{"label[0].tag.tag": "Dub"}).ok
    assert (label(plex, 1), label(plex, 2)) == (["Dub"], [])


def test_an_id_can_be_another_items_tomorrow(plex: StandIn, call: Caller) -> None:
    plex.change("renumber", id=1, to=2)
    assert call.container("/library/metadata/2")["Metadata"][0]["title"] == "Lantern"
    plex.change("next_ids", ids=[1])
    assert plex.change("add_movie", library=1, path="/media/movies/Again.mkv") == {"id": 1}


def test_a_renamed_show_keeps_its_seasons_under_its_new_id(plex: StandIn, call: Caller) -> None:
    show = plex.state().titled("Sparrows").id
    plex.change("renumber", id=show, to=500)
    assert call.container("/library/metadata/500/children")["size"] == 2


def test_writers_hold_each_other_up(plex: StandIn, call: Caller) -> None:
    plex.change("quirks", busy_ms=30)
    call("PUT", "/library/sections/1/all", type=1, id=1, **{"title.value": "Slow"})
    assert plex.journal("PUT")[0]["took_ms"] >= 30
    assert plex.state().items[1].title == "Slow"


def test_it_knows_after_a_restart_what_it_knew(plex: StandIn, call: Caller) -> None:
    call("PUT", "/library/sections/1/all", type=1, id=1, **{"label[0].tag.tag": "Dub"})
    with plex.down(), pytest.raises(requests.ConnectionError):
        requests.get(f"{plex.url}/identity", timeout=PATIENCE)
    assert call.labels(1) == ["Dub"]
