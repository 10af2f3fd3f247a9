"""Which format a file has, by what is in it. No Django."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from catalogue.formats import archive, tables, xml_records
from catalogue.formats.archive import DamagedError
from catalogue.formats.archived import ARCHIVED
from catalogue.formats.calibre import CALIBRE, CALIBRE_CSV, CALIBRE_JSON, is_database
from catalogue.formats.clz import CLZ, CLZ_CSV
from catalogue.formats.code_list import CODE_LIST
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.delicious import DELICIOUS_1, DELICIOUS_2, DELICIOUS_3
from catalogue.formats.gcstar import GCSTAR
from catalogue.formats.letterboxd import LETTERBOXD
from catalogue.formats.librarything import LIBRARYTHING, LIBRARYTHING_JSON
from catalogue.formats.ours import OURS
from catalogue.formats.sites import DISCOGS, GOODREADS, LIBIB, STORYGRAPH
from catalogue.formats.tellico import TELLICO, TELLICO_CSV
from catalogue.values import Fault, Wrong

FORMATS: tuple[Format, ...] = (
    *(ARCHIVED, LETTERBOXD, TELLICO, GCSTAR, DELICIOUS_1, DELICIOUS_2, CLZ, CALIBRE),
    *(GOODREADS, STORYGRAPH, LIBIB, DISCOGS, LIBRARYTHING, LIBRARYTHING_JSON),
    *(TELLICO_CSV, DELICIOUS_3, CLZ_CSV, CALIBRE_CSV, CALIBRE_JSON),
    *(OURS, CODE_LIST),
)
"""All that are read, the first that recognises a file wins: ours is any table with a title."""

_SECTIONS = {
    "clz": "clz-collectorz",
    "codes": "a-list-of-codes",
    "delicious": "delicious-library",
    "ours": "any-other-table",
}
SECTIONS = {one.key: _SECTIONS.get(one.key, one.key) for one in FORMATS}
"""The sections of docs/imports.md in which formats are described, by their keys."""


def recognised(file: BinaryIO) -> Format | None:
    """Return the format of a file; None where nobody here reads it, or can."""
    try:
        return _recognised(file)
    except DamagedError:
        return None


def read(file: BinaryIO, format: Format | None = None) -> Iterator[Row]:
    """Read a file row by row, each an entry or what is wrong with it. Raises nothing about what is in it."""
    try:
        if found := format or _recognised(file):
            yield from found.read(_upload(file))
        else:
            yield Fault(None, _why_unknown(file))
    except DamagedError:
        yield Fault(None, Wrong.BROKEN)


def count(file: BinaryIO, format: Format) -> int:
    """How many rows a file has, of which a preview reads only the first; of a damaged one none."""
    try:
        return format.count(_upload(file))
    except DamagedError:
        return 0


def _recognised(file: BinaryIO) -> Format | None:
    upload = _upload(file)
    return next((one for one in FORMATS if one.recognises(upload)), None)


def _upload(file: BinaryIO) -> Upload:
    if archive.is_archive(file) or is_database(file):
        return Upload(file)
    if xml_records.is_xml(file):
        return Upload(file, root=xml_records.root(file))
    return Upload(file, tables.look(file))


def _why_unknown(file: BinaryIO) -> Wrong:
    file.seek(0)
    return Wrong.UNKNOWN_FORMAT if file.read(1) else Wrong.EMPTY
