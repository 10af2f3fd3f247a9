"""jellyfin-apiclient-python, which is not ours, reads and writes the stand-in Jellyfin."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from jellyfin_apiclient_python import JellyfinClient
from jellyfin_apiclient_python.exceptions import HTTPException

from demo.players.process import StandIn
from tests.waiting import wait_until


@pytest.fixture
def api(jellyfin: StandIn) -> Iterator[Any]:
    """The API of a client that a person signed in with a password."""
    client = JellyfinClient()
    client.config.app("Taggarr's tests", "1", "a machine", "device-1")
    client.config.data["auth.ssl"] = False
    client.auth.connect_to_address(jellyfin.url)
    client.auth.login(jellyfin.url, "someone", jellyfin.api_key)
    client.config.data["auth.server"] = jellyfin.url
    client.logged_in = True
    client.start()
    yield client.jellyfin
    client.stop()


def _titled(api: Any, title: str) -> dict[str, Any]:
    found: dict[str, Any] = api.search_media_items(title, media="Movie,Series")["Items"][0]
    return found


def test_a_wrong_password_is_refused(jellyfin: StandIn) -> None:
    client = JellyfinClient()
    client.config.app("Taggarr's tests", "1", "a machine", "device-1")
    client.auth.connect_to_address(jellyfin.url)
    assert client.auth.login(jellyfin.url, "someone", "wrong") == {}


def test_a_key_that_is_not_right_is_refused(api: Any) -> None:
    api.client.config.data["auth.token"] = "wrong"
    with pytest.raises(HTTPException, match="Unauthorized"):
        api.get_system_info()


def test_it_tells_who_it_is_and_what_it_has(api: Any) -> None:
    assert api.get_public_info(api.client.config.data["auth.server"])["ProductName"] == "Jellyfin Server"
    assert [row["Name"] for row in api.get_views()["Items"]] == ["Movies", "Shows"]
    assert [row["Locations"] for row in api.virtual_folders()] == [["/media/movies"], ["/media/tv"]]
    assert api.get_users()[0]["Policy"]["IsAdministrator"]


def test_items_carry_paths_ids_and_tags(api: Any) -> None:
    lantern = api.get_item(_titled(api, "Lantern")["Id"])
    assert lantern["Path"] == "/media/movies/Lantern (2019)/Lantern (2019).mkv"
    assert lantern["ProviderIds"] == {"Imdb": "tt9900001", "Tmdb": "7"}
    assert (lantern["Tags"], lantern["Genres"]) == (["Kids"], ["Drama", "Mystery"])
    assert [row["Name"] for row in api.get_items([lantern["Id"], "0" * 32])["Items"]] == ["Lantern"]


def test_a_series_has_seasons_and_episodes(api: Any) -> None:
    series = _titled(api, "Sparrows")
    assert [row["Name"] for row in api.get_seasons(series["Id"])["Items"]] == ["Season 1", "Season 2"]
    episodes = api.get_episodes(series["Id"])["Items"]
    assert [(row["ParentIndexNumber"], row["IndexNumber"]) for row in episodes] == [(1, 1), (1, 2), (2, 1)]


def test_an_item_is_sent_back_whole(api: Any, jellyfin: StandIn) -> None:
    number = _titled(api, "Lantern")["Id"]
    api.update_item(number, {"Tags": ["Kids", "dub"], "LockedFields": ["Tags"]})
    lantern = api.get_item(number)
    assert (lantern["Tags"], lantern["Overview"]) == (["Kids", "dub"], "A light at sea.")
    state = jellyfin.state().titled("Lantern")
    assert (state.locked, state.texts["summary"], state.year) == (["label"], "A light at sea.", 2019)
    assert jellyfin.report()["catastrophes"] == []


def test_a_refresh_takes_back_what_is_not_locked(api: Any, jellyfin: StandIn) -> None:
    number = _titled(api, "Lantern")["Id"]
    api.update_item(number, {"Tags": ["dub"], "Genres": ["Other"], "LockedFields": ["Tags"]})
    api.refresh_item(number, preset="replace")
    wait_until(lambda: jellyfin.state().titled("Lantern").lists["genre"] == ["Drama", "Mystery"])
    assert api.get_item(number)["Tags"] == ["dub"]


def test_a_picture_is_uploaded(api: Any, jellyfin: StandIn) -> None:
    number = _titled(api, "Comet")["Id"]
    # What its set_item_image() sends, which itself needs Python 3.12.
    headers = {"Content-type": "image/png"}
    picture_text = base64.b64encode(b"picture").decode()
    api.items(f"/{number}/Images/Primary", action="POST", data=picture_text, headers=headers)
    (picture,) = api.get_images(number)
    assert picture["ImageType"] == "Primary"
    assert jellyfin.state().titled("Comet").pictures["Primary"] == [picture["ImageTag"]]


def test_a_collection_holds_items(api: Any) -> None:
    comet = _titled(api, "Comet")["Id"]
    made = api.new_collection("Sky", [comet])["Id"]
    assert [row["Name"] for row in api.user_items(params={"ParentId": made})["Items"]] == ["Comet"]
    api.remove_collection_items(made, [comet])
    assert api.user_items(params={"ParentId": made})["Items"] == []


def test_an_item_that_is_gone_is_not_found(api: Any) -> None:
    number = _titled(api, "Comet")["Id"]
    api.delete_item(number)
    with pytest.raises(HTTPException, match="404"):
        api.get_item(number)
