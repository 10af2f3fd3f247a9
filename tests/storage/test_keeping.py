"""Keeping files: once, whole or not at all, whoever writes at the same time and wherever a process dies."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from core.errors import ConfigError, StorageError
from storage import collecting, keeping, places
from storage.heads import PictureError
from storage.models import Place, Stored
from tests.storage.make import poster

ROOT = Path(__file__).resolve().parents[2]
db = pytest.mark.django_db


def files(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file() and path.name != ".taggarr-storage")


@db
def test_a_picture_is_kept_at_its_digest_with_what_it_is(root):
    data = poster(1)
    stored = keeping.keep_picture([data[:100], data[100:]])
    digest = hashlib.sha256(data).hexdigest()
    assert (stored.digest, stored.kind, stored.size) == (digest, "jpg", len(data))
    assert (stored.width, stored.height, stored.alpha) == (300, 450, False)
    assert stored.phash is not None
    assert stored.checked_at is None
    path = root / digest[:2] / digest[2:4] / f"{digest}.jpg"
    assert path.read_bytes() == data
    assert path.stat().st_mode & 0o777 == 0o400
    assert files(root) == [path]
    with keeping.read(stored) as file:
        assert file.read() == data


@db
def test_the_same_bytes_are_kept_once_and_are_used_again(root, monkeypatch):
    first = keeping.keep_picture([poster(1)])
    Stored.objects.update(unused_since="2020-01-01T00:00Z", seen_at="2020-01-01T00:00Z")
    monkeypatch.setattr("storage.pictures.look", lambda _: pytest.fail("it is known"))
    monkeypatch.setattr("storage.backends.local.Local.put", lambda *_: pytest.fail("it is there"))
    again = keeping.keep_picture([poster(1)], public=True)
    assert again.pk == first.pk
    assert again.unused_since is None
    assert again.seen_at.year > 2020
    assert again.public
    assert keeping.keep_picture([poster(1)]).public


@db
def test_a_file_that_is_no_picture_is_kept_as_bytes_and_known_as_a_picture_later():
    text = keeping.keep_file([b"<movie/>"])
    assert (text.kind, text.is_picture) == ("bin", False)
    early = keeping.keep_file([poster(1)])
    assert (early.kind, early.is_picture) == ("jpg", False)
    later = keeping.keep_picture([poster(1)])
    assert later.pk == early.pk
    assert later.is_picture


@db
@pytest.mark.parametrize("content", [b"<html>", b"", poster(1)[:3000]])
def test_what_is_no_picture_leaves_nothing(content, root):
    with pytest.raises(PictureError):
        keeping.keep_picture([content])
    assert not Stored.objects.exists()
    assert not files(root.parent)


@db
def test_what_is_too_large_is_not_read_to_its_end(root):
    came = []

    def endless():
        while True:
            came.append(1)
            yield bytes(1 << 20)

    with pytest.raises(PictureError, match="larger than 40 MiB"):
        keeping.keep_picture(endless())
    assert len(came) == 41
    assert not files(root.parent)


@db
def test_a_full_disk_is_one_sentence_and_leaves_nothing(root, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("storage.backends.local.shutil.copyfileobj", full)
    with pytest.raises(StorageError, match=r"No space left on device\. Check its disk"):
        keeping.keep_picture([poster(1)])
    assert not files(root)
    assert not Stored.objects.exists()


@db
@pytest.mark.parametrize(
    ("number", "says"),
    [
        (errno.ENOSPC, "disk of the data folder is full"),
        (errno.EROFS, "cannot be written into the data folder"),
    ],
)
def test_a_data_folder_that_takes_no_draft_is_told(number, says, monkeypatch):
    def refuse(**_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("storage.keeping.tempfile.TemporaryFile", refuse)
    with pytest.raises(StorageError, match=says):
        keeping.keep_picture([poster(1)])


@db
def test_a_store_that_may_not_be_written_says_so(root, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("storage.backends.local.Path.mkdir", refuse)
    with pytest.raises(ConfigError, match=r"Permission denied\. Make it writable"):
        keeping.keep_picture([poster(1)])


@db
def test_under_a_mount_that_is_away_nothing_is_written(root):
    keeping.keep_picture([poster(1)])
    root.rename(root.with_name("elsewhere"))
    root.mkdir()
    with pytest.raises(StorageError, match="check whether its disk is mounted"):
        keeping.keep_picture([poster(2)])
    assert not list(root.iterdir())


@db
def test_a_damaged_file_is_written_anew_when_its_bytes_come_again(root):
    stored = keeping.keep_picture([poster(1)])
    path = root / stored.name
    path.chmod(0o600)
    path.write_bytes(bytes(stored.size))
    Stored.objects.update(damaged_at="2020-01-01T00:00Z")
    assert keeping.keep_picture([poster(1)]).damaged_at is None
    assert path.read_bytes() == poster(1)


@db
def test_a_row_without_its_file_gets_it_again(root):
    stored = keeping.keep_picture([poster(1)])
    (root / stored.name).unlink()
    with pytest.raises(StorageError, match="gone from the storage"):
        keeping.read(stored)
    keeping.keep_picture([poster(1)])
    assert (root / stored.name).read_bytes() == poster(1)


@db
def test_a_link_in_the_place_of_a_file_is_replaced_and_not_followed(root, tmp_path):
    stored = keeping.keep_picture([poster(1)])
    path = root / stored.name
    path.unlink()
    other = tmp_path / "other"
    other.write_text("somebody else's")
    path.symlink_to(other)
    keeping.keep_picture([poster(1)])
    assert not path.is_symlink()
    assert other.read_text() == "somebody else's"


@db
def test_using_what_is_gone_is_refused():
    stored = keeping.keep_picture([poster(1)])
    keeping.use([stored.digest, stored.digest])
    with pytest.raises(ConfigError, match="no longer stored"):
        keeping.use([stored.digest, "0" * 64])


@db
def test_the_database_holds_no_other_digest():
    with pytest.raises(IntegrityError), transaction.atomic():
        Stored.objects.create(digest="../../etc/passwd", kind="jpg", size=1)


@db
def test_thumbnails_are_made_once(root, monkeypatch):
    stored = keeping.keep_picture([poster(1, (900, 1350))])
    with keeping.thumbnail(stored, 200) as file:
        first = file.read()
    assert (root / stored.thumbnail_name(200)).read_bytes() == first
    monkeypatch.setattr("storage.pictures.thumbnail", lambda *_: pytest.fail("it is made"))
    with keeping.thumbnail(stored, 200) as file:
        assert file.read() == first
    with pytest.raises(PictureError):
        keeping.thumbnail(stored, 201)


@db
def test_of_a_picture_that_is_being_collected_no_thumbnail_is_kept(root):
    stored = keeping.keep_picture([poster(1)])
    Stored.objects.all().delete()
    with keeping.thumbnail(stored, 200) as file:
        assert file.read(4) == b"RIFF"
    assert not (root / stored.thumbnail_name(200)).exists()


@db
def test_a_new_place_must_hold_what_is_kept(tmp_path, root):
    stored = keeping.keep_picture([poster(1)])
    elsewhere = tmp_path / "elsewhere"
    with pytest.raises(ConfigError, match="copy them over first"):
        places.use(Place(folder=str(elsewhere)))
    with pytest.raises(ConfigError, match="full path: it begins with /"):
        places.use(Place(folder="elsewhere"))
    root.rename(elsewhere)
    places.use(Place(folder=str(elsewhere)))
    with keeping.read(stored) as file:
        assert file.read() == poster(1)
    assert places.current().folder == str(elsewhere)


def run_apart(environment: dict[str, str], data: Path, *arguments: str) -> list[int]:
    """How each of the processes ended that `tests.storage.child` started."""
    told = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.storage.child", *arguments],
        cwd=ROOT,
        env={**environment, "DJANGO_SETTINGS_MODULE": "taggarr.settings", "TAGGARR_DATA": str(data)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return [int(status) for status in told.stdout.split()]


def test_processes_that_keep_the_same_pictures_at_once(process_environment, data, root):
    ended = run_apart(process_environment, data, "keep", "1,2,3,4", "4,3,2,1", "2,1,4,3", "1,2,3,4")
    assert ended == [0] * 4
    digests = {hashlib.sha256(poster(seed)).hexdigest() for seed in range(1, 5)}
    assert set(Stored.objects.values_list("digest", flat=True)) == digests
    assert {path.stem for path in files(root)} == digests


def test_killed_at_any_step_a_row_has_its_whole_file_and_what_is_left_is_swept(
    process_environment, data, root
):
    ended = run_apart(process_environment, data, "die")
    assert len(ended) > 15
    assert ended == [signal.SIGKILL] * (len(ended) - 1) + [0]
    drafts = [path for path in files(root) if path.name.startswith(".")]
    named = [path for path in files(root) if not path.name.startswith(".")]
    assert drafts
    for path in named:
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.stem
    rows = {root / stored.name for stored in Stored.objects.all()}
    assert rows < set(named)  # some were killed between their file and their row
    for step in range(1, len(ended)):
        keeping.keep_file([f"file {step}".encode()])
    assert Stored.objects.count() == len(ended)
    for path in drafts:
        os.utime(path, (0, 0))
    assert collecting.sweep(places.backend()) == len(drafts)
    assert set(files(root)) == {root / stored.name for stored in Stored.objects.all()}
