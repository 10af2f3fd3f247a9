"""Which files of an instance this machine sees, and links into the application."""

from __future__ import annotations

from typing import Any, cast

import pytest

from tests.connections.build import make_connection


@pytest.fixture
def connection(db):
    from scanner.models import Policy

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(
        name="Sonarr", kind="sonarr", url="http://sonarr:8989/", api_key="k" * 32, policy=policy
    )


def add_media(connection, number, *paths, **fields):
    from library.models import File, Media

    media = Media.objects.create(
        connection=connection, arr_id=number, title=f"T{number}", path=f"/tv/{number}", **fields
    )
    File.objects.bulk_create(File(media=media, path=path) for path in paths)
    return media


def test_one_file_of_each_of_three_media_is_tried_where_it_is_mapped_to(connection, tmp_path):
    from library.models import PathMapping
    from library.path_mappings import check_files

    PathMapping.objects.create(connection=connection, remote_prefix="/tv", local_prefix=str(tmp_path))
    (tmp_path / "1").mkdir()
    (tmp_path / "1" / "a.mkv").touch()
    for number in range(1, 5):
        add_media(connection, number, f"/tv/{number}/a.mkv", f"/tv/{number}/b.mkv")

    seen = check_files(connection, cast(Any, None))  # the app is not asked where files are known

    assert [(one.remote, one.visible) for one in seen] == [
        ("/tv/1/a.mkv", True),
        ("/tv/2/a.mkv", False),
        ("/tv/3/a.mkv", False),
    ]
    assert seen[0].local == str(tmp_path / "1" / "a.mkv")


@pytest.mark.parametrize("path", ["/tv/\ud800.mkv", "/nowhere/a.mkv"])
def test_a_name_that_cannot_be_is_not_seen(path):
    from library.path_mappings import _seen

    assert not _seen(path, path).visible


@pytest.mark.parametrize(
    ("kind", "fields", "address"),
    [
        ("sonarr", {"title_slug": "a-series"}, "http://sonarr:8989/series/a-series"),
        ("sonarr", {}, "http://sonarr:8989"),
        ("radarr", {"tmdb_id": 7}, "http://sonarr:8989/movie/7"),
        ("radarr", {}, "http://sonarr:8989"),
    ],
)
def test_a_link_leads_to_the_media_or_to_the_front_page(kind, fields, address, connection):
    connection.kind = kind
    connection.save()

    assert add_media(connection, 1, **fields).page_in_app == address
