"""Opening a video file: what is no video file at all, what cannot be reached now, and what is still being
written.

The two answers differ in what the scan does next. `StorageError` (a mount is away, the file is being
replaced, the disk failed) is tried again and changes nothing; `ProbeError` (a directory, a link that leads
to itself, an empty file) is a fact about the file."""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.errors import ProbeError, StorageError, TaggarrError
from scanner.probe.tracks import Fingerprint

T = TypeVar("T")

# A file written to within this many seconds may still be in the middle of being copied.
RECENT_SECONDS = 10.0
# How long to wait between two looks at such a file when it cannot be read as it stands.
SETTLE_SECONDS = 0.5

# O_NONBLOCK: should the name become a FIFO between the look and the opening, the opening does not hang.
_OPEN_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


@dataclass(slots=True)
class OpenVideo:
    """A regular file opened for reading: its name for messages, its descriptor, and its fingerprint then.

    As a context manager it closes the descriptor.
    """

    name: str
    descriptor: int
    fingerprint: Fingerprint

    def __enter__(self) -> OpenVideo:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.descriptor)

    def read(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`; fewer at the end of the file. Raises `StorageError`."""
        try:
            return read_at(self.descriptor, self.fingerprint.size, offset, length)
        except OSError as error:
            raise explain(self.name, error) from error

    def check_settled(self, *, patient: bool) -> None:
        """Raise `StorageError` if the file was written to lately and has changed since it was opened.

        `patient` waits a moment before the look: worth it only where the file could not be read as it stands.
        """
        if abs(time.time() - self.fingerprint.mtime_ns / 1e9) > RECENT_SECONDS:
            return
        if patient:
            time.sleep(SETTLE_SECONDS)
        now = fingerprint_of(_regular(self.name, os.fstat, self.descriptor))
        # Not its rights or its links: those often change right after a file has come.
        if (now.size, now.mtime_ns) != (self.fingerprint.size, self.fingerprint.mtime_ns):
            raise StorageError("probe.copying", name=self.name)


def read_at(descriptor: int, size: int, offset: int, length: int) -> bytes:
    """As `OpenVideo.read`, of an open file of `size` bytes; raises what the system does."""
    data = os.pread(descriptor, length, offset)
    # Some network and FUSE mounts give less than was asked for, long before the file ends.
    while len(data) < min(length, size - offset):
        more = os.pread(descriptor, length - len(data), offset + len(data))
        if not more:
            break
        data += more
    return data


def open_video(path: str | Path) -> OpenVideo:
    """The regular file at `path`, open for reading: for a `with`, which closes it. Raises `ProbeError` or
    `StorageError`.

    Nothing but a regular file is ever opened: opening a FIFO may hang and opening a device may act on it.
    """
    name = _checked_name(path)
    _regular(name, os.stat, path)
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
    except OSError as error:
        raise explain(name, error) from error
    try:
        status = _regular(name, os.fstat, descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return OpenVideo(name, descriptor, fingerprint_of(status))


def stat_fingerprint(path: str | Path) -> Fingerprint:
    """The fingerprint of the regular file at `path`, which is not opened.

    Raises `ProbeError` or `StorageError`, as `probe` would.
    """
    return fingerprint_of(_regular(_checked_name(path), os.stat, path))


def explain(name: str, error: OSError) -> TaggarrError:
    """The error to raise for a failed system call on the file called `name`."""
    match error.errno:
        case errno.ENOENT | errno.ENOTDIR:
            return StorageError("probe.gone", name=name)
        case errno.EACCES | errno.EPERM:
            return StorageError("probe.forbidden", name=name)
        case errno.ELOOP:
            return ProbeError("probe.loop", name=name)
        case errno.ENAMETOOLONG:
            return ProbeError("probe.long-name", name=name)
        case _:
            return StorageError("probe.unread", name=name, reason=error.strerror)


def _checked_name(path: str | Path) -> str:
    """`path` quoted for a message; refuses what cannot be a stored path."""
    text = os.fspath(path)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        shown = os.fsencode(text).decode("utf-8", "backslashreplace")
        raise ProbeError("probe.bad-name", name=f"'{shown}'") from None
    if "\0" in text:
        raise ProbeError("probe.nul", name=repr(text))
    return f"'{text}'"


def _regular(name: str, look: Callable[[T], os.stat_result], place: T) -> os.stat_result:
    """The status of the regular file that is open or lies there."""
    try:
        status = look(place)
    except OSError as error:
        raise explain(name, error) from error
    if stat.S_ISREG(status.st_mode):
        return status
    raise ProbeError("probe.folder" if stat.S_ISDIR(status.st_mode) else "probe.device", name=name)


def fingerprint_of(status: os.stat_result) -> Fingerprint:
    # Some file systems number with all of 64 bits, of which the database takes 63.
    return Fingerprint(
        status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino & 0x7FFF_FFFF_FFFF_FFFF
    )
