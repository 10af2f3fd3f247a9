"""The stand-ins behave as the real Sonarr and Radarr do."""

from __future__ import annotations

import pytest
import requests

from demo.arr import resources
from demo.arr.api import Server
from demo.arr.process import StandIn
from demo.arr.state import ArrState, Media
from tests.demo.conftest import Caller
from tests.waiting import PATIENCE


def labels(stand_in: StandIn, media_id: int = 1) -> set[str]:
    return stand_in.state().labels_of(media_id)


# Who it is, and who may ask


@pytest.mark.parametrize("kind", ["sonarr", "radarr"])
def test_status_tells_the_kind_and_the_version(kind: str, request: pytest.FixtureRequest) -> None:
    call = request.getfixturevalue(f"call_{kind}")
    status = call("GET", "system/status").json()
    assert status["appName"] == kind.capitalize()
    assert status["version"].count(".") == 3


def test_ping_needs_no_key(sonarr: StandIn) -> None:
    response = requests.get(f"{sonarr.url}/ping", timeout=PATIENCE)
    assert (response.status_code, response.json()) == (200, {"status": "OK"})


@pytest.mark.parametrize("headers", [{}, {"X-Api-Key": "wrong"}, {"X-Api-Key": "é"}])
def test_without_the_key_every_call_is_401(sonarr: StandIn, headers: dict[str, str]) -> None:
    encoded = {name: value.encode() for name, value in headers.items()}
    response = requests.get(f"{sonarr.url}/api/v3/series", headers=encoded, timeout=PATIENCE)
    assert (response.status_code, response.json()) == (401, {"error": "Unauthorized"})


def test_the_key_is_taken_from_the_query_too_and_is_not_in_the_journal(sonarr: StandIn) -> None:
    response = requests.get(f"{sonarr.url}/api/v3/tag?apikey={sonarr.api_key}", timeout=PATIENCE)
    assert response.status_code == 200
    assert sonarr.journal()[-1]["query"] == {}


def test_unknown_addresses_are_404(call_sonarr: Caller) -> None:
    assert call_sonarr("GET", "movie").status_code == 404
    assert call_sonarr("GET", "series/99").json()["message"] == "Series with ID 99 does not exist"
    assert call_sonarr("GET", "tag/99").status_code == 404


def test_under_a_url_base_other_requests_are_redirected() -> None:
    with StandIn("sonarr", url_base="/sonarr", api_key="another-key", version="3.0.9.1549") as stand_in:
        assert stand_in.url.endswith("/sonarr")
        root = stand_in.url.removesuffix("/sonarr")
        headers = {"X-Api-Key": "another-key"}
        wrong = requests.get(f"{root}/api/v3/tag", headers=headers, timeout=PATIENCE, allow_redirects=False)
        assert (wrong.status_code, wrong.headers["location"]) == (307, "/sonarr/api/v3/tag")
        right = requests.get(f"{stand_in.url}/api/v3/system/status", headers=headers, timeout=PATIENCE).json()
        assert (right["urlBase"], right["version"]) == ("/sonarr", "3.0.9.1549")
        assert [entry["path"] for entry in stand_in.journal()] == [
            "/api/v3/tag",
            "/sonarr/api/v3/system/status",
        ]


# Reading


def test_series_carry_statistics_and_their_root_folder(call_sonarr: Caller) -> None:
    first, second = call_sonarr("GET", "series").json()
    assert first["statistics"]["episodeFileCount"] == 2
    assert first["statistics"]["sizeOnDisk"] == 1000
    assert first["statistics"]["totalEpisodeCount"] == 4
    assert [season["statistics"]["episodeFileCount"] for season in first["seasons"]] == [1, 1]
    assert (first["rootFolderPath"], first["originalLanguage"]["name"]) == ("/tv", "Japanese")
    assert (second["statistics"]["episodeFileCount"], second["statistics"]["percentOfEpisodes"]) == (0, 100.0)


def test_a_list_can_be_narrowed_by_the_external_id(call_sonarr: Caller, call_radarr: Caller) -> None:
    tvdb_id = call_sonarr("GET", "series/2").json()["tvdbId"]
    assert [row["id"] for row in call_sonarr("GET", "series", tvdbId=tvdb_id).json()] == [2]
    assert call_sonarr("GET", "series", tvdbId=5).json() == []
    tmdb_id = call_radarr("GET", "movie/1").json()["tmdbId"]
    assert [row["id"] for row in call_radarr("GET", "movie", tmdbId=tmdb_id).json()] == [1]
    assert call_sonarr("GET", "series", tvdbId="x").status_code == 400


