"""What a format is: told by what is in a file, and read a row at a time. No Django."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from catalogue.formats.tables import Cells, Table, rows
from catalogue.values import Entry, Fault

Row = Entry | Fault


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that can be sought in, and how it is laid out if it is a table."""

    file: BinaryIO
    table: Table | None = None


@dataclass(frozen=True, slots=True)
class Format:
    """`key` is what its rows are known by when they come again; neither function trusts the file's name."""

    key: str
    recognises: Callable[[Upload], bool]
    read: Callable[[Upload], Iterator[Row]]


def of_table(key: str, columns: tuple[str, ...], entry: Callable[[Cells], Row]) -> Format:
    """A format that is a table with these columns, of which each row is an entry."""

    def recognises(upload: Upload) -> bool:
        return upload.table is not None and upload.table.has(*columns)

    def read(upload: Upload) -> Iterator[Row]:
        if upload.table:
            for row in rows(upload.file, upload.table):
                yield row if isinstance(row, Fault) else entry(row)

    return Format(key, recognises, read)
