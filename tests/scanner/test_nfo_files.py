"""Which NFO belongs to a title, and that its content is replaced whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
import stat
from pathlib import Path

import pytest

from core.errors import NfoError, StorageError
from library.nfo import MAX_SIZE
from scanner.nfo.edit import edit_nfo
from scanner.nfo.files import nfo_path, read_nfo, write_nfo


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "media"
    folder.mkdir()
    return folder


@pytest.fixture
def nfo(root: Path) -> Path:
    path = root / "movie.nfo"
    path.write_bytes(b"old")
    path.chmod(0o640)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_series_has_tvshow_nfo_and_no_other(root):
    (root / "movie.nfo").touch()
    assert nfo_path("series", root, None) is None

    (root / "tvshow.nfo").touch()
    assert nfo_path("series", root, None) == root / "tvshow.nfo"


def test_a_movie_has_movie_nfo_before_the_video_s_before_the_folder_s(root):
    folder = root / "Film (2001)"
    video = folder / "Film.2001.1080p.mkv"
    (folder / "sub").mkdir(parents=True)
    found: list[Path] = []
    for name in ["Film (2001).nfo", "Film.2001.1080p.nfo", "movie.nfo"]:
        assert nfo_path("movie", folder, video) == (found[-1] if found else None)
        (folder / name).touch()
        found.append(folder / name)

    assert nfo_path("movie", folder, video) == folder / "movie.nfo"


def test_the_video_s_nfo_lies_beside_the_video(root):
    video = root / "disc" / "a.mkv"
    video.parent.mkdir()
    (video.parent / "a.nfo").touch()

    assert nfo_path("movie", root, video) == video.parent / "a.nfo"
    assert nfo_path("movie", root, None) is None


def test_a_folder_named_like_an_nfo_and_a_dangling_link_are_no_nfo(root):
    (root / "movie.nfo").mkdir()
    (root / "media.nfo").symlink_to(root / "gone")

    assert nfo_path("movie", root, None) is None


def test_a_folder_that_cannot_be_looked_at_is_a_storage_error(root):
    with pytest.raises(StorageError, match="could not be looked for: File name too long"):
        nfo_path("series", root / ("x" * 300), None)


def test_read_edit_write_and_back_again(nfo, root):
    original = b"<movie>\r\n  <title>T</title>\r\n</movie>\r\n"
    nfo.write_bytes(original)

    edited = edit_nfo(read_nfo(nfo, root=root), add_tags=["dub"], managed={"dub"})
    assert write_nfo(nfo, edited, root=root) is True
    assert b"<tag>dub</tag>" in nfo.read_bytes()

    write_nfo(nfo, edit_nfo(read_nfo(nfo, root=root), add_tags=[], managed={"dub"}), root=root)
    assert nfo.read_bytes() == original


def test_a_write_keeps_the_mode_and_leaves_no_other_file(nfo, root):
    assert write_nfo(nfo, b"new", root=root) is True

    assert nfo.read_bytes() == b"new"
    assert stat.S_IMODE(nfo.stat().st_mode) == 0o640
    assert names(root) == ["movie.nfo"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another owner")
def test_a_write_keeps_owner_and_group(nfo, root):
    os.chown(nfo, 12345, 23456)

    write_nfo(nfo, b"new", root=root)

    assert (nfo.stat().st_uid, nfo.stat().st_gid) == (12345, 23456)


def test_an_owner_that_cannot_be_kept_does_not_stop_the_write(nfo, root, monkeypatch):
    def refuse(*_arguments: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", refuse)
    monkeypatch.setattr(os, "fchmod", refuse)

    assert write_nfo(nfo, b"new", root=root) is True
    assert nfo.read_bytes() == b"new"


def test_equal_bytes_are_not_written(nfo, root):
    before = nfo.stat()

    assert write_nfo(nfo, b"old", root=root) is False
    assert (nfo.stat().st_ino, nfo.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_reader_that_has_the_old_file_open_keeps_the_old_content(nfo, root):
    with nfo.open("rb") as reader:
        write_nfo(nfo, b"new content", root=root)

        assert reader.read() == b"old"


def test_a_link_inside_the_root_is_followed_and_stays_a_link(nfo, root):
    link = root / "folder" / "tvshow.nfo"
    link.parent.mkdir()
    link.symlink_to(nfo)

    write_nfo(link, b"new", root=root)

    assert link.is_symlink()
    assert nfo.read_bytes() == b"new"


def test_a_root_that_is_itself_a_link_is_followed(nfo, root, tmp_path):
    other = tmp_path / "other"
    other.symlink_to(root)

    assert write_nfo(other / "movie.nfo", b"new", root=other) is True
    assert read_nfo(nfo, root=other) == b"new"


def test_a_link_out_of_the_root_is_neither_read_nor_written(root, tmp_path):
    secret = tmp_path / "media-secret"
    secret.write_bytes(b"secret")
    (root / "movie.nfo").symlink_to(secret)
    (root / "up").symlink_to(tmp_path)

    for path in [root / "movie.nfo", root / "up" / "media-secret", root / ".." / "media-secret"]:
        with pytest.raises(NfoError, match="leads out of"):
            read_nfo(path, root=root)
        with pytest.raises(NfoError, match="leads out of"):
            write_nfo(path, b"new", root=root)
    assert secret.read_bytes() == b"secret"


def test_a_loop_of_links_is_a_storage_error(root):
    (root / "movie.nfo").symlink_to(root / "movie.nfo")

    with pytest.raises(StorageError, match="symbolic links"):
        read_nfo(root / "movie.nfo", root=root)


def test_a_fifo_is_refused_without_waiting_for_a_writer(root):
    os.mkfifo(root / "movie.nfo")

    with pytest.raises(NfoError, match="not a regular file"):
        read_nfo(root / "movie.nfo", root=root)


def test_of_an_oversized_file_only_so_much_is_read_that_it_is_refused(nfo, root):
    with nfo.open("wb") as file:
        file.truncate(10 * MAX_SIZE)

    assert len(read_nfo(nfo, root=root)) == MAX_SIZE + 1


def test_a_missing_file_is_a_storage_error_and_is_not_created(root):
    with pytest.raises(StorageError, match="No such file"):
        write_nfo(root / "movie.nfo", b"new", root=root)
    assert names(root) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.EROFS, "read-only mount; mount it writable or switch NFO writing off"),
        (errno.EACCES, "give it write permission"),
        (errno.EPERM, "give it write permission"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_folder_that_takes_no_file_is_one_sentence_with_the_remedy(nfo, root, monkeypatch, code, words):
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(secrets, "token_hex", refuse)

    with pytest.raises(StorageError, match=words) as caught:
        write_nfo(nfo, b"new", root=root)
    assert str(caught.value).count(".") == str(nfo).count(".") + 1
    assert nfo.read_bytes() == b"old"


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_disk_that_fails_in_the_middle_leaves_the_old_file_and_no_rest(nfo, root, monkeypatch, step):
    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, step, fail)

    with pytest.raises(StorageError, match="No space left"):
        write_nfo(nfo, b"new", root=root)
    assert nfo.read_bytes() == b"old"
    assert names(root) == ["movie.nfo"]


def test_a_mount_that_is_taken_away_in_the_middle_has_the_new_file_and_no_rest(nfo, root, monkeypatch):
    original, away = os.fsync, root.with_name("away")

    def take_away(descriptor: int) -> None:
        if root.exists():
            root.rename(away)
        original(descriptor)

    monkeypatch.setattr(os, "fsync", take_away)

    assert write_nfo(nfo, b"new", root=root)
    assert (away / nfo.name).read_bytes() == b"new"
    assert names(away) == ["movie.nfo"]


def test_a_name_that_is_not_utf_8_is_told_as_text_that_can_be_stored(root):
    path = Path(os.fsdecode(bytes(root) + b"/\xff.nfo"))

    with pytest.raises(StorageError) as caught:
        read_nfo(path, root=root)
    assert "\N{REPLACEMENT CHARACTER}.nfo" in str(caught.value)


def test_what_a_killed_process_left_behind_is_removed_by_the_next_that_writes(nfo, root):
    left, mine, fresh = root / ".taggarr-abc.tmp", root / ".mine.tmp", root / ".taggarr-new.tmp"
    for path in (left, mine, fresh):
        path.write_bytes(b"<half")
    for path in (left, mine):
        os.utime(path, (0, 0))
    assert write_nfo(nfo, b"new", root=root)
    assert nfo.read_bytes() == b"new"
    assert names(root) == [".mine.tmp", ".taggarr-new.tmp", "movie.nfo"]
