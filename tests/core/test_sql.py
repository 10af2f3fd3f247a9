"""Many rows in one statement: what is read back is what was written."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import DataError, IntegrityError
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from core import sql
from history.models import Event
from library.models import File, Media, Season, Tag
from scanner.models import FileProblem, FileScanState, ManagedLabel
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db

TRACKS = [{"kind": "audio", "language": "jpn", "title": "Größe “A” \\ '\"", "channels": 6, "original": None}]
FIELDS = ["season", "size", "episodes"]
FACTS = ["tracks", "languages", "probed_at", "problem", "stale"]


@pytest.fixture
def series_instance(policy):
    return make_connection(name="Anime", kind="sonarr", url="http://s.test", api_key="key", policy=policy)


@pytest.fixture
def media(series_instance):
    return Media.objects.create(connection=series_instance, arr_id=1, title="Lantern Harbour", path="/tv/a")


def files_of(media, number):
    return [File(media=media, path=f"/tv/a/{n}.mkv", size=n) for n in range(number)]


def test_inserted_rows_have_their_keys_in_their_order_and_are_all_there(media):
    rows = files_of(media, 7)
    sql.insert(rows, unique=("media", "path"))
    assert [row.pk for row in rows] == list(File.objects.order_by("size").values_list("pk", flat=True))
    assert not any(row._state.adding for row in rows)


def test_a_row_gets_its_own_key_in_whatever_order_the_database_returns_them(media, monkeypatch):
    fetch = sql.fetch
    monkeypatch.setattr(sql, "fetch", lambda *given: fetch(*given)[::-1])
    rows = files_of(media, 3)
    sql.insert(rows, unique=("media", "path"))
    tags = [Tag(connection=media.connection, arr_id=n, label=f"label-{n}") for n in range(3)]
    sql.upsert(tags, unique=("connection", "arr_id"), fields=("label",))
    assert {row.pk: row.path for row in rows} == dict(File.objects.values_list("pk", "path"))
    assert {tag.pk: tag.label for tag in tags} == dict(Tag.objects.values_list("pk", "label"))


def test_every_kind_of_field_comes_back_as_it_was_written(media):
    row = File(media=media, path="/tv/a/“x”.mkv")
    sql.insert([row], unique=("media", "path"))
    row.season, row.size, row.episodes = Season.objects.create(media=media, number=2), 2**40, []
    assert sql.update([row], FIELDS) == 1
    state = FileScanState(file=row, tracks=TRACKS, languages=["jpn", "por-BR"])
    state.probed_at = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
    state.problem, state.stale = FileProblem.UNREACHABLE, True
    assert sql.update([state], FACTS) == 1
    read = File.objects.get()
    assert [getattr(read, name) for name in FIELDS] == [getattr(row, name) for name in FIELDS]
    assert [getattr(read.scan_state, name) for name in FACTS] == [getattr(state, name) for name in FACTS]
    assert read.path == "/tv/a/“x”.mkv"


def test_a_value_is_written_though_the_database_has_a_default_too(series_instance):
    sql.insert([ManagedLabel(connection=series_instance, label="audio-en", of_language=True)])
    assert ManagedLabel.objects.get().of_language


def test_an_update_leaves_other_fields_and_other_rows_alone(media):
    rows = files_of(media, 3)
    sql.insert(rows, unique=("media", "path"))
    for row in rows:
        row.monitored, row.size = False, 99
    sql.update(rows[:2], ["monitored"])
    found = File.objects.order_by("pk").values_list("monitored", "size")
    assert list(found) == [(False, 0), (False, 1), (True, 2)]


@pytest.mark.parametrize("knows_its_key", [False, True])
def test_an_upsert_writes_the_named_fields_of_the_rows_that_are_there(series_instance, knows_its_key):
    old = Tag.objects.create(connection=series_instance, arr_id=1, label="old")
    rows = [Tag(connection=series_instance, arr_id=n, label=f"new-{n}") for n in (1, 2)]
    rows[0].pk = old.pk if knows_its_key else None
    sql.upsert(rows, unique=("connection", "arr_id"), fields=("label",))
    assert rows[0].pk == old.pk
    assert list(Tag.objects.order_by("arr_id").values_list("label", flat=True)) == ["new-1", "new-2"]


def test_the_times_that_a_row_sets_itself_are_set(media):
    rows = [
        Event(kind="tags", code="x", subject_kind="media", subject_id=media.pk, before=None, after={"a": [1]})
    ]
    sql.insert(rows)
    read = Event.objects.get()
    assert (read.time, read.before, read.after) == (rows[0].time, None, {"a": [1]})
    assert read.time is not None


def test_a_second_row_with_the_same_key_is_refused(media):
    sql.insert(files_of(media, 1))
    with pytest.raises(IntegrityError):
        sql.insert(files_of(media, 1))


def test_a_text_longer_than_its_column_is_refused(media):
    with pytest.raises(DataError):
        sql.insert([File(media=media, path="x" * 5000)])


def test_more_rows_than_one_statement_takes_are_all_written(media, monkeypatch):
    monkeypatch.setattr(sql, "BATCH", 3)
    rows = files_of(media, 8)
    sql.insert(rows, unique=("media", "path"))
    for row in rows:
        row.size += 100
    assert sql.update(rows, ["size"]) == 8
    assert set(File.objects.values_list("size", flat=True)) == {100 + n for n in range(8)}


def test_no_rows_cost_no_statement(media):
    with CaptureQueriesContext(database) as queries:
        sql.insert([])
        sql.upsert([], unique=("media",), fields=("size",))
        assert sql.update([], ["size"]) == 0
    assert not queries.captured_queries


def test_whoever_counts_queries_sees_those_that_pass_django_by(media, django_assert_num_queries):
    with django_assert_num_queries(2):
        sql.insert(files_of(media, 2))
        sql.fetch_all(("SELECT 1", []))


def test_rows_that_have_their_keys_keep_them(media):
    sql.insert([File(pk=9, media=media, path="/tv/a/1.mkv"), File(pk=7, media=media, path="/tv/a/2.mkv")])
    assert dict(File.objects.values_list("pk", "path")) == {9: "/tv/a/1.mkv", 7: "/tv/a/2.mkv"}


def test_what_is_sent_together_within_another_is_a_part_of_that(media):
    with sql.together():
        with sql.together():
            sql.insert(files_of(media, 2))
            assert database.connection.info.pipeline_status
        assert database.connection.info.pipeline_status
    assert not database.connection.info.pipeline_status
    assert File.objects.count() == 2


def test_an_update_finds_its_rows_by_the_index_however_old_the_statistics_are(media):
    rows = files_of(media, 2000)
    sql.insert(rows)
    names = ("monitored",)
    records = sql._json(File, rows[:1], names, add=False)
    with database.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql._update(File, names)}", [records, [rows[0].pk]])
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "Update on library_file" in plan
    assert "Seq Scan" not in plan


def test_values_are_inserted_with_the_defaults_of_all_other_fields(media, monkeypatch):
    monkeypatch.setattr(sql, "BATCH", 2)
    values = [(media.pk, f"/tv/a/{n}.mkv", [n], 2**40) for n in range(3)]
    made = sql.insert_values(File, ("media", "path", "episodes", "size"), values, returning=("path",))

    assert {path: pk for pk, path in made} == dict(File.objects.values_list("path", "pk"))
    usual = File.objects.create(media=media, path="/tv/a/3.mkv", episodes=[3], size=2**40)
    theirs = {"id", "path", "episodes", *(one.attname for one in File._meta.fields if one.has_db_default())}
    for row in File.objects.exclude(pk=usual.pk):
        same = {one.attname for one in File._meta.concrete_fields} - theirs
        assert all(getattr(row, name) == getattr(usual, name) for name in same)
    assert sql.insert_values(File, ("media", "path"), []) == []
