"""A plain folder in the place of Sonarr or Radarr."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from connections.models import Connection
from core.errors import ApiPermanentError, StorageError
from library.clients import client_for
from library.models import Media, Tag
from library.sync import sync_instance
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with one movie that names its id, and a file that lies loose."""
    folder = tmp_path / "films" / "Lantern Harbour (2019) {tmdb-7}"
    folder.mkdir(parents=True)
    (folder / "Lantern Harbour (2019).mkv").write_bytes(b"film")
    (folder.parent / "Loose (2001).mkv").write_bytes(b"film")
    return folder.parent


@pytest.fixture
def connection(policy, root: Path) -> Connection:
    made = make_connection(name="Films", kind="movie_folder", url=str(root), policy=policy)
    sync_instance(made, client_for(made))
    return made


def movie() -> Media:
    return Media.objects.get(tmdb_id=7)


def test_one_title_is_read_anew_where_its_nfo_is_new(connection, root):
    client = client_for(connection)
    before = client.one_media(movie().arr_id)
    (root / "Lantern Harbour (2019) {tmdb-7}" / "movie.nfo").write_text(
        "<movie><title>Harbour</title></movie>"
    )
    after = client.one_media(movie().arr_id)

    assert before is not None
    assert after is not None
    assert (before.title, after.title) == ("Lantern Harbour", "Harbour")
    assert before.fingerprint == movie().arr_fingerprint != after.fingerprint


def test_a_title_that_is_gone_is_none_and_one_whose_mount_is_away_is_an_error(connection, root):
    client, number = client_for(connection), movie().arr_id
    shutil.rmtree(root / "Lantern Harbour (2019) {tmdb-7}")

    assert client.one_media(number) is None
    assert client.one_media(999) is None
    with pytest.raises(StorageError, match="cannot be read: check its mount"):
        client.files(number)
    with pytest.raises(StorageError, match="The folder 999 cannot be read"):
        client.files(999)
    shutil.rmtree(root)
    for ask in (client.one_media, client.files):
        with pytest.raises(StorageError, match="is not there: mount it"):
            ask(number)


def test_the_files_of_a_title_are_those_that_lie_there(connection, root):
    (file,) = client_for(connection).files(movie().arr_id)

    assert file.path == str(root / "Lantern Harbour (2019) {tmdb-7}" / "Lantern Harbour (2019).mkv")
    assert (file.size, file.season, file.episodes) == (4, None, ())


def test_a_new_title_that_cannot_be_read_waits_until_it_can(connection, root, monkeypatch):
    (root / "New (2020)").mkdir()
    scandir = os.scandir

    def denied(path):
        if str(path).endswith("New (2020)"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", denied)
        assert len(client_for(connection).media()) == 2
    assert len(client_for(connection).media()) == 3


def test_a_link_within_the_folder_is_followed(connection, root):
    (root / "Box").mkdir()
    (root / "Box" / "Again (2019)").symlink_to(root / "Lantern Harbour (2019) {tmdb-7}")

    assert str(root / "Box" / "Again (2019)") in {one.path for one in client_for(connection).media()}


def test_tags_are_numbered_put_on_and_taken_off_and_stored_by_whoever_asks(connection):
    Tag.objects.create(connection=connection, arr_id=4, label="4k")
    Media.objects.update(tags=["4k"])
    client, number = client_for(connection), movie().arr_id

    assert (client.create_tag("4k"), client.create_tag("dub")) == (4, 5)
    assert client.edit_tags([number], [5], "add") == {number: [4, 5]}
    assert client.edit_tags([number], [4], "remove") == {number: []}
    client.command("RescanMovie", number)
    assert movie().tags == ["4k"]


def test_a_dry_run_is_given_no_tag(connection):
    client = client_for(connection, read_only=True)

    with pytest.raises(ApiPermanentError, match="Films: a dry run writes nothing"):
        client.create_tag("dub")
    with pytest.raises(ApiPermanentError, match="Films: a dry run writes nothing"):
        client.edit_tags([movie().arr_id], [1], "add")
