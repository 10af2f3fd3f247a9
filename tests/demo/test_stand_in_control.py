"""The journal, the faults and the changes of a stand-in."""

from __future__ import annotations

import time

import pytest
import requests

from demo.arr.process import StandIn
from demo.arr.state import ArrState
from demo.stand_in.faults import Fault
from tests.demo.conftest import Caller
from tests.waiting import PATIENCE

# The journal


def test_the_journal_tells_every_request_in_order(sonarr: StandIn, call_sonarr: Caller) -> None:
    call_sonarr("GET", "episode", seriesId=1)
    call_sonarr("POST", "tag", {"label": "dub"})
    call_sonarr("GET", "series/99")
    entries = sonarr.journal()
    assert [(row["method"], row["path"], row["status"]) for row in entries] == [
        ("GET", "/api/v3/episode", 200),
        ("POST", "/api/v3/tag", 201),
        ("GET", "/api/v3/series/99", 404),
    ]
    assert (entries[0]["query"], entries[1]["body"]) == ({"seriesId": "1"}, {"label": "dub"})
    assert [row["seq"] for row in entries] == sorted(row["seq"] for row in entries)
    assert all(row["took_ms"] > 0 and row["fault"] is None for row in entries)
    assert sonarr.journal("POST") == [entries[1]]
    assert sonarr.journal(since=entries[1]["seq"]) == [entries[2]]
    sonarr.clear_journal()
    assert sonarr.journal() == []


def test_a_body_that_is_no_json_is_kept_as_text(sonarr: StandIn, call_sonarr: Caller) -> None:
    call_sonarr.session.post(f"{sonarr.url}/api/v3/tag", data="not json", timeout=PATIENCE)
    assert (sonarr.journal()[0]["body"], sonarr.journal()[0]["status"]) == ("not json", 400)


# Faults


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_error_status_comes_as_often_as_asked(sonarr: StandIn, call_sonarr: Caller, status: int) -> None:
    sonarr.fault("status", "/tag", status=status, retry_after=7, count=2)
    seen = [call_sonarr("GET", "tag") for _ in range(3)]
    assert [response.status_code for response in seen] == [status, status, 200]
    assert seen[0].headers["Retry-After"] == "7"
    assert sonarr.journal()[0]["fault"] == "status"
    assert sonarr.faults()[0]["count"] == 0


