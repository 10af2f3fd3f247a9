"""The rows of a title's files follow the application, and what is known of a file stays with it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import sql
from core.errors import StorageError
from library.clients import RemoteFile
from library.files import fetch_files, list_files, number_new_files, save_files, save_movie_files
from library.models import File, Media
from scanner.models import FileScanState, Policy
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db

ONE = RemoteFile(11, "/tv/L/S01E01.mkv", 700, 1, (101,), (1,), "jpn/eng", 2)
TWO = RemoteFile(12, "/tv/L/S01E02.mkv", 800, 1, (102,), (2,), "jpn", 1)
SPECIAL = RemoteFile(13, "/tv/L/S00E01.mkv", 100, 0, (103,), (1,), "jpn", 1)
FILM = RemoteFile(31, "/movies/F/f.mkv", 900, arr_languages="eng", arr_audio_streams=1)


@pytest.fixture
def media() -> Media:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    connection = make_connection(name="Anime", kind="sonarr", url="http://nas", api_key="k", policy=policy)
    return Media.objects.create(connection=connection, arr_id=1, title="Lantern Harbour", path="/tv/L")


def read(file: File) -> File:
    """Have something known of a file, as who reads it does."""
    FileScanState.objects.filter(file=file).update(engine="header")
    return file


def is_known(file: File) -> bool:
    return FileScanState.objects.filter(file=file, engine="header").exists()


def test_files_are_made_with_their_seasons(media, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        files = save_files(media, [TWO, ONE, SPECIAL])
    assert [(file.path[-10:], str(file.season)) for file in files] == [
        ("S00E01.mkv", "Specials"),
        ("S01E01.mkv", "Season 1"),
        ("S01E02.mkv", "Season 1"),
    ]
    first = files[1]
    assert (first.arr_file_id, first.size, first.episode_ids, first.episodes) == (11, 700, [101], [1])
    assert (first.arr_languages, first.arr_audio_streams) == ("jpn/eng", 2)
    assert sorted(media.seasons.values_list("number", flat=True)) == [0, 1]


def test_saving_the_same_again_writes_nothing(media, django_assert_num_queries):
    save_files(media, [ONE, TWO])
    # A savepoint and its release, the lock, the seasons, the rows to compare and to return.
    with django_assert_num_queries(6) as queries:
        save_files(media, [ONE, TWO])
    sent = [query["sql"] for query in queries]
    assert not [text for text in sent if text.startswith(("UPDATE", "INSERT", "DELETE"))]


def seasons_of(media) -> dict[int, int]:
    return dict(media.seasons.values_list("number", "pk"))


def test_the_first_files_of_a_title_are_stored_when_there_is_something_to_tell_of_them(media):
    save_files(media, [TWO])
    File.objects.all().delete()
    files = list_files(media, [TWO, ONE], [], seasons_of(media))
    assert [file.path for file in files] == [ONE.path, TWO.path]
    assert not File.objects.exists()
    sql.insert(number_new_files(media.pk, files))
    assert number_new_files(media.pk, files) == []
    found = list(File.objects.order_by("path"))
    assert [(file.pk, file.path) for file in found] == [(file.pk, file.path) for file in files]
    assert {str(file.season) for file in found} == {"Season 1"}


def test_seasons_that_are_not_known_yet_are_made_at_once(media):
    assert {str(file.season) for file in list_files(media, [ONE, SPECIAL], [], {})} == {
        "Season 1",
        "Specials",
    }


def test_new_files_are_not_stored_beside_those_of_another_scan(media):
    save_files(media, [ONE])
    File.objects.all().delete()
    files = list_files(media, [ONE], [], seasons_of(media))
    save_files(media, [replace(ONE, path="/tv/L/renamed.mkv")])
    with pytest.raises(StorageError, match="Another scan"):
        number_new_files(media.pk, files)
    assert [file.path for file in File.objects.all()] == ["/tv/L/renamed.mkv"]


def test_listing_the_same_again_writes_nothing_and_takes_no_lock(media, django_assert_num_queries):
    stored, seasons = save_files(media, [ONE, TWO]), seasons_of(media)
    with django_assert_num_queries(0):
        files = list_files(media, [TWO, ONE], stored, seasons)
    assert [file.pk for file in files] == [file.pk for file in stored]


def test_listing_what_changed_stores_it_at_once(media):
    rows = save_files(media, [ONE])
    (other,) = list_files(media, [replace(ONE, arr_file_id=21, size=999)], rows, seasons_of(media))
    assert (other.arr_file_id, other.size) == (21, 999)
    assert File.objects.get() == other


def test_a_file_that_is_gone_goes(media):
    save_files(media, [ONE, TWO])
    assert [file.path for file in save_files(media, [TWO])] == [TWO.path]
    assert save_files(media, []) == []


def test_a_file_stays_the_same_whatever_else_the_app_says_of_it(media):
    file = read(save_files(media, [ONE])[0])
    save_files(media, [replace(ONE, size=705, arr_languages="eng", episodes=(1, 2), episode_ids=(101, 102))])
    assert is_known(file)
    file.refresh_from_db()
    assert (file.size, file.arr_languages, file.episodes) == (705, "eng", [1, 2])


def test_a_file_that_takes_the_place_of_another_is_a_row_of_its_own(media):
    file = read(save_files(media, [ONE])[0])
    (other,) = save_files(media, [replace(ONE, arr_file_id=21, size=999)])
    assert (other.arr_file_id, other.size, other.path) == (21, 999, ONE.path)
    assert File.objects.get() == other != file
    assert not FileScanState.objects.filter(engine="header").exists()


def test_a_renamed_file_keeps_its_row(media):
    file = read(save_files(media, [ONE])[0])
    (kept,) = save_files(media, [replace(ONE, path="/tv/L/Season 1/S01E01.mkv")])
    assert kept.pk == file.pk
    assert is_known(file)
    assert kept.path == "/tv/L/Season 1/S01E01.mkv"


def test_files_that_swap_their_paths_are_read_again(media):
    first, second = (read(file) for file in save_files(media, [ONE, TWO]))
    save_files(media, [replace(ONE, path=TWO.path), replace(TWO, path=ONE.path)])
    assert not is_known(first)
    assert not is_known(second)
    assert dict(File.objects.values_list("path", "arr_file_id")) == {ONE.path: 12, TWO.path: 11}


def test_a_file_may_take_the_path_of_one_that_goes(media):
    first, second = (read(file) for file in save_files(media, [ONE, TWO]))
    save_files(media, [replace(TWO, path=ONE.path)])
    assert File.objects.get() == second
    assert File.objects.get().path == ONE.path
    assert is_known(second)
    assert not is_known(first)


def test_files_are_fetched_from_the_app(series_client, series_instance):
    media = Media(connection=series_instance, arr_id=1)
    assert [file.size for file in fetch_files(media, series_client)] == [700, 300, 100]


# Movies, many at once


def found_on_disk(media: Media, path: str) -> File:
    return File.objects.create(media=media, path=path, size=5)


def test_movie_files_come_change_and_go_in_few_statements(media, django_assert_max_num_queries):
    others = [
        Media.objects.create(connection=media.connection, arr_id=n, title=str(n), path="/m")
        for n in (2, 3, 4)
    ]
    changed, gone, same = others
    save_movie_files({changed.pk: FILM, gone.pk: FILM, same.pk: FILM, media.pk: None})
    after = {media.pk: FILM, changed.pk: replace(FILM, size=1), gone.pk: None, same.pk: FILM}
    with django_assert_max_num_queries(10):
        touched = save_movie_files(after)
    assert touched == {media.pk, changed.pk, gone.pk}
    assert dict(File.objects.values_list("media_id", "size")) == {media.pk: 900, changed.pk: 1, same.pk: 900}
    assert save_movie_files({}) == set()


def test_what_was_found_on_disk_stays_until_the_app_names_a_file(media):
    found_on_disk(media, "/movies/F/found.mkv")
    assert save_movie_files({media.pk: None}) == set()
    assert File.objects.count() == 1
    assert save_movie_files({media.pk: FILM}) == {media.pk}
    assert File.objects.get().path == FILM.path


def test_a_file_found_on_disk_that_the_app_then_names_is_the_same(media):
    file = read(found_on_disk(media, FILM.path))
    save_movie_files({media.pk: FILM})
    assert is_known(file)
    assert File.objects.get().arr_file_id == 31
