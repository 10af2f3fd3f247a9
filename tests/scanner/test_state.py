"""Titles, seasons and files have their states from their first moment to their last, whoever makes them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection as database

from core import sql
from library.models import File, Media, Season
from scanner.models import FileScanState, Known, ScanState, SeasonScanState, Verdict

pytestmark = pytest.mark.django_db


def rows(connection, *numbers):
    return [Media(connection=connection, arr_id=n, title=f"T{n}", path=f"/tv/{n}") for n in numbers]


def make_by_statement(connection):
    with database.cursor() as cursor:
        cursor.execute(
            "INSERT INTO library_media SELECT (jsonb_populate_record(media, %s::jsonb)).*"
            " FROM library_media AS media",
            ['{"id": 4711, "arr_id": 9}'],
        )


def make_as_a_sync(connection):
    sql.upsert(rows(connection, 1, 9), unique=("connection", "arr_id"), fields=["path"])


WAYS = {
    "one": lambda connection: rows(connection, 9)[0].save(),
    "many": lambda connection: Media.objects.bulk_create(rows(connection, 8, 9)),
    "sync": make_as_a_sync,
    "statement": make_by_statement,
}


def values(state: Any) -> list[Any]:
    return [getattr(state, field.attname) for field in state._meta.concrete_fields]


@pytest.mark.parametrize("way", WAYS)
def test_every_title_has_a_state_that_says_nothing_yet(series_instance, way):
    rows(series_instance, 1)[0].save()
    ScanState.objects.update(verdict=Verdict.DUB, dirty=True)

    WAYS[way](series_instance)

    state = Media.objects.get(arr_id=9).scan_state
    assert values(state) == values(ScanState(media=state.media))
    kept = Media.objects.get(arr_id=1).scan_state
    assert (kept.verdict, kept.dirty) == (Verdict.DUB, True)
    assert ScanState.objects.count() == Media.objects.count()


def test_so_have_seasons_and_files(series_instance):
    (media,) = Media.objects.bulk_create(rows(series_instance, 1))
    sql.insert([Season(media=media, number=n) for n in (1, 2)])
    sql.insert([File(media=media, path=f"/tv/1/{n}.mkv") for n in (1, 2)])
    for season in Season.objects.all():
        assert values(season.scan_state) == values(SeasonScanState(season=season))
    for file in File.objects.all():
        assert values(file.scan_state) == values(FileScanState(file=file))
        assert file.scan_state.known == Known()


def test_a_state_that_is_there_before_its_file_stays(series_instance):
    (media,) = Media.objects.bulk_create(rows(series_instance, 1))
    sql.insert([FileScanState(file_id=7, size=99)])
    sql.insert([File(pk=7, media=media, path="/tv/1.mkv"), File(pk=8, media=media, path="/tv/2.mkv")])
    assert dict(FileScanState.objects.values_list("pk", "size")) == {7: 99, 8: 0}


def test_what_goes_takes_its_state_along(series_instance):
    first, second = Media.objects.bulk_create(rows(series_instance, 1, 2))
    for media in (first, second):
        Season.objects.create(media=media, number=1)
        File.objects.create(media=media, path="/tv/1.mkv")
    File.objects.filter(media=second).delete()
    assert [state.file.media for state in FileScanState.objects.all()] == [first]
    first.delete()
    assert [state.media for state in ScanState.objects.all()] == [second]
    assert [state.season.media for state in SeasonScanState.objects.all()] == [second]
    series_instance.delete()
    assert not ScanState.objects.exists()
    assert not SeasonScanState.objects.exists()
    assert not FileScanState.objects.exists()
