"""What the stand-in Jellyfin and Emby do beyond what Jellyfin's client asks."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from demo.players.process import StandIn
from demo.players.state import Item
from tests.waiting import PATIENCE


class Caller:
    def __init__(self, stand_in: StandIn) -> None:
        self.url = stand_in.url
        self.session = requests.Session()
        self.session.headers["Authorization"] = f'MediaBrowser Token="{stand_in.api_key}"'

    def __call__(self, method: str, path: str, /, json: object = None, **params: Any) -> requests.Response:
        return self.session.request(method, self.url + path, params=params, json=json, timeout=PATIENCE)

    def items(self, **params: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self("GET", "/Items", Recursive="true", **params).json()["Items"]
        return rows


@pytest.fixture
def call(jellyfin: StandIn) -> Caller:
    return Caller(jellyfin)


@pytest.fixture
def call_emby(emby: StandIn) -> Caller:
    return Caller(emby)


def titled(stand_in: StandIn, title: str) -> Item:
    return stand_in.state().titled(title)


# Who may ask


@pytest.mark.parametrize(
    ("old_keys", "allowed"), [(True, [200, 200, 200, 200, 200]), (False, [200, 401, 401, 200, 401])]
)
def test_a_key_is_read_where_the_version_reads_it(
    jellyfin: StandIn, old_keys: bool, allowed: list[int]
) -> None:
    jellyfin.change("quirks", old_keys=old_keys)
    key, info = jellyfin.api_key, f"{jellyfin.url}/System/Info"
    ways: list[Any] = [
        {"headers": {"Authorization": f'MediaBrowser Client="x", Token="{key}"'}},
        {"headers": {"X-Emby-Authorization": f'MediaBrowser Token="{key}"'}},
        {"headers": {"X-Emby-Token": key}},
        {"params": {"ApiKey": key}},
        {"params": {"api_key": key}},
    ]
    assert [requests.get(info, timeout=PATIENCE, **way).status_code for way in ways] == allowed
    refused = requests.get(info, headers={"X-Emby-Token": "wrong"}, timeout=PATIENCE)
    assert (refused.status_code, refused.content) == (401, b"")
    assert [entry["key_in_query"] for entry in jellyfin.journal()] == [False, False, False, True, True, False]


# Reading


def test_items_come_in_pages_with_the_fields_that_were_asked_for(call: Caller) -> None:
    page = call(
        "GET",
        "/Items",
        Recursive="true",
        IncludeItemTypes="Movie,Series",
        StartIndex=1,
        Limit=1,
        Fields="Path",
    ).json()
    assert (page["TotalRecordCount"], page["StartIndex"], len(page["Items"])) == (3, 1, 1)
    assert page["Items"][0]["Path"].endswith("Comet (2021).mkv")
    assert "Tags" not in page["Items"][0]


def test_items_are_found_by_tag_and_not_without_recursion(call: Caller) -> None:
    assert [row["Name"] for row in call.items(Tags="kids|other")] == ["Lantern"]
    assert call("GET", "/Items", Tags="kids").json()["Items"] == []


def test_an_id_is_the_same_when_the_file_comes_back(jellyfin: StandIn, call: Caller) -> None:
    path = "/media/movies/Comet (2021)/Comet (2021).mkv"
    before = call.items(SearchTerm="Comet")[0]["Id"]
    jellyfin.change("quirks", scan_seconds=-1)
    jellyfin.change("take_file", path=path)
    call("POST", "/Library/Refresh")
    jellyfin.work()
    assert call("GET", f"/Items/{before}").status_code == 404
    jellyfin.change("put_file", path=path)
    call("POST", "/Library/Refresh")
    jellyfin.work()
    assert call("GET", f"/Items/{before}").json()["Name"] == "Comet"


# Writing


def test_what_is_left_out_is_lost_and_is_a_catastrophe(jellyfin: StandIn, call: Caller) -> None:
    number = call.items(SearchTerm="Lantern")[0]["Id"]
    body = {"Id": number, "Name": "Lantern", "Tags": ["dub"]}
    assert call("POST", f"/Items/{number}", body).status_code == 204
    lantern = titled(jellyfin, "Lantern")
    assert (lantern.year, lantern.texts) == (None, {"studio": "Harbour"})
    assert lantern.lists["genre"] == ["Drama", "Mystery"]
    (lost,) = jellyfin.report()["catastrophes"]
    assert lost == f"POST /Items/{number} took Overview, ProductionYear away"


def test_tags_of_a_series_go_down_to_its_seasons_and_episodes(jellyfin: StandIn, call: Caller) -> None:
    season = titled(jellyfin, "Season 2")
    body = call("GET", f"/Items/{season.key}").json()
    call("POST", f"/Items/{season.key}", {**body, "LockedFields": ["Tags"]})
    series = titled(jellyfin, "Sparrows").key
    body = call("GET", f"/Items/{series}").json()
    call("POST", f"/Items/{series}", {**body, "Tags": ["dub", "DUB ", "x"]})
    call("POST", f"/Items/{series}", {**body, "Tags": ["dub"]})
    state = jellyfin.state()
    assert state.titled("Season 1").lists["label"] == ["dub"]
    assert [row.lists["label"] for row in state.below(state.titled("Season 1").id)] == [["dub"], ["dub"]]
    assert state.titled("Season 2").lists["label"] == []


def test_a_body_of_the_wrong_shape_is_refused(jellyfin: StandIn, call: Caller) -> None:
    path = f"/Items/{titled(jellyfin, 'Lantern').key}"
    assert call("POST", path, {"Name": "x", "LockedFields": ["Colour"]}).status_code == 400
    assert call("POST", path, [1]).status_code == 400
    assert call("POST", path).status_code == 415
    assert call("POST", f"/Items/{'0' * 32}", {"Name": "x"}).status_code == 404
    assert titled(jellyfin, "Lantern").lists["label"] == ["Kids"]


def test_version_10_8_breaks_an_item_that_comes_without_its_lists(jellyfin: StandIn, call: Caller) -> None:
    jellyfin.change("quirks", lists_needed=True, scan_seconds=-1)
    path = f"/Items/{titled(jellyfin, 'Lantern').key}"
    assert call("POST", path, {"Name": "Lantern", "Tags": ["dub"]}).status_code == 400
    assert call("GET", path).status_code == 400
    call("POST", "/Library/Refresh")
    jellyfin.work()
    assert call("GET", path).json()["Tags"] == ["Kids"]


def test_a_tag_that_left_the_nfo_stays_until_all_is_replaced(jellyfin: StandIn, call: Caller) -> None:
    jellyfin.change("quirks", scan_seconds=-1)
    lantern = titled(jellyfin, "Lantern")
    nfo = "/media/movies/Lantern (2019)/movie.nfo"
    jellyfin.change("put_file", path=nfo, text="<movie><title>Lantern</title><tag>dub</tag></movie>")
    path = f"/Items/{lantern.key}/Refresh"
    call("POST", path, MetadataRefreshMode="FullRefresh")
    jellyfin.work()
    assert titled(jellyfin, "Lantern").lists["label"] == ["Kids", "dub"]
    call("POST", path, MetadataRefreshMode="FullRefresh", ReplaceAllMetadata="true")
    jellyfin.work()
    assert titled(jellyfin, "Lantern").lists["label"] == ["dub"]


def test_a_path_that_changed_scans_the_nearest_folder_it_knows(jellyfin: StandIn, call: Caller) -> None:
    jellyfin.change("quirks", scan_seconds=-1)
    new = "/media/tv/Sparrows (2018)/Season 01/Sparrows - S01E03.mkv"
    jellyfin.change("put_file", path=new)
    body = {"Updates": [{"Path": new, "UpdateType": "Created"}, {"Path": "/elsewhere/x.mkv"}]}
    assert call("POST", "/Library/Media/Updated", body).status_code == 204
    assert jellyfin.work() == ["Scanning Shows: /media/tv/Sparrows (2018)/Season 01"]
    assert jellyfin.state().at(new).number == 3


def test_a_picture_comes_as_base64(jellyfin: StandIn, call: Caller) -> None:
    path = f"{jellyfin.url}/Items/{titled(jellyfin, 'Comet').key}/Images/Primary"
    image = {"Content-Type": "image/jpeg"}
    assert call.session.post(path, data=b"cGljdHVyZQ==", headers=image, timeout=PATIENCE).status_code == 204
    assert call.session.post(path, data=b"\xff\xd8", headers=image, timeout=PATIENCE).status_code == 400
    assert call.session.get(path, timeout=PATIENCE).content == b"picture"


# Emby


def test_emby_has_doors_for_tags_alone(emby: StandIn, call_emby: Caller) -> None:
    number = titled(emby, "Lantern").id
    body = {"Tags": [{"Name": "dub"}, {"Name": "kids"}]}
    assert call_emby("POST", f"/emby/Items/{number}/Tags/Add", body).status_code == 200
    (row,) = call_emby.items(Ids=number, Fields="Tags")
    assert [tag["Name"] for tag in row["TagItems"]] == ["Kids", "dub"]
    call_emby("POST", f"/Items/{number}/Tags/Delete", {"Tags": [{"Name": "KIDS"}]})
    assert titled(emby, "Lantern").lists["label"] == ["dub"]
    assert call_emby("POST", f"/Items/{number}/Tags/Add", {"Tags": ["dub"]}).status_code == 400


def test_emby_finds_an_item_by_its_path_and_has_another_refusal(emby: StandIn, call_emby: Caller) -> None:
    path = "/media/movies/Comet (2021)/Comet (2021).mkv"
    assert [row["Name"] for row in call_emby.items(Path=path)] == ["Comet"]
    refused = requests.get(f"{emby.url}/emby/System/Info", timeout=PATIENCE)
    assert (refused.status_code, refused.text) == (401, "Access token is invalid or expired.")
    assert requests.get(f"{emby.url}/emby/System/Info/Public", timeout=PATIENCE).ok
