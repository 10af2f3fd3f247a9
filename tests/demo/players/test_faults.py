"""The faults that players needed; any stand-in can have them, a stand-in Plex shows them."""

from __future__ import annotations

import time

import pytest
import requests

from demo.players.process import StandIn
from tests.demo.players.test_plex import Caller, label


@pytest.fixture
def call(plex: StandIn) -> Caller:
    return Caller(plex)


def test_it_can_say_yes_and_do_nothing(plex: StandIn, call: Caller) -> None:
    plex.fault("ignore", "/all$", method="PUT")
    edit = {"type": 1, "id": 1, "label[0].tag.tag": "Dub"}
    assert call("PUT", "/library/sections/1/all", **edit).status_code == 200
    assert label(plex, 1) == ["Kids"]
    call("PUT", "/library/sections/1/all", **edit)
    assert label(plex, 1) == ["Dub"]


def test_a_scan_that_is_ignored_is_not_in_the_queue(plex: StandIn, call: Caller) -> None:
    plex.change("quirks", scan_seconds=-1)
    plex.fault("ignore", "/refresh$")
    assert call("GET", "/library/sections/1/refresh").status_code == 200
    assert plex.work() == []


def test_it_can_start_slowly(plex: StandIn, call: Caller) -> None:
    plex.fault("starting", "^/library", count=1)
    answer = call("GET", "/library")
    assert (answer.status_code, answer.headers["Content-Type"]) == (503, "text/html; charset=utf-8")
    assert call("GET", "/library").ok


def test_a_key_can_end_after_some_calls(plex: StandIn, call: Caller) -> None:
    plex.fault("status", status=401, skip=2, count=None)
    assert [call("GET", "/library").status_code for _ in range(3)] == [200, 200, 401]


def test_an_answer_can_drip(plex: StandIn, call: Caller) -> None:
    plex.fault("drip", seconds=0.2)
    started = time.perf_counter()
    assert call("GET", "/library/sections/1/all").json()["MediaContainer"]["totalSize"] == 2
    assert time.perf_counter() - started >= 0.2


def test_a_total_can_be_wrong(plex: StandIn, call: Caller) -> None:
    plex.fault("total", fields=["totalSize"], number=7)
    assert call.container("/library/sections/1/all")["totalSize"] == 7
    assert call.container("/library/sections/1/all")["totalSize"] == 2


def test_a_page_can_come_twice(plex: StandIn, call: Caller) -> None:
    plex.fault("repeat", "/all$", skip=1)
    titles = []
    for start in "010":
        call.session.headers.update({"X-Plex-Container-Start": start, "X-Plex-Container-Size": "1"})
        titles.append(call.container("/library/sections/1/all", type=1)["Metadata"][0]["title"])
    assert titles == ["Comet", "Comet", "Comet"]
    call.session.headers["X-Plex-Container-Start"] = "1"
    assert call.container("/library/sections/1/all", type=1)["Metadata"][0]["title"] == "Lantern"


def test_the_answer_can_be_that_of_another_item(plex: StandIn, call: Caller) -> None:
    plex.fault("repeat", r"/metadata/\d+$", skip=1)
    assert call.container("/library/metadata/1")["Metadata"][0]["title"] == "Lantern"
    assert call.container("/library/metadata/2")["Metadata"][0]["title"] == "Lantern"


def test_something_can_change_just_before_a_request(plex: StandIn, call: Caller) -> None:
    """An item that vanishes between two pages, or an edit by hand between read and write."""
    plex.fault("change", "/all$", method="PUT", op="remove", args={"id": 1})
    assert call("PUT", "/library/sections/1/all", type=1, id=1, **{"title.value": "Late"}).status_code == 404
    plex.fault("change", r"/metadata/2$", op="edit", args={"id": 2, "label": ["By hand"]})
    assert call.labels(2) == ["By hand"]
    assert plex.state().items[2].locked == ["label"]


def test_the_clock_can_be_wrong(plex: StandIn, call: Caller) -> None:
    plex.change("set_clock", to=100)
    plex.change("edit", id=1, summary="Changed.")
    assert call.container("/library/metadata/1")["Metadata"][0]["updatedAt"] == 101


def test_a_fault_that_breaks_off_is_an_error_to_the_client(plex: StandIn, call: Caller) -> None:
    plex.fault("partial", "/all$")
    with pytest.raises(requests.RequestException):
        call("GET", "/library/sections/1/all")
