"""Deciding many media, a part of them at a time."""

from __future__ import annotations

import pytest

from library.models import Media
from scanner.models import Policy
from scanner.scan import deciding
from tests.connections.build import make_connection
from tests.library.build import add_title

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection():
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(name="TV", kind="sonarr", url="http://sonarr:8989", api_key="k", policy=policy)


@pytest.mark.parametrize(
    ("counts", "parts"),
    [
        ([], []),
        ([1, 1, 1, 1], [3, 1]),  # no more than three media
        ([4, 4, 4], [2, 1]),  # no more than ten files
        ([30, 1, 30], [1, 1, 1]),  # a title of more is alone
        ([0, 0, 10, 0], [3, 1]),
    ],
)
def test_a_part_holds_so_many_media_and_files_and_none_is_left_out(connection, monkeypatch, counts, parts):
    monkeypatch.setattr(deciding, "CHUNK", 3)
    monkeypatch.setattr(deciding, "CHUNK_FILES", 10)
    for number, count in enumerate(counts):
        Media.objects.create(connection=connection, arr_id=number, title=f"{number}", arr_file_count=count)
    ids = list(Media.objects.order_by("pk").values_list("pk", flat=True))

    found = list(deciding.chunks(Media.objects.all()))

    assert [len(part) for part in found] == parts
    assert [pk for part in found for pk in part] == ids


def test_every_media_is_decided_whatever_part_it_is_in(connection, monkeypatch):
    monkeypatch.setattr(deciding, "CHUNK", 2)
    for number in range(5):
        add_title(connection=connection, arr_id=number, title=f"{number}", verdict="dub")

    assert deciding.redecide(Media.objects.all()) == 5
    assert not Media.objects.filter(scan_state__verdict="dub").exists()
