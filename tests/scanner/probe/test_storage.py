"""Files that are no videos, files that cannot be reached, and files that are still growing."""

import errno
import os
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest

from core.errors import ProbeError, StorageError
from scanner.probe import engines, library, storage
from scanner.probe.engines import probe
from scanner.probe.storage import explain, fingerprint_of, open_video, stat_fingerprint
from scanner.probe.tracks import Fingerprint

from .building import box, ftyp, mp4

LONG_AGO = 1_600_000_000


@pytest.fixture
def old_file(tmp_path):
    """A file that nobody has written to for years."""
    path = tmp_path / "old.mkv"
    path.write_bytes(b"not a video at all" * 100)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def test_the_fingerprint_is_size_times_and_inode(old_file):
    status = old_file.stat()
    assert stat_fingerprint(old_file) == Fingerprint(
        size=1800, mtime_ns=LONG_AGO * 10**9, ctime_ns=status.st_ctime_ns, inode=status.st_ino
    )


def test_an_inode_number_of_64_bits_is_one_that_the_database_takes():
    status: Any = SimpleNamespace(st_size=1, st_mtime_ns=1, st_ctime_ns=1, st_ino=2**64 - 2)
    assert fingerprint_of(status).inode == 2**63 - 2


def test_a_file_whose_rights_change_while_it_is_read_is_not_still_being_copied(tmp_path):
    path = tmp_path / "new.mkv"
    path.write_bytes(b"x")
    with open_video(path) as video:
        path.chmod(0o600)
        video.check_settled(patient=False)


@pytest.mark.parametrize("look", [probe, stat_fingerprint])
class TestNamesThatAreNoVideoFile:
    def test_directory(self, tmp_path, look):
        folder = tmp_path / "season.mkv"
        folder.mkdir()
        with pytest.raises(ProbeError, match="is a directory"):
            look(folder)

    def test_fifo_is_never_opened(self, tmp_path, look):
        fifo = tmp_path / "fifo.mkv"
        os.mkfifo(fifo)
        with pytest.raises(ProbeError, match="a pipe, a socket or a device"):
            look(fifo)

    def test_device(self, look):
        with pytest.raises(ProbeError, match="a device"):
            look("/dev/null")

    def test_symlink_loop(self, tmp_path, look):
        link = tmp_path / "loop.mkv"
        link.symlink_to(link)
        with pytest.raises(ProbeError, match="leads back to itself"):
            look(link)

    def test_name_that_is_not_utf8_is_to_be_renamed(self, tmp_path, look):
        path = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.mkv")
        with pytest.raises(ProbeError, match=r"caf\\xe9.mkv' has a name that is not valid UTF-8: rename it"):
            look(path)

    def test_name_with_a_nul(self, look):
        with pytest.raises(ProbeError, match="NUL"):
            look("/tv/a\0b.mkv")

    def test_name_that_is_too_long(self, tmp_path, look):
        with pytest.raises(ProbeError, match="too long"):
            look(tmp_path / ("x" * 300))


@pytest.mark.parametrize("look", [probe, stat_fingerprint])
class TestFilesThatMayComeBack:
    def test_missing(self, tmp_path, look):
        with pytest.raises(StorageError, match="moved or deleted, or its mount is away"):
            look(tmp_path / "gone.mkv")

    def test_broken_symlink(self, tmp_path, look):
        link = tmp_path / "link.mkv"
        link.symlink_to(tmp_path / "gone.mkv")
        with pytest.raises(StorageError, match="moved or deleted"):
            look(link)

    def test_a_file_where_a_folder_should_be(self, old_file, look):
        with pytest.raises(StorageError, match="moved or deleted"):
            look(old_file / "x.mkv")


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.EACCES, StorageError, "permission"),
        (errno.EPERM, StorageError, "permission"),
        (errno.EIO, StorageError, "check its disk or mount"),
        (errno.ESTALE, StorageError, "check its disk or mount"),
        (errno.ENOENT, StorageError, "moved or deleted"),
    ],
)
def test_each_failure_of_the_system_says_what_to_do(number, kind, words):
    error = explain("'/tv/a.mkv'", OSError(number, os.strerror(number)))
    assert type(error) is kind
    assert words in str(error)
    assert "'/tv/a.mkv'" in str(error)


AWAY = {
    errno.ENOENT: "moved or deleted, or its mount is away",
    errno.EACCES: "may not be read",
    errno.EIO: "Input/output error",
    errno.ESTALE: "Stale file handle",
    errno.ENOTCONN: "not connected",
    errno.ETIMEDOUT: "timed out",
    errno.EHOSTDOWN: "Host is down",
}
"""What a disk or a mount that is away answers, and the words of our message."""


