"""ZIP archives, of which members are read in place: no name in one is ever a path. No Django."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

MOST_BYTES = 1 << 30
MOST_TIMES = 200
"""How large a member may be that is read, and how many times larger than the whole archive."""

MOST_MEMBERS = 200_000
MOST_LISTED = 64 << 20
"""Members, and bytes of the list of them: all of that is in memory while an archive is read."""

_MAGIC = b"PK\x03\x04"
_ENCRYPTED = 0x1


class DamagedError(Exception):
    """A file does not hold what it says it does; what was read of it before is true."""


def is_archive(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(_MAGIC)) == _MAGIC


class Archive:
    """An archive whose members are listed once; each is unpacked while it is read.

    Raises:
        DamagedError: It is damaged, or lists more than is allowed; reading a member may, too.
    """

    def __init__(self, file: BinaryIO) -> None:
        if _listed(file) > MOST_LISTED:
            raise DamagedError
        with _damage():
            self._zip = ZipFile(file)
            self._infos = {info.filename: info for info in self._zip.infolist()}
        if len(self._infos) > MOST_MEMBERS:
            raise DamagedError
        self._most = min(MOST_BYTES, file.seek(0, io.SEEK_END) * MOST_TIMES)

    def members(self, *names: str) -> Mapping[str, BinaryIO]:
        """Those of these members that it has. What nobody asks for may be as large as it likes.

        Raises DamagedError for one that is encrypted, packed as nobody here reads, or too large.
        """
        found = {name: self._infos[name] for name in names if name in self._infos}
        return {name: io.BufferedReader(_Member(self._opened(info))) for name, info in found.items()}

    def _opened(self, info: ZipInfo) -> BinaryIO:
        # What a member says of its size is a claim: no more than that is read of it.
        too_large = info.file_size > self._most
        if too_large or info.flag_bits & _ENCRYPTED or info.compress_type not in _READ:
            raise DamagedError
        with _damage():
            return cast("BinaryIO", self._zip.open(info))


def members(file: BinaryIO, *names: str) -> Mapping[str, BinaryIO]:
    """Return those of these members that an archive has. Raises DamagedError as an `Archive` does."""
    return Archive(file).members(*names)


@contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise DamagedError from error


def _listed(file: BinaryIO) -> int:
    """How many bytes the list of members has, as the end of an archive says, before any of it is read."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _LONGEST_END))
    end = file.read()
    at = end.rfind(_END)
    if at < 0 or len(end) < at + _END_SIZE:
        return 0
    (listed,) = struct.unpack_from("<L", end, at + 12)
    wide = end.rfind(_WIDE_END, 0, at)
    if wide >= 0 and len(end) >= wide + _WIDE_END_SIZE:
        listed = max(listed if listed != _IS_WIDE else 0, *struct.unpack_from("<Q", end, wide + 40))
    return int(listed)


_END, _END_SIZE = b"PK\x05\x06", 22
_WIDE_END, _WIDE_END_SIZE = b"PK\x06\x06", 56
_LONGEST_END = _END_SIZE + _WIDE_END_SIZE + 20 + 65_535
"""The end of an archive, that of a large one with its pointer, and a comment."""

_IS_WIDE = 0xFFFFFFFF
_READ = (ZIP_STORED, ZIP_DEFLATED)


class _Member(io.RawIOBase):
    """A member whose damage is a `DamagedError`."""

    def __init__(self, member: BinaryIO) -> None:
        self.member = member

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, to: int, whence: int = io.SEEK_SET) -> int:
        return self.member.seek(to, whence)

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            read = self.member.read(len(buffer))
        except (BadZipFile, EOFError, zlib.error) as error:
            raise DamagedError from error
        buffer[: len(read)] = read
        return len(read)