def test_episodes_and_files_are_joined_by_the_file_id(call_sonarr: Caller) -> None:
    files = {row["id"]: row for row in call_sonarr("GET", "episodefile", seriesId=1).json()}
    episodes = call_sonarr("GET", "episode", seriesId=1).json()
    double = [row["episodeNumber"] for row in episodes if row["episodeFileId"] == 1]
    assert double == [1, 2]
    assert files[1]["path"] == "/tv/The Lantern/Season 01/S01E01-E02.mkv"
    assert files[1]["mediaInfo"]["audioLanguages"] == "jpn/eng"
    assert files[2]["mediaInfo"]["audioStreamCount"] == 2
    without = next(row for row in episodes if row["episodeNumber"] == 3)
    assert (without["hasFile"], without["episodeFileId"], without["absoluteEpisodeNumber"]) == (False, 0, 3)
    assert [
        row["seasonNumber"] for row in call_sonarr("GET", "episode", seriesId=1, seasonNumber=0).json()
    ] == [0]
    assert call_sonarr("GET", "episode", seriesId=99).json() == []
    assert call_sonarr("GET", "episodefile", seriesId=99).status_code == 404


@pytest.mark.parametrize("path", ["episode", "episodefile"])
def test_a_file_list_without_its_series_is_400(call_sonarr: Caller, path: str) -> None:
    assert call_sonarr("GET", path).status_code == 400


def test_movies_show_their_file(call_radarr: Caller) -> None:
    first, second = call_radarr("GET", "movie").json()
    assert (first["hasFile"], first["movieFileId"], first["sizeOnDisk"]) == (True, 1, 900)
    assert first["movieFile"]["mediaInfo"]["audioLanguages"] == "eng/fre"
    assert (second["hasFile"], second["movieFileId"]) == (False, 0)
    assert "movieFile" not in second
    assert [row["movieId"] for row in call_radarr("GET", "moviefile", movieId=[1, 2]).json()] == [1]
    assert call_radarr("GET", "moviefile").status_code == 400
    assert call_radarr("GET", "moviefile", movieId="x").status_code == 400


def test_an_inaccessible_root_folder_is_told(call_sonarr: Caller) -> None:
    tv, away = call_sonarr("GET", "rootfolder").json()
    assert (tv["accessible"], away["accessible"]) == (True, False)
    assert "freeSpace" not in away


def test_deleting_a_file_record_changes_the_statistics(call_sonarr: Caller) -> None:
    assert call_sonarr("DELETE", "episodefile/1").status_code == 200
    assert call_sonarr("GET", "series/1").json()["statistics"]["episodeFileCount"] == 1
    assert call_sonarr("DELETE", "episodefile/1").status_code == 404


# Tags


def test_a_label_is_lower_cased_and_an_existing_one_answers_with_its_tag(call_sonarr: Caller) -> None:
    made = call_sonarr("POST", "tag", {"label": "Semi-Dub"})
    assert (made.status_code, made.json()) == (201, {"id": 2, "label": "semi-dub"})
    again = call_sonarr("POST", "tag", {"label": "semi-dub"})
    assert (again.status_code, again.json()["id"]) == (201, 2)
    assert [tag["label"] for tag in call_sonarr("GET", "tag").json()] == ["kids", "semi-dub"]


@pytest.mark.parametrize("label", ["wrong dub", "dub!", "düb", "", None, "dub\n"])
def test_other_labels_are_refused_with_a_list_of_failures(call_sonarr: Caller, label: str | None) -> None:
    response = call_sonarr("POST", "tag", {"label": label})
    assert response.status_code == 400
    assert {"propertyName", "errorMessage"} <= set(response.json()[0])
    assert response.json()[0]["propertyName"] == "Label"


def test_a_tag_can_be_renamed_but_not_into_another_one(call_sonarr: Caller, sonarr: StandIn) -> None:
    call_sonarr("POST", "tag", {"label": "dub"})
    assert call_sonarr("PUT", "tag/1", {"id": 1, "label": "dub"}).status_code == 409
    assert call_sonarr("PUT", "tag/1", {"id": 1, "label": "Children"}).json() == {
        "id": 1,
        "label": "children",
    }
    assert labels(sonarr) == {"children"}


