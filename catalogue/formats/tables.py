"""Tables as text: encoding, delimiter and columns are found by looking; rows are read singly. No Django."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain, islice
from typing import BinaryIO, TypeVar

from catalogue import codes
from catalogue.codes import Code
from catalogue.values import BEST_RATING, BOOKISH, Fault, Kind, Wrong

Chosen = TypeVar("Chosen")

MOST_CELLS = 1_000
LONGEST_CELL = 1_000_000
"""Characters of a cell; a row with a longer one is not read."""

_LONGEST_LINE = 16_000_000
_LOOKED_AT = 65_536
_DELIMITERS = ",;\t|"
_SHOWN = 80
_SEPARATOR = re.compile(r"sep=([,;\t|])\s*", re.IGNORECASE)
_TRUTHS = {
    **dict.fromkeys(("yes", "y", "true", "1", "x", "ja"), True),
    **dict.fromkeys(("no", "n", "false", "0", "nein"), False),
}
_LOST = {0: None, **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}
"""What no database takes: NUL goes, half of a pair of UTF-16 is replaced."""

_NUMBER = re.compile(r"\d{1,9}")
_DECIMAL = re.compile(r"(?P<currency>[^\d\s.,-]{0,3})\s?(?P<whole>\d{1,9})(?:[.,](?P<part>\d{1,4}))?")
_DATE = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[T ][\d:.]+.{0,8})?", re.ASCII
)
_GERMAN_DATE = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII)
_YEAR = re.compile(r"(?P<year>1\d{3}|2[01]\d\d)(?:[-/.]\d{1,2}){0,2}", re.ASCII)

csv.field_size_limit(_LONGEST_LINE)


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


@dataclass(slots=True)
class Cells:
    """The cells of a row, which are taken out one by one: what nobody takes, or understands, stays in `rest`.

    Each of the methods returns nothing, and leaves the cell, where it does not hold what was asked for.
    """

    number: int
    cells: Mapping[str, str]
    taken: set[str] = field(default_factory=set)
    _by_name: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self._by_name = {name.casefold(): text for name, text in self.cells.items()}

    def text(self, *names: str) -> str:
        """The first of these cells that is not empty."""
        return next((self._take(name, text) for name in names if (text := self._look(name))), "")

    def many(self, name: str, delimiters: str = ";|") -> tuple[str, ...]:
        """The parts of a cell, each once."""
        parts = re.split(f"[{re.escape(delimiters)}]", self.text(name))
        return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))

    def whole(self, *names: str) -> int | None:
        for name in names:
            text = self._look(name)
            if _NUMBER.fullmatch(text):
                return int(self._take(name, text))
        return None

    def year(self, *names: str) -> int | None:
        """A year, or that of a date."""
        for name in names:
            if found := _YEAR.fullmatch(self._look(name)):
                self.taken.add(name.casefold())
                return int(found["year"])
        return None

    def money(self, name: str) -> tuple[Decimal | None, str]:
        """An amount, and the sign or letters of its currency."""
        text = self._look(name)
        found = _DECIMAL.fullmatch(text)
        if not found:
            return None, ""
        self._take(name, text)
        return Decimal(f"{found['whole']}.{found['part'] or 0}").normalize() + 0, found["currency"].strip()

    def rating(self, name: str, best: int) -> Decimal | None:
        """A rating of at most `best`, as one of ten. None given is often a 0."""
        text = self._look(name)
        found = _DECIMAL.fullmatch(text)
        value = Decimal(text.replace(",", ".")) if found and not found["currency"] else Decimal(0)
        if not 0 < value <= best:
            self.taken |= {name.casefold()} if found and not value else set()
            return None
        self._take(name, text)
        return (value * BEST_RATING / best).normalize() + 0

    def date(self, *names: str) -> date | None:
        """A day that can be one day only: 04/05/2019 is two."""
        for name in names:
            if found := day(self._look(name)):
                self.taken.add(name.casefold())
                return found
        return None

    def choice(self, name: str, words: Mapping[str, Chosen]) -> Chosen | None:
        """What the word in a cell stands for, in whatever case."""
        word = self._look(name).casefold()
        self.taken |= {name.casefold()} if word in words else set()
        return words.get(word)

    def yes(self, name: str) -> bool | None:
        return self.choice(name, _TRUTHS)

    def codes(self, kind: Kind, *names: str) -> tuple[Code, ...]:
        """The codes in these cells, several by `;`. A cell that holds anything else too is left."""
        found: list[Code] = []
        for name in names:
            parts = [part for part in re.split("[;|]", self._look(name)) if part.strip(' ="')]
            read = [code for part in parts if (code := codes.read(part, bookish=kind in BOOKISH))]
            found += read
            if len(read) == len(parts):
                self.taken.add(name.casefold())
        return tuple(dict.fromkeys(found))

    def rest(self) -> tuple[tuple[str, str], ...]:
        """All that was not taken, under its own name."""
        left = ((name, text) for name, text in self.cells.items() if name.casefold() not in self.taken)
        return tuple((name, text) for name, text in left if text)

    def _look(self, name: str) -> str:
        return self._by_name.get(name.casefold(), "")

    def _take(self, name: str, text: str) -> str:
        self.taken.add(name.casefold())
        return text


def day(text: str) -> date | None:
    found = _DATE.fullmatch(text) or _GERMAN_DATE.fullmatch(text)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None
    except ValueError:
        return None


def look(file: BinaryIO) -> Table | None:
    """Find out how a file is laid out; None where it is no text with a line in it."""
    file.seek(0)
    encoding = _encoding(file)
    file.seek(0)
    head = file.read(_LOOKED_AT).decode(encoding, "replace").translate(_LOST)
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
    names: list[str] = []
    for place, name in enumerate(header[:MOST_CELLS], 1):
        wanted = name.strip() or f"{place}"
        names.append(
            wanted if wanted.casefold() not in {one.casefold() for one in names} else f"{wanted} ({place})"
        )
    return Table(tuple(names), encoding, delimiter, skipped)


def lines(file: BinaryIO, encoding: str) -> Iterator[str]:
    """The lines of a file with their ends. Bytes that are no text are replaced."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding, errors="replace", newline="")
    try:
        while line := text.readline(_LONGEST_LINE):
            yield line.translate(_LOST)
    finally:
        text.detach()


