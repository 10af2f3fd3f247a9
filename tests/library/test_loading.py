"""Rows loaded by prepared statements are the rows that the ORM loads."""

from __future__ import annotations

import pytest
from django.db import connection as database
from django.forms.models import model_to_dict
from django.utils import timezone

from connections.models import Connection
from library.models import File, Media, PathMapping, Season
from scanner.loading import Rows, load_rows
from scanner.models import ManagedLabel, Policy
from tests.connections.build import make_connection
from tests.library.build import add_file, add_season, add_title

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(series_instance: Connection) -> Media:
    return add_title(
        connection=series_instance,
        arr_id=1,
        title="Lantern Harbour",
        path="/tv/a",
        genres=["Drama", "Ärger"],
        verdict_reason={"files": [1, None]},
        scanned_at=timezone.now(),
    )


def plain(row):
    return {
        **model_to_dict(row),
        "loaded": [getattr(row, field.attname) for field in row._meta.concrete_fields],
    }


def loaded(media: Media) -> Media:
    return rows_of(media).media


def rows_of(media: Media) -> Rows:
    found = load_rows(media.pk)
    assert found is not None
    return found


def test_a_media_comes_with_its_instance_and_policy_without_another_query(media, django_assert_num_queries):
    expected = Media.objects.select_related("scan_state", "connection__scan_settings__policy").get()
    with django_assert_num_queries(2):  # in one round trip
        found = loaded(media)
        assert found.scan_state.policy == expected.scan_state.policy
    assert [plain(row) for row in (found, found.scan_state, found.connection, found.scan_state.policy)] == [
        plain(row) for row in (expected, expected.scan_state, expected.connection, expected.scan_state.policy)
    ]


def test_the_key_of_the_instance_is_loaded_sealed(media):
    assert loaded(media).connection.reveal("api_key") == media.connection.reveal("api_key")


def test_a_policy_of_its_own_is_the_one_in_force(media, django_assert_num_queries):
    media.scan_state.policy_override = Policy.objects.create(name="German", target_languages=["deu"])
    media.scan_state.save()
    with django_assert_num_queries(2):  # in one round trip
        assert loaded(media).scan_state.policy.target_languages == ["deu"]


def test_a_media_that_is_not_there_is_none():
    assert load_rows(0) is None


def test_files_come_by_path_and_seasons_by_number(media, django_assert_num_queries):
    season = add_season(media=media, number=3, counts={"dub": 1})
    add_file(media=media, path="/tv/a/2.mkv", tracks=[{"kind": "audio"}], languages=["jpn"])
    add_file(media=media, path="/tv/a/1.mkv", season=season, probed_at=timezone.now())
    Season.objects.create(media=media, number=1, monitored=False)
    expected = list(File.objects.order_by("path"))
    states = [row.scan_state for row in expected]
    with django_assert_num_queries(2):  # in one round trip
        rows = rows_of(media)
        found = [row.scan_state for row in rows.files]
    assert [plain(row) for row in rows.files] == [plain(row) for row in expected]
    assert [plain(row) for row in found] == [plain(row) for row in states]
    assert [(one.number, one.monitored, one.counts) for one in rows.seasons] == [
        (1, False, {}),
        (3, True, {"dub": 1}),
    ]
    assert rows.seasons[1].pk == season.pk


def test_a_media_comes_with_the_mappings_and_labels_of_its_instance(media, django_assert_num_queries):
    mapping = PathMapping.objects.create(
        connection=media.connection, remote_prefix="/tv", local_prefix="/mnt/“x”"
    )
    label = ManagedLabel.objects.create(connection=media.connection, label="dub", found=True)
    other = make_connection(
        name="B", kind="sonarr", url="http://b", api_key="k", policy=media.connection.scan_settings.policy
    )
    ManagedLabel.objects.create(connection=other, label="dub")
    with django_assert_num_queries(2):  # in one round trip
        connection = loaded(media).connection
        assert [plain(row) for row in connection.path_mappings.all()] == [plain(mapping)]
        (found,) = connection.managed_labels.all()
        assert (found.pk, found.label, found.found, found.of_language) == (label.pk, "dub", True, False)
    assert found.created_at == label.created_at
    assert connection.managed_labels.filter(found=True).count() == 1


@pytest.mark.parametrize(("lock", "told"), [(False, "on"), (True, "off")])
def test_only_the_commit_of_what_was_read_does_not_wait_for_the_disk(media, lock, told):
    with database.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        load_rows(media.pk, lock=lock)
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == (told,)
