"""Which format a file has, by what is in it. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from catalogue.formats import archive, tables
from catalogue.formats.code_list import CODE_LIST
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.letterboxd import LETTERBOXD
from catalogue.formats.ours import OURS
from catalogue.formats.reading_sites import GOODREADS, STORYGRAPH
from catalogue.formats.shelves import DISCOGS, LIBIB
from catalogue.values import Fault, Wrong

FORMATS: tuple[Format, ...] = (LETTERBOXD, GOODREADS, STORYGRAPH, LIBIB, DISCOGS, OURS, CODE_LIST)
"""All that are read, the first that recognises a file wins: ours is any table with a title."""


def recognised(file: BinaryIO) -> Format | None:
    """Return the format of a file; None where nobody here reads it."""
    upload = _upload(file)
    return next((one for one in FORMATS if one.recognises(upload)), None)


def read(file: BinaryIO, format: Format | None = None) -> Iterator[Row]:
    """Read a file row by row, each an entry or what is wrong with it. Raises nothing about what is in it."""
    found = format or recognised(file)
    if found:
        yield from found.read(_upload(file))
    else:
        yield Fault(None, _why_unknown(file))


def _upload(file: BinaryIO) -> Upload:
    return Upload(file, None if archive.is_archive(file) else tables.look(file))


def _why_unknown(file: BinaryIO) -> Wrong:
    if archive.is_archive(file) and archive.members(file) is None:
        return Wrong.BROKEN
    file.seek(0)
    return Wrong.UNKNOWN_FORMAT if file.read(1) else Wrong.EMPTY
