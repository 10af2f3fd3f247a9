"""Where the NFO of a title lies, and how its bytes are read and replaced without ever being half-written."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from core.errors import NfoError, StorageError
from core.words import Phrase
from library.nfo import MAX_SIZE
from library.paths import shown

MediaKind = Literal["series", "movie"]

PREFIX, SUFFIX = ".taggarr-", ".tmp"
"""Of the temporary files that an NFO is written to."""

LEFT_BEHIND = 60.0
"""Seconds after which such a file has nobody any more: to write one takes milliseconds."""


def nfo_path(kind: MediaKind, media_folder: Path, video_file: Path | None) -> Path | None:
    """Return the NFO that exists for a title, or None: Taggarr edits NFO files and never creates one.

    A series has `tvshow.nfo`. A movie has `movie.nfo`, which Kodi prefers where both exist, or `<video>.nfo`
    beside its `video_file`, or `<folder>.nfo`. Raises StorageError where the folder cannot be looked at.
    """
    if kind == "series":
        candidates = [media_folder / "tvshow.nfo"]
    else:
        candidates = [media_folder / "movie.nfo"]
        if video_file is not None:
            candidates.append(video_file.with_name(f"{video_file.stem}.nfo"))
        candidates.append(media_folder / f"{media_folder.name}.nfo")
    for candidate in candidates:
        with _storage_errors(candidate, "nfo.not-looked-for"):
            if candidate.is_file():
                return candidate
    return None


def read_nfo(path: Path, *, root: Path) -> bytes:
    """Return the bytes of the NFO at `path`, which must lie under `root` once all links are followed.

    Of a file that is larger than any NFO only so much is read that `edit_nfo` refuses it. Raises NfoError
    where the path leads outside `root` or to something that is no regular file, StorageError where it cannot
    be read now.
    """
    with _storage_errors(path, "nfo.not-read"):
        return _read_bounded(_inside(path, root))


def write_nfo(path: Path, new_bytes: bytes, *, root: Path) -> bool:
    """Replace the content of the existing NFO at `path`; return whether it had to (equal bytes: no write).

    The new bytes go to a temporary file in the same folder that then takes the place of the old one: a reader
    or a crash meets the old content or the new, whole. Mode, owner and group are kept as far as the system
    lets us. A link is followed and stays a link. Raises NfoError where the path leads outside `root`,
    StorageError where the file cannot be written now; either way the old content stands.
    """
    with _storage_errors(path, "nfo.not-written"):
        target = _inside(path, root)
        if _read_bounded(target) == new_bytes:
            return False
        _replace(target, new_bytes)
        return True


def _inside(path: Path, root: Path) -> Path:
    # On a loop of links Path.resolve raises RuntimeError in some Pythons; realpath raises OSError in all.
    resolved = Path(os.path.realpath(path, strict=True))
    if not resolved.is_relative_to(os.path.realpath(root, strict=True)):
        raise NfoError("nfo.leads-out", path=shown(path), root=shown(root))
    return resolved


def _read_bounded(path: Path) -> bytes:
    # Without O_NONBLOCK the open of a FIFO that is named like an NFO would wait for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise NfoError("nfo.no-file", path=shown(path))
        return file.read(MAX_SIZE + 1)


def _replace(target: Path, content: bytes) -> None:
    """Goes by the open folder: of a mount that is taken away meanwhile the change stays whole."""
    with _opened(target.parent) as folder:
        _remove_leftovers(target.parent)
        temporary = f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}"
        descriptor = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder
        )
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                _take_over_rights(descriptor, os.stat(target.name, dir_fd=folder))
                file.flush()
                os.fsync(descriptor)
            os.replace(temporary, target.name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=folder)
            raise
        # So that the new name lasts through a power cut, where that can be done for folders.
        with contextlib.suppress(OSError):
            os.fsync(folder)


@contextlib.contextmanager
def _opened(folder: Path) -> Iterator[int]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _remove_leftovers(folder: Path) -> None:
    """Removes what a process left behind that was killed between the new file and its new name.

    The NFO that it was for is still due then, so this is where it is found again.
    """
    for path in folder.glob(f"{PREFIX}*{SUFFIX}"):
        with contextlib.suppress(OSError):
            if time.time() - path.stat().st_mtime > LEFT_BEHIND:
                path.unlink()


def _take_over_rights(descriptor: int, old: os.stat_result) -> None:
    """Gives the new file the owner, group and mode of the old one, as far as user and file system allow.

    A network or FAT mount fixes the rights of all its files and may refuse any change; nothing is lost there.
    """
    for owner, group in ((old.st_uid, -1), (-1, old.st_gid)):
        with contextlib.suppress(OSError):
            os.fchown(descriptor, owner, group)
    with contextlib.suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(old.st_mode))


@contextlib.contextmanager
def _storage_errors(path: Path, code: str) -> Iterator[None]:
    """Turns the system's errors into a StorageError of one sentence that says what to do."""
    try:
        yield
    except OSError as error:
        raise StorageError(code, path=shown(path), reason=_reason(error)) from error


def _reason(error: OSError) -> Phrase:
    if error.errno == errno.EROFS:
        return Phrase("nfo.read-only")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Phrase("nfo.no-rights")
    return Phrase.of(error.strerror or str(error))
