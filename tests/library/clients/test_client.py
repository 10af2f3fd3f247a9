"""The calls of the two clients, against the stand-ins."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from core.errors import ApiPermanentError, ApiTransientError
from library.clients import RadarrClient, RemoteFile, SonarrClient, Status, client_class


def calls(stand_in) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (entry["method"], entry["path"].removeprefix("/api/v3/"), entry["query"])
        for entry in stand_in.journal()
    ]


def test_the_status_names_the_application(series_client, movie_client):
    assert series_client.status() == Status("Sonarr", "4.0.15.2941")
    assert movie_client.status().app_name == "Radarr"


def test_a_client_tells_which_application_answers_even_the_wrong_one(radarr):
    assert SonarrClient(radarr.url, radarr.api_key).status().app_name == "Radarr"


def test_each_kind_has_its_client():
    assert client_class("sonarr") is SonarrClient
    assert client_class("radarr") is RadarrClient


def test_series_are_listed(series_client):
    first, second = series_client.media()
    assert (first.title, first.original_language, first.genres) == ("Lantern Harbour", "Japanese", ("Anime",))
    assert (first.file_count, first.size_on_disk) == (3, 1100)
    assert [(season.number, season.monitored) for season in second.seasons] == [(1, True), (2, False)]


def test_movies_are_listed_with_their_files(movie_client):
    first, second = movie_client.media()
    assert first.movie_file.arr_languages == "eng/fre"
    assert second.movie_file is None


def test_one_media_is_asked_for(series_client):
    assert series_client.one_media(1).title == "Lantern Harbour"
    assert series_client.one_media(99) is None


def test_a_404_that_is_not_the_apps_is_no_proof_that_a_media_is_gone(series_client, sonarr):
    with responses.RequestsMock() as net:
        net.get(
            f"{sonarr.url}/api/v3/series/1", body="404 page not found", status=404, content_type="text/plain"
        )
        with pytest.raises(ApiPermanentError):
            series_client.one_media(1)


def test_a_list_that_names_one_media_twice_is_not_believed(series_client, sonarr):
    record = {"id": 1, "title": "Twice", "path": "/tv/Twice"}
    with responses.RequestsMock() as net:
        net.get(f"{sonarr.url}/api/v3/series", json=[record, record])
        with pytest.raises(ApiPermanentError, match="Anime: its list names the same series twice"):
            series_client.media()


def test_the_files_of_a_series_come_with_their_episodes_in_two_requests(series_client, sonarr):
    double, single, special = series_client.files(1)
    assert double.path == "/tv/Lantern Harbour/S01E01-E02.mkv"
    assert (double.season, double.episodes, len(double.episode_ids)) == (1, (1, 2), 2)
    assert (double.arr_languages, double.size) == ("jpn/eng", 700)
    assert (single.episodes, single.arr_audio_streams) == ((3,), 2)
    assert special.season == 0
    assert calls(sonarr) == [("GET", "episodefile", {"seriesId": "1"}), ("GET", "episode", {"seriesId": "1"})]


def test_the_file_of_a_movie_comes_with_the_movie(movie_client, radarr):
    assert movie_client.files(1) == [
        RemoteFile(
            arr_file_id=1,
            path="/movies/Midnight Ferry/Midnight Ferry.mkv",
            size=900,
            arr_languages="eng/fre",
            arr_audio_streams=2,
        )
    ]
    assert movie_client.files(2) == []
    assert calls(radarr) == [("GET", "movie/1", {}), ("GET", "movie/2", {})]


@pytest.mark.parametrize("client", ["series_client", "movie_client"])
def test_the_files_of_a_media_that_is_gone_are_an_error_and_not_none(client, request):
    with pytest.raises(ApiPermanentError) as caught:
        request.getfixturevalue(client).files(99)
    assert caught.value.status == 404


def test_tags_are_listed_by_id(movie_client):
    assert sorted(movie_client.tags().values()) == ["4k", "kids"]


def test_a_tag_is_made_once(movie_client, radarr):
    made = movie_client.create_tag("dub")
    assert movie_client.create_tag("dub") == made
    assert movie_client.tags()[made] == "dub"
    assert movie_client.create_tag("kids") in movie_client.tags()


def test_making_a_tag_may_be_repeated(movie_client, radarr, naps):
    radarr.fault("status", "/tag", method="POST", status=503, after=True)
    made = movie_client.create_tag("dub")
    assert [tag.id for tag in radarr.state().tags.values() if tag.label == "dub"] == [made]


def test_a_label_that_the_app_refuses_is_told(movie_client):
    with pytest.raises(ApiPermanentError, match="Allowed characters a-z, 0-9 and -"):
        movie_client.create_tag("semi dub")


def test_a_conflict_over_a_tag_ends_with_the_one_that_is_there(series_client, sonarr):
    with responses.RequestsMock() as net:
        net.post(f"{sonarr.url}/api/v3/tag", json={"message": "constraint failed"}, status=409)
        net.get(f"{sonarr.url}/api/v3/tag", json=[{"id": 4, "label": "dub"}])
        assert series_client.create_tag("Dub") == 4


def test_another_refusal_of_a_tag_is_not_looked_into(series_client, sonarr):
    with responses.RequestsMock() as net:
        net.post(f"{sonarr.url}/api/v3/tag", json={}, status=401)
        with pytest.raises(ApiPermanentError):
            series_client.create_tag("dub")


@pytest.mark.parametrize(
    ("client", "stand_in", "field"),
    [("series_client", "sonarr", "seriesIds"), ("movie_client", "radarr", "movieIds")],
)
def test_tags_are_added_and_removed_in_one_call_for_many(client, stand_in, field, request):
    client, stand_in = request.getfixturevalue(client), request.getfixturevalue(stand_in)
    kids = next(tag for tag, label in client.tags().items() if label == "kids")
    dub = client.create_tag("dub")
    stand_in.clear_journal()
    before = {media.arr_id: set(media.tag_ids) for media in client.media()}
    added = client.edit_tags([1, 2], [dub], "add")
    assert {arr_id: set(tags) for arr_id, tags in added.items()} == {i: before[i] | {dub} for i in (1, 2)}
    removed = client.edit_tags([1], [dub, kids], "remove")
    assert set(removed[1]) == before[1] - {kids}
    bodies = [entry["body"] for entry in stand_in.journal("PUT")]
    assert bodies == [
        {field: [1, 2], "tags": [dub], "applyTags": "add"},
        {field: [1], "tags": [dub, kids], "applyTags": "remove"},
    ]


def test_an_edit_that_meets_a_vanished_media_is_sent_once(series_client, sonarr, naps):
    with pytest.raises(ApiTransientError) as caught:
        series_client.edit_tags([1, 99], [1], "add")
    assert caught.value.status == 500
    assert len(sonarr.journal("PUT")) == 1


def test_an_edit_that_meets_a_busy_app_is_repeated(series_client, sonarr, naps):
    sonarr.fault("status", "/editor", status=503)
    assert series_client.edit_tags([1], [1], "add") == {1: [1]}
    assert len(sonarr.journal("PUT")) == 2


@pytest.mark.parametrize(
    ("client", "stand_in", "name", "field"),
    [
        ("series_client", "sonarr", "RescanSeries", "seriesId"),
        ("movie_client", "radarr", "RescanMovie", "movieId"),
    ],
)
def test_a_command_names_its_media_and_is_never_repeated(client, stand_in, name, field, request, naps):
    client, stand_in = request.getfixturevalue(client), request.getfixturevalue(stand_in)
    client.command(name, 2)
    assert stand_in.journal("POST")[0]["body"] == {"name": name, field: 2}
    stand_in.fault("status", "/command", status=503)
    with pytest.raises(ApiTransientError):
        client.command(name, 2)
    assert len(stand_in.journal("POST")) == 2


def test_root_folders_are_listed(series_client):
    assert series_client.root_folders() == ["/tv"]


def test_what_else_writes_metadata_is_told_as_far_as_it_is_on(sonarr, series_client):
    assert series_client.metadata_consumers() == []
    sonarr.change("add_consumer", name="Kodi (XBMC) / Emby")
    sonarr.change("add_consumer", name="Roksbox", enabled=False)
    assert series_client.metadata_consumers() == ["Kodi (XBMC) / Emby"]


def test_ping_is_one_request_that_needs_no_key(sonarr, naps):
    SonarrClient(sonarr.url, "any-key").ping()
    sonarr.fault("status", "/ping", status=503)
    with pytest.raises(ApiTransientError):
        SonarrClient(sonarr.url, "any-key").ping()
    assert [call[1] for call in calls(sonarr)] == ["/ping", "/ping"]


def test_a_client_tells_its_name_and_whether_it_may_write(sonarr):
    client = SonarrClient(sonarr.url, sonarr.api_key, name="Anime", read_only=True)
    assert client.name == "Anime"
    assert repr(client) == f"<Sonarr 'Anime' at {sonarr.url}>"
    for write in (
        lambda: client.create_tag("dub"),
        lambda: client.edit_tags([1], [1], "add"),
        lambda: client.command("RescanSeries", 1),
    ):
        with pytest.raises(ApiPermanentError, match="dry run"):
            write()
    assert sonarr.journal() == []
