"""Rows loaded by prepared statements are the rows that the ORM loads."""

from __future__ import annotations

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone

from library.loading import load_files, load_media
from library.models import File, Instance, Media, Policy, Season

pytestmark = pytest.mark.django_db


@pytest.fixture
def media(series_instance: Instance) -> Media:
    return Media.objects.create(
        instance=series_instance,
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
    found = load_media(media.pk)
    assert found is not None
    return found


def test_a_media_comes_with_its_instance_and_policy_without_another_query(media, django_assert_num_queries):
    expected = Media.objects.select_related("instance__policy").get()
    with django_assert_num_queries(0):
        found = loaded(media)
        assert found.policy == expected.policy
    assert [plain(row) for row in (found, found.instance, found.policy)] == [
        plain(row) for row in (expected, expected.instance, expected.policy)
    ]


def test_the_key_of_the_instance_is_decrypted(media):
    assert loaded(media).instance.api_key == media.instance.api_key


def test_a_policy_of_its_own_is_the_one_in_force(media, django_assert_num_queries):
    media.policy_override = Policy.objects.create(name="German", target_languages=["deu"])
    media.save()
    with django_assert_num_queries(0):
        assert loaded(media).policy.target_languages == ["deu"]


def test_a_media_that_is_not_there_is_none():
    assert load_media(0) is None


def test_files_come_by_path_with_their_seasons(media, django_assert_num_queries):
    season = Season.objects.create(media=media, number=3)
    File.objects.create(media=media, path="/tv/a/2.mkv", tracks=[{"kind": "audio"}], languages=["jpn"])
    File.objects.create(media=media, path="/tv/a/1.mkv", season=season, probed_at=timezone.now())
    expected = list(File.objects.select_related("season").order_by("path"))
    with django_assert_num_queries(0):
        found = load_files(media.pk)
        assert [file.season and file.season.number for file in found] == [3, None]
    assert [plain(row) for row in found] == [plain(row) for row in expected]