@pytest.mark.parametrize("number", AWAY, ids=errno.errorcode.get)
@pytest.mark.parametrize("call", ["stat", "open", "fstat", "pread"])
def test_a_disk_or_mount_that_fails_at_any_moment_is_no_fact_of_the_file(old_file, monkeypatch, call, number):
    def fail(*_args):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        with pytest.raises(StorageError, match=AWAY[number]):
            probe(old_file)


def read_all(video):
    """As the process in the cage does, but here."""
    told = library.read_inside(video.descriptor, {"size": video.fingerprint.size})
    raise explain(video.name, OSError(told["errno"], os.strerror(told["errno"])))


@pytest.mark.parametrize("read_facts", [engines.read_header, read_all])
def test_a_disk_that_fails_further_on_is_no_fact_of_the_file(old_file, monkeypatch, read_facts):
    old_file.write_bytes(ftyp() + box(b"free", bytes(300_000)) + mp4()[len(ftyp()) :])
    pread = os.pread

    def fail(descriptor, length, offset):
        if offset > 100_000:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return pread(descriptor, length, offset)

    monkeypatch.setattr(os, "pread", fail)
    with pytest.raises(StorageError, match="Input/output error"), open_video(old_file) as video:
        read_facts(video)


def test_a_file_that_is_replaced_between_look_and_opening_is_judged_by_what_was_opened(old_file, monkeypatch):
    def swap(path, _flags):
        old_file.unlink()
        old_file.mkdir()
        return os_open(path, os.O_RDONLY)

    os_open = os.open
    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(ProbeError, match="is a directory"):
        probe(old_file)


def test_the_descriptor_is_closed_where_the_second_look_fails(old_file, monkeypatch):
    opened = []
    os_open = os.open

    def open_and_remember(path, flags):
        opened.append(os_open(path, flags))
        return opened[0]

    def fail(_descriptor):
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", open_and_remember)
        patch.setattr(os, "fstat", fail)
        with pytest.raises(StorageError, match="Stale file handle"):
            probe(old_file)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(opened[0])


def test_a_mount_that_gives_less_than_asked_for_is_read_on(old_file, monkeypatch):
    whole = old_file.read_bytes()
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, length, offset: pread(fd, min(length, 100), offset))
    with open_video(old_file) as video:
        assert video.read(50, 1000) == whole[50:1050]
        assert video.read(1700, 4096) == whole[1700:]


def test_a_file_that_shrinks_while_it_is_read_ends_the_reading(old_file):
    with open_video(old_file) as video:
        os.truncate(old_file, 60)
        assert len(video.read(50, 1000)) == 10


def test_the_descriptor_is_closed_whatever_happens(old_file):
    with pytest.raises(RuntimeError), open_video(old_file) as video:
        raise RuntimeError
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(video.descriptor)


class TestGrowing:
    def test_a_mount_that_goes_away_before_the_last_look_is_a_storage_error(self, tmp_path, monkeypatch):
        path = tmp_path / "copy.mkv"
        path.write_bytes(b"x" * 1000)

        def fail(_descriptor):
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE))

        with open_video(path) as video, monkeypatch.context() as patch:
            patch.setattr(os, "fstat", fail)
            with pytest.raises(StorageError, match="Stale file handle"):
                video.check_settled(patient=False)

    def test_a_file_that_grows_while_it_is_read_is_put_off(self, tmp_path):
        path = tmp_path / "copy.mkv"
        path.write_bytes(b"x" * 1000)
        with open_video(path) as video:
            with path.open("ab") as copy:
                copy.write(b"more")
            with pytest.raises(StorageError, match="still being copied"):
                video.check_settled(patient=False)

    def test_an_old_file_is_not_looked_at_twice(self, old_file):
        with open_video(old_file) as video:
            with old_file.open("ab") as copy:
                copy.write(b"more")
            video.check_settled(patient=True)

    def test_a_new_file_that_makes_no_sense_yet_gets_a_second_look(self, tmp_path):
        path = tmp_path / "copy.mkv"
        path.write_bytes(b"x" * 1000)
        stop = threading.Event()

        def copy_on():
            while not stop.wait(0.01):
                with path.open("ab") as copy:
                    copy.write(b"y" * 1000)

        copier = threading.Thread(target=copy_on)
        copier.start()
        try:
            with pytest.raises(StorageError, match="still being copied"):
                probe(path)
        finally:
            stop.set()
            copier.join()

    def test_a_new_file_that_makes_no_sense_and_does_not_grow_is_bad(self, tmp_path, monkeypatch):
        path = tmp_path / "bad.mkv"
        path.write_bytes(b"x" * 1000)
        naps: list[float] = []
        monkeypatch.setattr(storage, "time", SimpleNamespace(time=time.time, sleep=naps.append))
        with pytest.raises(ProbeError, match="no audio and no video"):
            probe(path)
        assert naps == [storage.SETTLE_SECONDS]
        assert storage.SETTLE_SECONDS < 5
