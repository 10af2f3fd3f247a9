"""ZIP archives, of which members are read in place: no name in one is ever a path. No Django."""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile

MOST_BYTES = 1 << 30
MOST_TIMES = 200
"""How much larger than the archive all that is in it may be."""

MOST_MEMBERS = 10_000

_MAGIC = b"PK\x03\x04"


def is_archive(file: BinaryIO) -> bool:
    file.seek(0)
    return file.read(len(_MAGIC)) == _MAGIC


def members(file: BinaryIO, *names: str) -> Mapping[str, BinaryIO] | None:
    """Return those of these members that an archive has, unpacked.

    None where it is damaged, encrypted, or unpacks to more than is allowed.
    """
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            infos = archive.infolist()
            packed = file.seek(0, io.SEEK_END)
            most = min(MOST_BYTES, packed * MOST_TIMES)
            if len(infos) > MOST_MEMBERS or sum(info.file_size for info in infos) > most:
                return None
            # What a member says of its size is a claim: no more than that is read of it.
            return {
                info.filename: io.BytesIO(archive.open(info).read(info.file_size))
                for info in infos
                if info.filename in names
            }
    except (
        BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
        OSError,
        ValueError,
    ):
        return None
