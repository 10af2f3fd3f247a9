"""Which files of an instance this machine sees, and links into the application."""

from __future__ import annotations

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


def test_every_root_folder_is_looked_at_and_searched_for_where_it_is_not_seen(connection, tmp_path, settings):
    from library.models import Media, PathMapping
    from library.root_check import check_roots, map_roots

    settings.MEDIA_FOLDERS = [tmp_path]
    for folder in ("shows/T1", "shows/T2", "deep/down/kids/T3", "deep/down/kids/T4", "deep/down/other/T4"):
        (tmp_path / folder).mkdir(parents=True)
    PathMapping.objects.create(
        connection=connection, remote_prefix="/tv", local_prefix=str(tmp_path / "shows")
    )
    for number, path in enumerate(["/tv/T1", "/tv/T2", "/kids/T3", "/kids/T4", "/away/T9", "/empty/T5"], 1):
        add_media(connection, number, arr_file_count=path != "/empty/T5")
        Media.objects.filter(arr_id=number).update(path=path)

    roots = {root.remote: root for root in check_roots(connection)}

    assert {remote: (root.seen, root.titles, root.found) for remote, root in roots.items()} == {
        "/away": (False, 1, 0),
        "/kids": (False, 2, 0),
        "/tv": (True, 2, 2),
    }
    assert roots["/kids"].suggestion == str(tmp_path / "deep/down/kids")
    assert (roots["/away"].suggestion, roots["/tv"].suggestion) == ("", "")
    assert "mount it" in roots["/away"].trouble

    map_roots(connection, {"/tv": roots["/tv"].local, "/kids": roots["/kids"].suggestion, "/away": "/away"})
    rows = PathMapping.objects.order_by("remote_prefix").values_list("remote_prefix", "local_prefix")
    assert list(rows) == [
        ("/kids", str(tmp_path / "deep/down/kids")),
        ("/tv", str(tmp_path / "shows")),
    ]
    connection = type(connection).objects.get(pk=connection.pk)
    assert [root.seen for root in check_roots(connection)] == [False, True, True]


def test_a_folder_with_other_things_in_it_is_not_taken_for_a_root_folder(connection, tmp_path):
    from library.models import Media
    from library.root_check import check_roots

    (tmp_path / "something else").mkdir()
    add_media(connection, 1, arr_file_count=1)
    Media.objects.update(path=f"{tmp_path}/T1")
    (root,) = check_roots(connection)
    assert not root.seen
    assert root.trouble.startswith("None of its titles lies in")


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


def test_a_title_has_its_pages_at_the_sites_whose_ids_are_known(connection):
    connection.kind = "sonarr"
    series = add_media(connection, 1, tvdb_id=7, imdb_id="tt0000008/../?")
    assert series.pages_elsewhere == [
        ("TheTVDB", "https://thetvdb.com/dereferrer/series/7"),
        ("IMDb", "https://www.imdb.com/title/tt0000008%2F..%2F%3F/"),
    ]
    connection.kind = "radarr"
    (movie,) = add_media(connection, 2, tmdb_id=9).pages_elsewhere
    assert movie == ("TMDB", "https://www.themoviedb.org/movie/9")
    assert add_media(connection, 3).pages_elsewhere == []
