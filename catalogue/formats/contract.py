"""What a format is: told by what is in a file, and read a row at a time. No Django."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from catalogue.formats.cells import Cells
from catalogue.formats.tables import Table, counted, rows
from catalogue.values import Entry, Fault

Row = Entry | Fault


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that can be sought in, and how it is laid out if it is a table, or its outermost element."""

    file: BinaryIO
    table: Table | None = None
    root: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """`key` is what its rows are known by when they come again; no function trusts the file's name.

    `count` says how many rows `read` gives, sooner than reading them does.
    """

    key: str
    recognises: Callable[[Upload], bool]
    read: Callable[[Upload], Iterator[Row]]
    count: Callable[[Upload], int]

    @classmethod
    def of_records(
        cls,
        key: str,
        recognises: Callable[[Upload], bool],
        records: Callable[[Upload], Iterator[Cells | Fault]],
        entry: Callable[[Cells], Row],
        count: Callable[[Upload], int] | None = None,
    ) -> Format:
        """A format of which each record is an entry; to count them none needs to be understood."""

        def read(upload: Upload) -> Iterator[Row]:
            for record in records(upload):
                yield record if isinstance(record, Fault) else entry(record)

        return cls(key, recognises, read, count or (lambda upload: sum(1 for _ in records(upload))))

    @classmethod
    def of_table(cls, key: str, columns: tuple[str, ...], entry: Callable[[Cells], Row]) -> Format:
        """A format that is a table with these columns, of which each row is an entry."""

        def recognises(upload: Upload) -> bool:
            return upload.table is not None and upload.table.has(*columns)

        def records(upload: Upload) -> Iterator[Cells | Fault]:
            if upload.table:
                yield from rows(upload.file, upload.table)

        return cls.of_records(key, recognises, records, entry, count_rows)


def count_rows(upload: Upload) -> int:
    return counted(upload.file, upload.table) if upload.table else 0
