"""The rows of a title's files follow the application, and facts stay with the file they were read from."""

from __future__ import annotations

from dataclasses import replace
from unittest import mock

import pytest
from django.utils import timezone

from core import sql
from core.errors import StorageError
from library.clients import RemoteFile
from library.files import fetch_files, list_files, save_files, save_movie_files, store_new_files
from library.models import File, FileProblem, Media
from scanner.models import Policy, Verdict
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


def read(file: File, *, size: int | None = None, on_disk: bool = True) -> File:
    """Give a file facts, as a probe (or the app's own account) does."""
    file.tracks, file.languages, file.engine = [{"kind": "audio"}], ["jpn"], "header"
    file.size = file.size if size is None else size
    file.mtime_ns = 123 if on_disk else 0
    file.probed_at, file.verdict = timezone.now(), Verdict.DUB
    file.save()
    return file


def has_facts(file: File) -> bool:
    file.refresh_from_db()
    facts = (bool(file.tracks), bool(file.languages), bool(file.engine), bool(file.probed_at))
    assert len(set(facts)) == 1, "facts are kept whole or not at all"
    assert (file.verdict == Verdict.DUB) == facts[0]
    return facts[0]


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
    assert (first.arr_languages, first.arr_audio_streams, first.problem) == ("jpn/eng", 2, FileProblem.NONE)
    assert sorted(media.seasons.values_list("number", flat=True)) == [0, 1]


def test_saving_the_same_again_writes_nothing(media, django_assert_num_queries):
    save_files(media, [ONE, TWO])
    with (
        mock.patch.object(sql, "fetch", wraps=sql.fetch) as fetched,
        mock.patch.object(sql, "change", wraps=sql.change) as changed,
        # A savepoint and its release, the seasons, the rows to compare.
        django_assert_num_queries(4) as queries,
    ):
        save_files(media, [ONE, TWO])
    # The lock, and the rows to return.
    assert fetched.call_count == 2
    sent = [query["sql"] for query in queries] + [call.args[0] for call in changed.call_args_list]
    assert not [text for text in sent if text.startswith(("UPDATE", "INSERT", "DELETE"))]


def test_files_of_which_nothing_is_known_are_stored_with_what_is_told_of_them(media):
    save_files(media, [TWO])
    File.objects.all().delete()
    files = list_files(media, [TWO, ONE])
    assert [file.path for file in files] == [ONE.path, TWO.path]
    assert not File.objects.exists()
    files[0].verdict, files[0].tracks = Verdict.DUB, [{"kind": "audio"}]
    store_new_files(media.pk, files)
    found = list(File.objects.order_by("path"))
    assert [(file.pk, file.verdict, len(file.tracks)) for file in found] == [
        (files[0].pk, "dub", 1),
        (files[1].pk, "unknown", 0),
    ]
    assert {str(file.season) for file in found} == {"Season 1"}


def test_seasons_that_are_not_known_yet_are_made_at_once(media):
    assert {str(file.season) for file in list_files(media, [ONE, SPECIAL])} == {"Season 1", "Specials"}


def test_new_files_are_not_stored_beside_those_of_another_scan(media):
    save_files(media, [ONE])
    File.objects.all().delete()
    files = list_files(media, [ONE])
    save_files(media, [replace(ONE, path="/tv/L/renamed.mkv")])
    with pytest.raises(StorageError, match="Another scan"):
        store_new_files(media.pk, files)
    assert [file.path for file in File.objects.all()] == ["/tv/L/renamed.mkv"]


def test_listing_the_same_again_writes_nothing_and_takes_no_lock(media, django_assert_num_queries):
    stored = save_files(media, [ONE, TWO])
    with (
        mock.patch.object(sql, "fetch", wraps=sql.fetch) as fetched,
        django_assert_num_queries(0),
    ):
        files = list_files(media, [TWO, ONE])
    assert [file.pk for file in files] == [file.pk for file in stored]
    assert [call.args[0].split()[0] for call in fetched.call_args_list] == ["SELECT", "SELECT"]


def test_listing_what_changed_stores_it_at_once(media):
    file = read(save_files(media, [ONE])[0])
    (kept,) = list_files(media, [replace(ONE, arr_file_id=21, size=999)])
    assert (kept.pk, kept.arr_file_id, kept.tracks) == (file.pk, 21, [])
    assert not has_facts(file)


def test_a_file_that_is_gone_goes(media):
    save_files(media, [ONE, TWO])
    assert [file.path for file in save_files(media, [TWO])] == [TWO.path]
    assert save_files(media, []) == []


def test_facts_are_kept_while_the_file_is_the_same(media):
    file = read(save_files(media, [ONE])[0])
    save_files(media, [replace(ONE, arr_languages="eng", episodes=(1, 2), episode_ids=(101, 102))])
    assert has_facts(file)
    assert (file.arr_languages, file.episodes) == ("eng", [1, 2])


def test_a_file_that_replaces_another_in_its_place_keeps_the_row_and_not_the_facts(media):
    file = read(save_files(media, [ONE])[0])
    (kept,) = save_files(media, [replace(ONE, arr_file_id=21, size=999)])
    assert kept.pk == file.pk
    assert not has_facts(file)
    assert (file.arr_file_id, file.size, file.mtime_ns) == (21, 999, 0)


def test_the_size_on_disk_is_believed_over_the_apps(media):
    file = read(save_files(media, [ONE])[0], size=705)
    save_files(media, [ONE])
    assert has_facts(file)
    assert file.size == 705


def test_another_size_is_another_file_where_only_the_app_knows_it(media):
    file = read(save_files(media, [ONE])[0], on_disk=False)
    save_files(media, [replace(ONE, size=701)])
    assert not has_facts(file)
    assert file.size == 701


def test_a_renamed_file_keeps_its_row_and_its_facts(media):
    file = read(save_files(media, [ONE])[0])
    (kept,) = save_files(media, [replace(ONE, path="/tv/L/Season 1/S01E01.mkv")])
    assert kept.pk == file.pk
    assert has_facts(file)
    assert file.path == "/tv/L/Season 1/S01E01.mkv"


def test_files_that_swap_their_paths_are_read_again(media):
    first, second = (read(file) for file in save_files(media, [ONE, TWO]))
    save_files(media, [replace(ONE, path=TWO.path), replace(TWO, path=ONE.path)])
    assert not has_facts(first)
    assert not has_facts(second)
    assert (first.path, first.arr_file_id) == (ONE.path, 12)


def test_a_file_may_take_the_path_of_one_that_goes(media):
    first, second = (read(file) for file in save_files(media, [ONE, TWO]))
    save_files(media, [replace(TWO, path=ONE.path)])
    assert File.objects.get() == first
    assert not has_facts(first)
    assert not File.objects.filter(pk=second.pk).exists()


def test_a_file_that_could_not_be_reached_says_so_until_it_is_another(media):
    (file,) = save_files(media, [ONE])
    file.problem, file.error, file.stale = FileProblem.UNREACHABLE, "mount away", True
    file.save()
    (same,) = save_files(media, [ONE])
    assert (same.problem, same.error, same.stale) == (FileProblem.UNREACHABLE, "mount away", True)
    (other,) = save_files(media, [replace(ONE, arr_file_id=21)])
    assert (other.problem, other.error, other.stale) == (FileProblem.NONE, "", False)


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


def test_a_file_found_on_disk_that_the_app_then_names_keeps_its_facts(media):
    file = read(found_on_disk(media, FILM.path))
    save_movie_files({media.pk: FILM})
    assert has_facts(file)
    assert file.arr_file_id == 31
