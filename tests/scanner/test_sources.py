"""Where facts come from, and which folders are offline."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone

from connections.models import Connection
from library.models import Media
from library.root_folders import parent_of
from scanner.facts.sources import Source, sources_of
from tests.library.build import add_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_roots(series_instance: Connection, tmp_path: Path) -> Connection:
    """A root with media in it, and one that is not there."""
    (tmp_path / "here" / "A").mkdir(parents=True)
    for number, folder in enumerate(["here/A", "away/B"]):
        Media.objects.create(
            connection=series_instance,
            arr_id=number,
            title=folder,
            path=str(tmp_path / folder),
            arr_file_count=1,
        )
    return series_instance


def choose(connection: Connection, facts_from: str) -> Connection:
    connection.scan_settings.facts_from = facts_from
    return connection


def test_disk_is_read_as_soon_as_one_folder_is_visible(two_roots, tmp_path):
    sources = sources_of(two_roots)
    assert sources.source == Source.DISK
    assert list(sources.offline) == [str(tmp_path / "away")]
    assert sources.offline_reason(str(tmp_path / "away" / "B")).startswith("The folder ")
    assert sources.offline_reason(str(tmp_path / "here" / "A")) == ""


def test_where_nothing_is_visible_the_app_is_believed(two_roots, tmp_path):
    Media.objects.filter(title="here/A").delete()
    assert sources_of(two_roots).source == Source.ARR


@pytest.mark.parametrize(("engine", "source"), [("header", Source.DISK), (Source.ARR, Source.ARR)])
def test_a_mount_that_is_gone_is_no_reason_to_believe_the_app(two_roots, tmp_path, engine, source):
    Media.objects.filter(title="here/A").delete()
    add_file(media=Media.objects.get(), path="/B/1.mkv", engine=engine, probed_at=timezone.now())
    sources = sources_of(two_roots)
    assert sources.source == source
    assert list(sources.offline) == ([str(tmp_path / "away")] if source == Source.DISK else [])


def test_disk_only_never_believes_the_app(two_roots):
    Media.objects.filter(title="here/A").delete()
    assert sources_of(choose(two_roots, "disk")).source == Source.DISK


def test_the_app_only_never_looks_at_the_disk(two_roots):
    sources = sources_of(choose(two_roots, "arr"))
    assert (sources.source, sources.offline) == (Source.ARR, {})


def test_a_folder_that_may_not_be_read_says_so(two_roots, tmp_path, monkeypatch):
    def refuse(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("library.folder_look.os.scandir", refuse)
    reason = sources_of(choose(two_roots, "disk")).offline[str(tmp_path / "away")]
    assert "cannot be read (Permission denied): check its mount and permissions." in reason


@pytest.mark.parametrize(
    ("path", "parent"),
    [
        ("/tv/A", "/tv"),
        ("/tv/A/", "/tv"),
        ("D:\\TV\\A", "D:\\TV"),
        ("D:/TV/A", "D:/TV"),
        ("\\\\nas\\TV\\A", "\\\\nas\\TV"),
        ("/tv/AC\\DC", "/tv"),
        ("/A", "/"),
        ("A", ""),
    ],
)
def test_the_folder_above_a_media_is_found_by_the_separators_of_its_system(path, parent):
    assert parent_of(path) == parent