def test_a_tag_in_use_cannot_be_deleted(call_sonarr: Caller) -> None:
    call_sonarr("POST", "tag", {"label": "unused"})
    assert call_sonarr("DELETE", "tag/1").status_code == 409
    assert call_sonarr("DELETE", "tag/2").status_code == 200
    assert [tag["id"] for tag in call_sonarr("GET", "tag").json()] == [1]


def test_housekeeping_deletes_unused_tags_and_their_ids_are_not_given_again(
    sonarr: StandIn, call_sonarr: Caller
) -> None:
    call_sonarr("POST", "tag", {"label": "dub"})
    sonarr.change("add_tag", label="delayed", used_elsewhere=True)
    assert sonarr.change("housekeeping") == {"deleted": ["dub"]}
    assert [tag["label"] for tag in call_sonarr("GET", "tag").json()] == ["kids", "delayed"]
    assert call_sonarr("POST", "tag", {"label": "dub"}).json()["id"] == 4


def test_details_of_a_tag_name_its_users(call_radarr: Caller) -> None:
    assert call_radarr("GET", "tag/detail/1").json()["movieIds"] == [1]
    assert len(call_radarr("GET", "tag/detail").json()) == 2


# The editor


def test_the_editor_adds_removes_and_replaces(radarr: StandIn, call_radarr: Caller) -> None:
    dub = call_radarr("POST", "tag", {"label": "dub"}).json()["id"]
    added = call_radarr("PUT", "movie/editor", {"movieIds": [1, 2], "tags": [dub], "applyTags": "add"})
    assert added.status_code == 202
    assert [row["tags"] for row in added.json()] == [[1, 2, dub], [dub]]
    # The real editors leave these out; a client that trusts them here would lose its fingerprints.
    assert "statistics" not in added.json()[0]
    call_radarr("PUT", "movie/editor", {"movieIds": [1], "tags": [1], "applyTags": "remove"})
    assert labels(radarr) == {"dub", "kids"}
    call_radarr("PUT", "movie/editor", {"movieIds": [1], "tags": [1], "applyTags": "replace"})
    assert labels(radarr) == {"4k"}
    assert labels(radarr, 2) == {"dub"}


def test_the_editor_takes_a_removal_of_what_is_not_there(call_sonarr: Caller) -> None:
    body = {"seriesIds": [1, 2], "tags": [77], "applyTags": "remove"}
    assert call_sonarr("PUT", "series/editor", body).status_code == 202


def test_the_editor_sets_what_else_it_is_given(sonarr: StandIn, call_sonarr: Caller) -> None:
    call_sonarr("PUT", "series/editor", {"seriesIds": [1], "monitored": False, "qualityProfileId": 1})
    assert sonarr.state().media[1].monitored is False
    assert labels(sonarr) == {"kids"}


def test_a_vanished_id_fails_the_whole_editor_call(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.change("vanish_on_edit", ids=[2])
    assert len(call_sonarr("GET", "series").json()) == 2
    body = {"seriesIds": [1, 2], "tags": [7], "applyTags": "add"}
    response = call_sonarr("PUT", "series/editor", body)
    assert response.status_code == 500
    assert response.json()["message"] == "Expected query to return 2 rows but returned 1"
    assert [row["tags"] for row in call_sonarr("GET", "series").json()] == [[1]]
    assert call_sonarr("PUT", "series/editor", {**body, "seriesIds": [1]}).status_code == 202


def test_one_invalid_series_fails_the_whole_editor_call(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.change("invalidate", id=2)
    body = {"seriesIds": [1, 2], "tags": [7], "applyTags": "add"}
    response = call_sonarr("PUT", "series/editor", body)
    assert response.status_code == 400
    assert response.json()[0]["propertyName"] == "QualityProfileId"
    assert [row["tags"] for row in call_sonarr("GET", "series").json()] == [[1], []]
    sonarr.change("invalidate", id=2, valid=True)
    assert call_sonarr("PUT", "series/editor", body).status_code == 202


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"seriesIds": None},
        {"seriesIds": ["1"]},
        {"seriesIds": [True]},
        {"seriesIds": [1], "tags": ["dub"]},
        {"seriesIds": [1], "tags": [1], "applyTags": "append"},
        {"seriesIds": [1], "tags": [1], "applyTags": 0},
    ],
)
def test_a_malformed_editor_body_is_400_and_changes_nothing(
    sonarr: StandIn, call_sonarr: Caller, body: object
) -> None:
    assert call_sonarr("PUT", "series/editor", body).status_code == 400
    assert labels(sonarr) == {"kids"}