def rows(file: BinaryIO, table: Table) -> Iterator[Cells | Fault]:
    """The rows below the header, numbered as a spreadsheet does. A cell is its text, never a formula."""
    source = _Followed(lines(file, table.encoding))
    reader = csv.reader(source, delimiter=table.delimiter)
    number = 0
    while True:
        number += 1
        try:
            row = next(reader)
            if len(source.last) >= _LONGEST_LINE:
                yield Fault(None, Wrong.TOO_LARGE, source.last[:_SHOWN])
                return
        except StopIteration:
            return
        except csv.Error as error:
            yield Fault(None, Wrong.BROKEN, str(error)[:_SHOWN])
            return
        if number <= table.skipped + 1 or not any(row):
            continue
        yield _checked(number, row, table, is_cut=not source.last.endswith(("\n", "\r")))


class _Followed(Iterator[str]):
    """The same lines; it knows the last one."""

    def __init__(self, source: Iterator[str]) -> None:
        self.source, self.last = source, ""

    def __next__(self) -> str:
        self.last = next(self.source)
        return self.last


def _checked(number: int, row: list[str], table: Table, *, is_cut: bool) -> Cells | Fault:
    if len(row) > MOST_CELLS:
        return Fault(number, Wrong.TOO_MANY_CELLS)
    if any(len(cell) > LONGEST_CELL for cell in row):
        return Fault(number, Wrong.TOO_LARGE, row[0][:_SHOWN])
    # Only the last line of a file that was cut short has too few cells and no end.
    if is_cut and len(row) < len(table.names):
        return Fault(number, Wrong.BROKEN, row[0][:_SHOWN])
    names = [*table.names, *(f"{place + 1}" for place in range(len(table.names), len(row)))]
    return Cells(number, {name: cell.strip() for name, cell in zip(names, row, strict=False)})


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
    used: set[int] = set()
    is_utf8 = True
    for part in chain([head], iter(lambda: file.read(_LOOKED_AT), b"")):
        used.update(part)
        try:
            if is_utf8:
                decoder.decode(part)
        except UnicodeDecodeError:
            is_utf8 = False
    if is_utf8:
        return "utf-8-sig"
    return "latin-1" if used & _NOT_IN_CP1252 else "cp1252"


_NOT_IN_CP1252 = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
