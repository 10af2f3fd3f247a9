"""The folder of a title on the disk, held open while it is written to.

Everything goes by open folders, and no link inside the title's folder is followed: what is swapped for a link
meanwhile leads nowhere. That of the title may be a link, as far as the folders are open to Taggarr.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedReader
from typing import IO, Self

from artwork.publishing.plan import Found, PublicationError, shortened
from core import forcing
from core.errors import StorageError
from library.folder.videos import is_extra, is_video
from library.paths import shown
from storage.heads import LARGEST
from storage.keeping import PIECE, pieces_of

PREFIX, SUFFIX = ".taggarr-", ".tmp"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 4
"""So far down the videos of a series are looked for."""

_CODES = {
    errno.ENOSPC: "artwork.disk-full",
    errno.EDQUOT: "artwork.disk-full",
    errno.EROFS: "artwork.read-only",
    errno.EACCES: "artwork.no-rights",
    errno.EPERM: "artwork.no-rights",
    errno.ENOENT: "artwork.away",
    errno.ESTALE: "artwork.away",
    errno.ENOTCONN: "artwork.away",
    errno.EHOSTDOWN: "artwork.away",
    errno.ENODEV: "artwork.away",
}
_LASTING = {
    errno.ENAMETOOLONG: "artwork.name-too-long",
    errno.ELOOP: "artwork.link",
    errno.ENOTDIR: "artwork.link",
    errno.EISDIR: "artwork.no-file",
}


class TitleFolder:
    """One folder, and those inside it that were asked for. Paths are inside the folder.

    Its methods raise StorageError where trying again may help, PublicationError where it does not.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._open: dict[str, int] = {}
        self._staged: list[tuple[str, int]] = []

    def __enter__(self) -> Self:
        real = os.path.realpath(self.path)
        with self._telling(""):
            self._open[""] = os.open(real, _FOLDER)
        return self

    def __exit__(self, *_: object) -> None:
        self._forget()
        for descriptor in self._open.values():
            os.close(descriptor)

    # Looking

    def look(self, path: str, known: Found | None = None) -> Found | None:
        """What stands at a path. Where it is as `known` its bytes are not read."""
        with self._telling(path):
            there = self.status(path)
            if there is None:
                return None
            if known and (there.st_size, there.st_mtime_ns) == (known.size, known.mtime_ns):
                return Found(known.digest, known.size, known.mtime_ns, there.st_ino)
            with self.reading(path) as file:
                status = os.fstat(file.fileno())
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        return Found(digest, status.st_size, status.st_mtime_ns, status.st_ino)

    def status(self, path: str) -> os.stat_result | None:
        """What the system says of the file at a path; None where there is none."""
        with self._telling(path), suppress(FileNotFoundError):
            folder, name = self._at(path)
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        return None

    def is_as(self, path: str, known: Found, *, deep: bool = False) -> bool:
        """Whether a file of this size and time stands at a path, and with `deep` of these bytes."""
        there = self.status(path)
        if there is None or (there.st_size, there.st_mtime_ns) != (known.size, known.mtime_ns):
            return False
        return not deep or ((found := self.look(path)) is not None and found.digest == known.digest)

    def read(self, path: str) -> tuple[bytes, Found] | None:
        """What a small file at a path holds, and what it is known by; None where there is none."""
        if self.status(path) is None:
            return None
        with self.reading(path) as file:
            status = os.fstat(file.fileno())
            data = file.read()
        digest = hashlib.sha256(data).hexdigest()
        return data, Found(digest, status.st_size, status.st_mtime_ns, status.st_ino)

    @contextmanager
    def reading(self, path: str) -> Iterator[BufferedReader]:
        """The file at a path, of a size that can be kept."""
        with self._telling(path):
            folder, name = self._at(path)
            # Without O_NONBLOCK the open of a FIFO would wait for ever.
            flags = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC
            with os.fdopen(os.open(name, flags, dir_fd=folder), "rb") as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise PublicationError("artwork.no-file", path=self._shown(path))
                if status.st_size > LARGEST:
                    size = LARGEST >> 20
                    raise PublicationError("artwork.file-too-large", path=self._shown(path), size=size)
                yield file

    def has_video(self, stem: str = "") -> bool:
        """Whether a video of the title is there; with a `stem`, the one of that path without its suffix."""
        with self._telling(stem):
            if not stem:
                return self._has_video("", 1)
            base, _, name = stem.rpartition("/")
            try:
                folder = self._folder(base)
            except FileNotFoundError:
                return False
            return any(is_video(one) and one.rpartition(".")[0] == name for one in _names(folder))

    def _has_video(self, within: str, depth: int) -> bool:
        folders = []
        with os.scandir(self._folder(within)) as entries:
            for entry in entries:
                path = f"{within}/{entry.name}".lstrip("/")
                if is_video(entry.name):
                    if not is_extra(path, of_series=True):
                        return True
                elif (
                    depth < _DEEPEST
                    and not entry.name.startswith(".")
                    and entry.is_dir(follow_symlinks=False)
                ):
                    folders.append(path)
        return any(self._has_video(path, depth + 1) for path in folders)

    def names(self, within: str) -> list[str]:
        """The paths of what a folder inside holds; nothing where it is not there."""
        with self._telling(within):
            try:
                return [f"{within}/{name}".lstrip("/") for name in _names(self._folder(within))]
            except FileNotFoundError:
                return []

    def check_space(self, size: int) -> None:
        """Raise StorageError where so many bytes do not fit."""
        with self._telling(""):
            disk = os.statvfs(self._open[""])
            if disk.f_bavail * disk.f_frsize < size:
                raise OSError(errno.ENOSPC, "")

    # Writing

    def stage(self, draft: str, path: str, source: IO[bytes], digest: str) -> None:
        """Write the bytes for a path beside it; `force` them before they take it. Rights are those of what
        stands there, or as a file in this folder has them.
        """
        with self._telling(path):
            folder, _ = self._at(path)
            before = self.status(path)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
            made = hashlib.sha256()
            descriptor = os.open(draft, flags, 0o600, dir_fd=folder)
            self._staged.append((path, descriptor))
            with os.fdopen(descriptor, "wb", buffering=PIECE, closefd=False) as file:
                for piece in pieces_of(source):
                    made.update(piece)
                    file.write(piece)
            _take_over_rights(descriptor, before or os.fstat(folder))
        if made.hexdigest() != digest:
            raise StorageError("artwork.damaged", path=self._shown(path))

    def force(self) -> None:
        """Force what was staged to the disk, all at once."""
        paths = [path for path, _ in self._staged]
        errors = forcing.force([descriptor for _, descriptor in self._staged])
        self._forget()
        for path, error in zip(paths, errors, strict=True):
            if error is not None:
                with self._telling(path):
                    raise error

    def _forget(self) -> None:
        while self._staged:
            os.close(self._staged.pop()[1])

    def switch(self, draft: str, path: str, meant: Found | None) -> None:
        """Let what was staged take a path, on which there stands what is `meant`, or nothing."""
        with self._telling(path):
            folder, name = self._at(path)
            self._still(path, meant)
            os.replace(draft, name, src_dir_fd=folder, dst_dir_fd=folder)

    def remove(self, path: str, meant: Found | None) -> None:
        with self._telling(path):
            folder, name = self._at(path)
            self._still(path, meant)
            os.unlink(name, dir_fd=folder)

    def settle(self) -> None:
        """Have the names last through a power cut, where that can be done for folders."""
        forcing.force(list(self._open.values()))

    def clear(self, drafts: str, paths: Iterable[str]) -> None:
        """Delete the drafts that begin with this, beside these paths, and forget what was staged."""
        self._forget()
        for within in {path.rpartition("/")[0] for path in paths}:
            with self._telling(within), suppress(FileNotFoundError):
                folder = self._folder(within)
                for name in _names(folder):
                    if name.startswith(drafts) and name.endswith(SUFFIX):
                        os.unlink(name, dir_fd=folder)

    def _still(self, path: str, meant: Found | None) -> None:
        """Raise StorageError where somebody has written there since it was looked at."""
        now = self.status(path)
        seen = now and (now.st_ino, now.st_size, now.st_mtime_ns)
        if seen != (meant and (meant.inode, meant.size, meant.mtime_ns)):
            raise changed_meanwhile(path)

    # Opening

    def _at(self, path: str) -> tuple[int, str]:
        """The open folder that a file lies in, and its name there."""
        within, _, name = path.rpartition("/")
        return self._folder(within), name

    def _folder(self, within: str) -> int:
        if within not in self._open:
            above, name = self._at(within)
            self._open[within] = os.open(name, _FOLDER, dir_fd=above)
        return self._open[within]

    def _shown(self, path: str) -> str:
        return shortened(shown(f"{self.path}/{path}".rstrip("/")))

    @contextmanager
    def _telling(self, path: str) -> Iterator[None]:
        """Turn the system's errors into ours, of one sentence that says what to do."""
        try:
            yield
        except OSError as error:
            where = self._shown(path)
            if error.errno in _LASTING:
                raise PublicationError(_LASTING[error.errno], path=where, other="") from error
            code = _CODES.get(error.errno or 0, "artwork.unwritten")
            raise StorageError(code, path=where, reason=error.strerror or str(error)) from error


def changed_meanwhile(path: str) -> StorageError:
    return StorageError("artwork.changed-meanwhile", path=shortened(path))


def _names(folder: int) -> list[str]:
    with os.scandir(folder) as entries:
        return [entry.name for entry in entries]


def _take_over_rights(descriptor: int, of: os.stat_result) -> None:
    """Owner, group and mode, as far as user and file system allow; a folder's without the right to enter.

    A network or FAT mount fixes the rights of all its files and may refuse any change; nothing is lost there.
    """
    for owner, group in ((of.st_uid, -1), (-1, of.st_gid)):
        with suppress(OSError):
            os.fchown(descriptor, owner, group)
    with suppress(OSError):
        os.fchmod(descriptor, stat.S_IMODE(of.st_mode) & 0o666)
