"""Reading what the applications answer, and refusing what they cannot have answered."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.outbound.shapes import WireError, read_list, text
from library.clients.wire import (
    RemoteEpisode,
    RemoteFile,
    RemoteMedia,
    RemoteSeason,
    read_edited,
    read_episode,
    read_episode_file,
    read_movie,
    read_root_folder,
    read_series,
    read_status,
    read_tag,
    with_episodes,
)

SERIES: dict[str, Any] = {
    "id": 7,
    "title": "The Lantern",
    "sortTitle": "lantern",
    "titleSlug": "the-lantern",
    "year": 2019,
    "path": "/tv/The Lantern",
    "originalLanguage": {"id": 8, "name": "Japanese"},
    "genres": ["Anime", "Drama"],
    "overview": "A light at sea.",
    "tvdbId": 70001,
    "tmdbId": 0,
    "imdbId": "tt001",
    "monitored": True,
    "seasons": [{"seasonNumber": 0, "monitored": False}, {"seasonNumber": 1, "monitored": True}],
    "tags": [3, 1],
    "statistics": {"episodeFileCount": 12, "sizeOnDisk": 5_000_000_000},
}
MOVIE: dict[str, Any] = {
    "id": 4,
    "title": "Midnight Ferry",
    "path": "/movies/Midnight Ferry",
    "tmdbId": 900001,
    "movieFile": {
        "id": 21,
        "relativePath": "ferry.mkv",
        "path": "/movies/Midnight Ferry/ferry.mkv",
        "size": 900,
        "mediaInfo": {"audioLanguages": "eng/fre", "audioStreamCount": 3},
    },
}
NULLABLE_SERIES = [
    "title",
    "sortTitle",
    "titleSlug",
    "path",
    "originalLanguage",
    "genres",
    "overview",
    "imdbId",
    "seasons",
    "tags",
    "statistics",
]

words = st.text(max_size=8)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
# On a busy machine the first values take their time.
patient = settings(suppress_health_check=[HealthCheck.too_slow])


def file_of(**change: Any) -> RemoteFile:
    """The file of the movie, changed."""
    file = read_movie({**MOVIE, "movieFile": {**MOVIE["movieFile"], **change}}).movie_file
    assert file is not None
    return file


def attempt(read: Callable[[], Any]) -> Any:
    """What was read, or the WireError."""
    try:
        return read()
    except WireError as error:
        return error


def test_a_series_is_read():
    assert read_series(SERIES) == RemoteMedia(
        arr_id=7,
        title="The Lantern",
        sort_title="lantern",
        title_slug="the-lantern",
        year=2019,
        path="/tv/The Lantern",
        original_language="Japanese",
        genres=("Anime", "Drama"),
        overview="A light at sea.",
        tvdb_id=70001,
        tmdb_id=None,
        imdb_id="tt001",
        monitored=True,
        seasons=(RemoteSeason(0, False), RemoteSeason(1, True)),
        tag_ids=(3, 1),
        file_count=12,
        size_on_disk=5_000_000_000,
    )


def test_a_movie_is_read_with_its_file():
    movie = read_movie(MOVIE)
    assert movie.movie_file == RemoteFile(
        arr_file_id=21,
        path="/movies/Midnight Ferry/ferry.mkv",
        size=900,
        arr_languages="eng/fre",
        arr_audio_streams=3,
    )
    assert (movie.file_count, movie.size_on_disk, movie.tmdb_id) == (1, 900, 900001)


def test_a_movie_without_a_file_has_none():
    movie = read_movie({**MOVIE, "movieFile": None})
    assert movie.movie_file is None
    assert (movie.file_count, movie.size_on_disk) == (0, 0)


@pytest.mark.parametrize("name", NULLABLE_SERIES)
def test_null_is_the_empty_value_where_the_api_allows_it(name):
    read = read_series({**SERIES, name: None})
    assert read.arr_id == 7
    assert read_series({key: value for key, value in SERIES.items() if key != name}) == read


def test_a_series_of_nulls_is_still_a_series():
    read = read_series(dict.fromkeys(SERIES) | {"id": 7})
    assert (read.title, read.path, read.tag_ids, read.seasons, read.file_count) == ("No. 7", "", (), (), 0)


def test_a_title_that_is_missing_is_taken_from_the_folder():
    assert read_series({**SERIES, "title": None, "sortTitle": None}).title == "The Lantern"


def test_a_movie_file_without_a_path_lies_in_the_movies_folder():
    assert file_of(path=None).path == "/movies/Midnight Ferry/ferry.mkv"
    nowhere = {**MOVIE["movieFile"], "path": None, "relativePath": None}
    assert read_movie({**MOVIE, "movieFile": nowhere}).movie_file is None


@pytest.mark.parametrize(
    "info", [None, [], [1], {"audioLanguages": None, "audioStreamCount": None}, {"audioStreamCount": 10**9}]
)
def test_a_file_without_media_info_has_no_languages(info):
    file = file_of(mediaInfo=info)
    assert (file.arr_languages, file.arr_audio_streams) == ("", 0)


def test_an_unknown_original_language_is_empty():
    assert read_series({**SERIES, "originalLanguage": {"id": 0, "name": "Unknown"}}).original_language == ""


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": None}, "'id' should be a number"),
        ({"id": 0}, "'id' should be a number"),
        ({"id": "7"}, "and is a text"),
        ({"id": True}, "and is True"),
        ({"id": 2**31}, "'id' should be a number"),
        ({"tvdbId": "70001"}, "'tvdbId'"),
        ({"tvdbId": -1}, "'tvdbId'"),
        ({"tags": "3"}, "tags"),
        ({"tags": [3, None]}, "tags"),
        ({"seasons": {"1": True}}, "a list of seasons"),
        ({"seasons": [3]}, r"an object \(seasons\)"),
        ({"statistics": [1]}, "statistics"),
        ({"path": "/" + "x" * 5000}, "path is longer"),
    ],
)
def test_what_would_be_misread_is_refused(change, words):
    with pytest.raises(WireError, match=words):
        read_series({**SERIES, **change})


@pytest.mark.parametrize("data", [None, {}, "series", 3])
def test_a_list_must_be_a_list(data):
    with pytest.raises(WireError, match="a list of series was expected"):
        read_list(data, read_series, "series")


def test_one_record_that_cannot_be_read_spoils_the_list():
    with pytest.raises(WireError):
        read_list([SERIES, {"title": "no id"}], read_series, "series")


def test_a_movie_file_must_be_an_object():
    with pytest.raises(WireError, match="movie file"):
        read_movie({**MOVIE, "movieFile": [1]})


def test_an_episode_file_finds_its_episodes():
    record = {"id": 3, "path": "/tv/a.mkv", "size": 5, "seasonNumber": 2}
    listed = read_episode_file(record)
    file = with_episodes(listed, [RemoteEpisode(3, 41, 2), RemoteEpisode(3, 40, 1, monitored=False)])
    assert file.monitored
    assert (file.season, file.episodes, file.episode_ids) == (2, (1, 2), (40, 41))
    assert with_episodes(listed, []).episodes == ()
    assert with_episodes(listed, []).monitored
    assert not with_episodes(listed, [RemoteEpisode(3, 41, 2, monitored=False)]).monitored


def test_an_episode_file_without_a_path_is_refused():
    with pytest.raises(WireError, match="episode file 3 has no path"):
        read_episode_file({"id": 3, "path": None, "relativePath": "a.mkv"})


def test_the_small_records_are_read():
    assert read_tag({"id": 2, "label": "kids"}) == (2, "kids")
    assert read_tag({"id": 2, "label": None}) == (2, "")
    assert read_edited({"id": 4, "tags": None}) == (4, [])
    assert read_episode({"id": 9, "episodeNumber": 3}) == RemoteEpisode(0, 9, 3)
    assert not read_episode({"id": 9, "monitored": False}).monitored
    assert read_root_folder({"path": "/tv", "accessible": False}) == "/tv"
    assert read_root_folder({"path": None}) == ""


@pytest.mark.parametrize("data", [{}, {"appName": None}, {"appName": ""}, {"appName": 3}, []])
def test_a_status_must_name_its_application(data):
    with pytest.raises(WireError):
        read_status(data)


def test_text_holds_nothing_that_the_database_refuses():
    assert text("a\x00b", None) == "ab"
    assert text("\ud800Ünter\x00wegs 🎬", None) == "Ünterwegs 🎬"
    assert text("abcdef", 3) == "abc"


@patient
@given(st.dictionaries(st.sampled_from(sorted(SERIES)), json_values))
def test_whatever_comes_is_read_or_refused_with_a_sentence(change):
    media = attempt(lambda: read_series({**SERIES, **change}))
    if isinstance(media, WireError):
        assert str(media)
    else:
        assert media.arr_id > 0
        assert all(type(tag) is int for tag in media.tag_ids)
        assert len(media.title) <= 500
        assert "\x00" not in f"{media.title}{media.path}{media.genres}{media.imdb_id}".encode().decode()


@patient
@given(json_values)
def test_whatever_comes_as_a_list_is_a_list_or_refused(data):
    read = attempt(lambda: read_list(data, read_movie, "movie"))
    assert isinstance(read, list) or "expected" in str(read) or "should be" in str(read)


def test_a_series_fingerprint_changes_with_files_sizes_and_folder():
    def of(**change: Any) -> str:
        return read_series({**SERIES, **change}).fingerprint

    fingerprints = [
        of(),
        of(path="/tv2/The Lantern"),
        of(statistics={"episodeFileCount": 13, "sizeOnDisk": 5_000_000_000}),
        of(statistics={"episodeFileCount": 12, "sizeOnDisk": 5_000_000_001}),
    ]
    assert len(set(fingerprints)) == 4
    assert of(title="Another", tags=[9]) == of()
    assert max(map(len, fingerprints)) <= 100


def test_a_movie_fingerprint_changes_with_its_file():
    def of(**change: Any) -> str:
        return read_movie({**MOVIE, "movieFile": {**MOVIE["movieFile"], **change}}).fingerprint

    info = {"audioLanguages": "eng", "audioStreamCount": 3}
    fingerprints = [of(), of(id=22), of(size=901), of(path="/movies/x.mkv"), of(mediaInfo=info)]
    assert len(set(fingerprints)) == 5
    assert read_movie({**MOVIE, "movieFile": None}).fingerprint not in fingerprints
