"""ZIP archives, of which members are read in place: no name in one is ever a path. No Django."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

MOST_BYTES = 1 << 30
MOST_TIMES = 200
"""How much larger than the archive all that is in it may be."""

MOST_MEMBERS = 10_000

_MAGIC = b"PK\x03\x04"
_ENCRYPTED = 0x1


class DamagedError(Exception):
    """A file does not hold what it says it does; what was read of it before is true."""


def is_archive(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(_MAGIC)) == _MAGIC


def members(file: BinaryIO, *names: str) -> Mapping[str, BinaryIO]:
    """Return those of these members that an archive has; each is unpacked while it is read.

    Raises:
        DamagedError: It is damaged, encrypted, or unpacks to more than is allowed; reading a member may, too.
    """
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            infos = archive.infolist()
            packed = file.seek(0, io.SEEK_END)
            most = min(MOST_BYTES, packed * MOST_TIMES)
            if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > most:
                raise DamagedError
            if any(info.flag_bits & _ENCRYPTED for info in infos):
                raise DamagedError
            wanted = [info for info in infos if info.filename in names]
            if any(info.compress_type not in _READ for info in wanted):
                raise DamagedError
            # What a member says of its size is a claim: no more than that is read of it.
            opened = {info.filename: cast("BinaryIO", archive.open(info)) for info in wanted}
    except (BadZipFile, EOFError, NotImplementedError, OSError, ValueError) as error:
        raise DamagedError from error
    return {name: io.BufferedReader(_Member(member)) for name, member in opened.items()}


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
