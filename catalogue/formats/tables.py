"""Tables as text: encoding, delimiter and columns are found by looking; rows are read singly. No Django."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import BinaryIO

from catalogue.formats.cells import Cells, Columns
from catalogue.values import Fault, Wrong

MOST_CELLS = 1_000
LONGEST_CELL = 1_000_000
"""Characters of a cell; a row with a longer one is not read."""

LONGEST_ROW = 4_000_000
"""Characters of a row, over however many lines: more of it is never in memory."""

_MOST_TRIES = 10
"""So many quotes that never end are passed over before the rest of a file is given up."""

_LOOKED_AT = 65_536
_DELIMITERS = ",;\t|"
SHOWN = 80
"""Characters of what is at fault that are told."""

_SEPARATOR = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)

# The limit of csv is one of the whole process, and below what a review may have. No reader is bounded by it
# here: each gets its lines from `_Lines`, which hands out no more than LONGEST_ROW of them for one row.
csv.field_size_limit(2 * LONGEST_ROW)


@dataclass(frozen=True, slots=True)
class Table:
    """How a file is laid out; `names` are its columns, each once. `skipped` lines stand before them."""

    names: tuple[str, ...]
    encoding: str
    delimiter: str
    skipped: int = 0

    def has(self, *names: str) -> bool:
        """Whether it has all these columns, in whatever case."""
        return {name.casefold() for name in names} <= {name.casefold() for name in self.names}


def look(file: BinaryIO) -> Table | None:
    """Find out how a file is laid out; None where it is no text with a line in it."""
    file.seek(0)
    encoding = _encoding(file)
    file.seek(0)
    head = file.read(_LOOKED_AT).decode(encoding, "replace").replace("\0", "")
    first = next(filter(str.strip, head.splitlines()), "")
    if told := _SEPARATOR.fullmatch(first):
        delimiter = told[1]
    else:
        cells = {one: len(next(csv.reader([first], delimiter=one), [])) for one in _DELIMITERS}
        delimiter = max(cells, key=lambda one: cells[one])
    records = enumerate(csv.reader(io.StringIO(head, newline=""), delimiter=delimiter))
    filled = ((number, row) for number, row in records if any(map(str.strip, row)))
    skipped, header = next(islice(filled, 1 if told else 0, None), (0, []))
    if not header:
        return None
    names: dict[str, str] = {}
    for place, name in enumerate(header[:MOST_CELLS], 1):
        wanted = name.strip() or f"{place}"
        given = f"{wanted} ({place})" if wanted.casefold() in names else wanted
        names[given.casefold()] = given
    return Table(tuple(names.values()), encoding, delimiter, skipped)


def lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a file with their ends. Bytes that are no text are replaced.

    Of a line longer than a row may be only the beginning is told, without an end.
    """
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        while line := text.readline(LONGEST_ROW):
            yield line.replace("\0", "")
            while len(line) == LONGEST_ROW and not line.endswith(("\n", "\r")):
                line = text.readline(LONGEST_ROW)
    finally:
        text.detach()


def rows(file: BinaryIO, table: Table) -> Iterator[Cells | Fault]:
    """The rows below the header, numbered as a spreadsheet does. A cell is its text, never a formula.

    A row that never ends, by a quote that is not closed, costs itself alone: those below it are read.
    """
    columns = Columns(table.names)
    for record in _records(file, table):
        yield record if isinstance(record, Fault) else _checked(*record, columns)


def counted(file: BinaryIO, table: Table) -> int:
    """How many there are of them."""
    return sum(1 for _ in _records(file, table))


def _records(file: BinaryIO, table: Table) -> Iterator[tuple[int, list[str], bool] | Fault]:
    """The rows that have a cell, each with its number and whether the end of its last line is missing."""
    source = _Lines(lines(file, table.encoding))
    reader = csv.reader(source, delimiter=table.delimiter)
    number = tries = 0
    while True:
        source.begin()
        number += 1
        wrong = Wrong.BROKEN
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            wrong = Wrong.TOO_LARGE
        else:
            if not source.has_ended:
                # Below a row without end may stand the rest of its text, which is no row.
                is_row = number > table.skipped + 1 and (not source.is_again or len(row) == len(table.names))
                if is_row and any(row):
                    yield number, row, not source.used[-1].endswith(("\n", "\r"))
                continue
        yield Fault(number, wrong, source.used[0].strip()[:SHOWN])
        tries += 1
        if tries > _MOST_TRIES:
            yield Fault(None, wrong)
            return
        source.give_back()


class _Lines(Iterator[str]):
    """The lines of a file, row by row: those of one that is no row can be had again, but its first."""

    def __init__(self, source: Iterator[str]) -> None:
        self.source = source
        self.used: list[str] = []
        self.again: deque[str] = deque()
        self.is_again = self.has_ended = False
        self.left = LONGEST_ROW

    def begin(self) -> None:
        self.used, self.left, self.is_again = [], LONGEST_ROW, bool(self.again)

    def give_back(self) -> None:
        self.again.extendleft(reversed(self.used[1:]))
        self.has_ended = False

    def __next__(self) -> str:
        try:
            line = self.again.popleft() if self.again else next(self.source)
        except StopIteration:
            self.has_ended = True
            raise
        self.used.append(line)
        self.left -= len(line)
        if self.left <= 0:
            raise csv.Error("a row without end")
        return line


def _checked(number: int, row: list[str], is_cut: bool, columns: Columns) -> Cells | Fault:
    if len(row) > MOST_CELLS:
        return Fault(number, Wrong.TOO_MANY_CELLS)
    missing = len(columns.names) - len(row)
    # Only the last line of a file that was cut short has too few cells and no end.
    if is_cut and missing > 0:
        return Fault(number, Wrong.BROKEN, row[0][:SHOWN])
    texts = [cell.strip() for cell in row]
    if max(map(len, texts)) > LONGEST_CELL:
        return Fault(number, Wrong.TOO_LARGE, row[0][:SHOWN])
    return Cells(number, columns, texts + [""] * missing)


def _encoding(file: BinaryIO) -> str:
    """The encoding of a file, all of which is looked at: one byte far below may say that it is not UTF-8."""
    head = file.read(_LOOKED_AT)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if b"\0" in head and not len(head) % 2:
        even, odd = head[::2].count(0), head[1::2].count(0)
        if max(even, odd) > len(head) // 4:
            return "utf-16-be" if even > odd else "utf-16-le"
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    is_utf8 = is_cp1252 = True
    for part in chain([head], iter(lambda: file.read(_LOOKED_AT), b"")):
        is_cp1252 = is_cp1252 and not any(map(part.count, _NOT_IN_CP1252))
        try:
            if is_utf8:
                decoder.decode(part)
        except UnicodeDecodeError:
            is_utf8 = False
    if is_utf8:
        return "utf-8-sig"
    return "cp1252" if is_cp1252 else "latin-1"


_NOT_IN_CP1252 = (0x81, 0x8D, 0x8F, 0x90, 0x9D)