def test_a_fault_strikes_only_the_method_and_path_it_names(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("status", "series/editor$", method="PUT", count=None)
    assert call_sonarr("GET", "series").status_code == 200
    assert call_sonarr("PUT", "series/editor", {"seriesIds": [1]}).status_code == 500
    sonarr.clear_faults()
    assert call_sonarr("PUT", "series/editor", {"seriesIds": [1]}).status_code == 202


def test_skipped_requests_are_spared(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("status", skip=2)
    assert [call_sonarr("GET", "tag").status_code for _ in range(4)] == [200, 200, 500, 200]


def test_a_dropped_connection_has_no_answer_and_nothing_was_done(
    sonarr: StandIn, call_sonarr: Caller
) -> None:
    sonarr.fault("drop")
    with pytest.raises(requests.ConnectionError):
        call_sonarr("POST", "tag", {"label": "dub"})
    assert sonarr.journal()[0]["status"] is None
    assert sonarr.state().tag_named("dub") is None


def test_a_connection_dropped_afterwards_leaves_the_work_done(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("drop", after=True)
    with pytest.raises(requests.ConnectionError):
        call_sonarr("POST", "tag", {"label": "dub"})
    assert sonarr.state().tag_named("dub") is not None


def test_an_error_afterwards_leaves_the_work_done(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("status", status=502, after=True)
    assert call_sonarr("POST", "tag", {"label": "dub"}).status_code == 502
    assert sonarr.state().tag_named("dub") is not None


def test_a_body_breaks_off_in_the_middle(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("partial")
    with pytest.raises(requests.RequestException):
        call_sonarr("GET", "series")
    assert call_sonarr("GET", "series").status_code == 200


def test_truncated_json_comes_as_a_whole_answer(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("truncate")
    response = call_sonarr("GET", "series")
    assert (response.status_code, response.headers["Content-Type"]) == (
        200,
        "application/json; charset=utf-8",
    )
    with pytest.raises(requests.JSONDecodeError):
        response.json()


def test_a_proxys_page_and_another_applications_json_can_come(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("html")
    sonarr.fault("other-app")
    page, other = call_sonarr("GET", "system/status"), call_sonarr("GET", "system/status")
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.text.startswith("<!DOCTYPE html>")
    assert "appName" not in other.json()


def test_an_answer_can_hold_megabytes_of_unknown_fields_or_nulls(
    sonarr: StandIn, call_sonarr: Caller
) -> None:
    sonarr.fault("padding", megabytes=2)
    sonarr.fault("nulls", fields=["title", "name"])
    padded, nulled = call_sonarr("GET", "series"), call_sonarr("GET", "series")
    assert len(padded.content) > 2_000_000
    assert padded.json()[0]["title"]
    assert {series["title"] for series in nulled.json()} == {None}
    assert nulled.json()[0]["originalLanguage"]["name"] is None
    assert nulled.json()[0]["path"] == padded.json()[0]["path"]


def test_an_answer_can_be_late(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.fault("latency", seconds=0.3)
    started = time.perf_counter()
    assert call_sonarr("GET", "tag").json() == [{"id": 1, "label": "kids"}]
    assert time.perf_counter() - started >= 0.3


def test_a_probable_fault_strikes_the_same_requests_for_the_same_seed() -> None:
    def struck(seed: int) -> list[bool]:
        fault = Fault("status", count=None, probability=0.3, seed=seed)
        return [fault.strikes("GET", "/") for _ in range(200)]

    assert struck(1) == struck(1)
    assert struck(1) != struck(2)
    assert 30 < sum(struck(1)) < 90


def test_a_fault_of_no_known_kind_is_refused(sonarr: StandIn) -> None:
    with pytest.raises(ValueError, match="'explode' is no kind of fault"):
        sonarr.fault("explode")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is no regular expression"):
        sonarr.fault("drop", "(")


# Changes


def test_series_can_be_added_changed_and_removed(sonarr: StandIn, call_sonarr: Caller) -> None:
    number = sonarr.change("add_media", title="New", path="/tv/New", tags=["kids"], seasons={"1": True})["id"]
    sonarr.change(
        "update_media", id=number, original_language="Korean", genres=["Comedy"], seasons={"2": False}
    )
    sonarr.change("add_episode", media_id=number, season=2, number=1)
    body = call_sonarr("GET", f"series/{number}").json()
    assert (body["originalLanguage"]["name"], body["genres"]) == ("Korean", ["Comedy"])
    assert [season["seasonNumber"] for season in body["seasons"]] == [2]
    sonarr.change("remove_media", id=number)
    assert call_sonarr("GET", f"series/{number}").status_code == 404
    with pytest.raises(ValueError, match="no 'colour'"):
        sonarr.change("update_media", id=1, colour="red")


def test_tags_can_be_changed_by_hand(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.change("set_tags", id=1, labels=["mine", "kids"])
    assert call_sonarr("GET", "series/1").json()["tags"] == [1, 2]


def test_a_replaced_file_has_another_id_and_the_same_episodes(sonarr: StandIn, call_sonarr: Caller) -> None:
    new = sonarr.change("replace_file", id=1, relative_path="Season 01/new.mkv", size=50, audio="jpn")["id"]
    files = {row["id"]: row for row in call_sonarr("GET", "episodefile", seriesId=1).json()}
    assert set(files) == {2, new}
    assert (files[new]["path"], files[new]["size"]) == ("/tv/The Lantern/Season 01/new.mkv", 50)
    episodes = call_sonarr("GET", "episode", seriesId=1).json()
    assert [row["episodeNumber"] for row in episodes if row["episodeFileId"] == new] == [1, 2]
    assert call_sonarr("GET", "series/1").json()["statistics"]["sizeOnDisk"] == 350


def test_files_can_be_added_changed_and_deleted(
    sonarr: StandIn, radarr: StandIn, call_sonarr: Caller
) -> None:
    new = sonarr.change("add_file", media_id=2, relative_path="a.mkv", season=1, episodes=[1], audio="eng")[
        "id"
    ]
    sonarr.change("update_file", id=new, size=77)
    assert call_sonarr("GET", "series/2").json()["statistics"]["sizeOnDisk"] == 77
    with pytest.raises(ValueError, match="no 'colour'"):
        sonarr.change("update_file", id=new, colour="red")
    sonarr.change("delete_file", id=new)
    assert call_sonarr("GET", "series/2").json()["statistics"]["episodeFileCount"] == 0
    upgraded = radarr.change("add_file", media_id=1, relative_path="better.mkv")["id"]
    assert [file.id for file in radarr.state().files_of(1)] == [upgraded]


def test_root_folders_can_be_added(sonarr: StandIn, call_sonarr: Caller) -> None:
    number = sonarr.change("add_root_folder", path="/more")["id"]
    assert number in [row["id"] for row in call_sonarr("GET", "rootfolder").json()]


def test_another_kinds_state_is_refused(sonarr: StandIn) -> None:
    with pytest.raises(ValueError, match="this is a sonarr"):
        sonarr.load(ArrState("radarr"))


def test_a_control_request_that_makes_no_sense_is_told(sonarr: StandIn) -> None:
    with pytest.raises(ValueError, match="There is no change 'paint'"):
        sonarr.change("paint")
    with pytest.raises(ValueError, match="KeyError: 99"):
        sonarr.change("remove_media", id=99)
    response = requests.get(f"{sonarr.url}/__control/nothing", timeout=PATIENCE)
    assert (response.status_code, response.json()["error"]) == (422, "There is no GET /__control/nothing.")