def test_an_auto_tag_rule_takes_a_tag_off_again(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.change("auto_tag_remove", labels=["dub"])
    dub = call_sonarr("POST", "tag", {"label": "dub"}).json()["id"]
    body = {"seriesIds": [1], "tags": [dub], "applyTags": "add"}
    assert call_sonarr("PUT", "series/editor", body).json()[0]["tags"] == [1]
    sonarr.change("auto_tag_remove", labels=[])
    assert call_sonarr("PUT", "series/editor", body).json()[0]["tags"] == [1, dub]


# One title


def test_put_of_a_series_takes_what_the_body_says(sonarr: StandIn, call_sonarr: Caller) -> None:
    series = call_sonarr("GET", "series/1").json()
    series |= {"tags": [], "path": "/tv/Lantern", "monitored": False}
    series["seasons"][1]["monitored"] = False
    response = call_sonarr("PUT", "series/1", series)
    assert response.status_code == 202
    assert (response.json()["path"], response.json()["tags"]) == ("/tv/Lantern", [])
    assert sonarr.state().media[1].seasons == {0: True, 1: False}


def test_an_invalid_put_is_refused(call_radarr: Caller) -> None:
    movie = call_radarr("GET", "movie/1").json()
    assert call_radarr("PUT", "movie/1", {**movie, "path": ""}).json()[0]["propertyName"] == "Path"
    assert call_radarr("PUT", "movie/1", {**movie, "qualityProfileId": 9}).status_code == 400
    assert call_radarr("PUT", "movie/1", []).status_code == 400
    assert call_radarr("PUT", "movie/9", movie).json()["message"] == "Movie with ID 9 does not exist"
    response = call_radarr.session.put(
        f"{call_radarr.stand_in.url}/api/v3/movie/1", data="{", timeout=PATIENCE
    )
    assert response.status_code == 400


# Commands


def test_commands_are_taken_and_listed(sonarr: StandIn, call_sonarr: Caller) -> None:
    made = call_sonarr("POST", "command", {"name": "rescanseries", "seriesId": 1})
    assert (made.status_code, made.json()["name"]) == (201, "RescanSeries")
    assert [row["id"] for row in call_sonarr("GET", "command").json()] == [1]
    assert call_sonarr("GET", "command/1").json()["status"] == "completed"
    assert call_sonarr("GET", "command/2").status_code == 404
    assert sonarr.journal("POST")[0]["body"] == {"name": "rescanseries", "seriesId": 1}


def test_the_housekeeping_command_runs_it(call_sonarr: Caller) -> None:
    call_sonarr("POST", "tag", {"label": "dub"})
    call_sonarr("POST", "command", {"name": "Housekeeping"})
    assert [tag["label"] for tag in call_sonarr("GET", "tag").json()] == ["kids"]


@pytest.mark.parametrize("body", [{"name": "RescanMovie"}, {"name": None}, []])
def test_another_command_is_500_as_in_the_real_application(call_sonarr: Caller, body: object) -> None:
    assert call_sonarr("POST", "command", body).status_code == 500


# Work


def library_of_two_thousand() -> ArrState:
    state = ArrState("sonarr")
    for number in range(2000):
        series = state.add_series(f"Series {number}", f"/tv/{number}")
        state.add_episode_file(series.id, "S01E01.mkv", season=1, episodes=[1], audio="jpn")
    return state


def test_two_thousand_series_are_listed_in_one_answer(sonarr: StandIn, call_sonarr: Caller) -> None:
    sonarr.load(library_of_two_thousand())
    answer = call_sonarr("GET", "series")
    assert len(answer.json()) == 2000
    assert len(answer.content) > 1_000_000


def test_a_series_is_made_anew_only_when_it_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []
    make = resources.media_resource

    def counted(state: ArrState, media: Media) -> resources.Body:
        made.append(media.id)
        return make(state, media)

    monkeypatch.setattr(resources, "media_resource", counted)
    state = library_of_two_thousand()
    bodies = Server(state, "key").bodies
    for _ in range(3):
        assert len([bodies.of(media) for media in state.media.values()]) == 2000
    assert made == list(state.media)
    state.touch(7)
    assert len([bodies.of(media) for media in state.media.values()]) == 2000
    assert made[2000:] == [7]
