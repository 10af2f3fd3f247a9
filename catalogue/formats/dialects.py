"""Lists that tell what ours tells, in other words: their columns are renamed, and read as ours. No Django."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from catalogue.folding import parsed
from catalogue.formats import ours
from catalogue.formats.cells import Cells, day
from catalogue.formats.contract import Row
from catalogue.formats.ours import OWN, joined
from catalogue.values import BEST_RATING, Role, TermKind

Reading = Callable[[str], str | None]
"""What a text is in our table; empty where it is not understood, None where it says nothing, as 0 pages."""

NOTHING = ""
"""Ours for a column of theirs that says nothing of the thing: a path on their machine, when a row changed."""

_SEVERAL = frozenset(
    {*ours.ROLES.values(), *TermKind, "creator", "plays", "signed_by", "ids", "isbn", "ean_upc"}
)
"""Columns of ours of which theirs may be several: authors and editors, genres and subgenres."""

_YEAR = re.compile(r"(?<!\d)(?:1[5-9]\d\d|2[01]\d\d)(?!\d)")
_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec"
_BREAK = re.compile(r"\s*<(?:br|/p|/div|/li)\b[^<>]{0,200}>\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a list calls our columns, and how it writes what is in them.

    Where one `takes_titles_apart`, series, edition and format stand in its titles.
    """

    names: Mapping[str, str]
    readings: Mapping[str, Reading] = field(default_factory=dict)
    takes_titles_apart: bool = False

    def entry(self, row: Cells, told: Mapping[str, str], *, guesses: bool = True) -> Row:
        """Read a row, of which `told` are columns of ours that are known already.

        Unless it `guesses`, the day of publishing says nothing of the year.
        """
        cells = {name: text for name, text in told.items() if text}
        for name, text in row.rest():
            column = self.names.get(name.casefold())
            if column is None:
                cells[OWN + name] = text.strip()
            elif column:
                read = self.readings.get(column)
                said = read(text) if read else joined([text]) if column in _SEVERAL else text
                if said is None:
                    continue
                if said and column not in cells:
                    cells[column] = said
                elif said and column in _SEVERAL:
                    cells[column] += f";{said}"
                elif said != cells.get(column):
                    cells[OWN + name] = text.strip()
        if self.takes_titles_apart:
            line = parsed(cells.get("title", ""))
            cells["title"] = line.title
            for column in ("series", "position", "edition", "format", "platform"):
                cells.setdefault(column, getattr(line, column))
            cells.setdefault("year", str(line.year or ""))
        if guesses:
            _year_of_publishing(cells)
        if not cells.get("title"):
            # That a list has a number for a thing does not say what it is; a printed code does.
            cells.pop("ids", None)
        return ours.entry(Cells.of(row.number, cells))


def _year_of_publishing(cells: dict[str, str]) -> None:
    """A day of publishing of which the year alone is known is the year, which else is that of the day."""
    published = cells.get("published_on", "")
    if found := _YEAR.search(published):
        cells["year"] = cells.get("year") or found[0]
        if published == found[0]:
            del cells["published_on"]


# Readings


def out_of(best: int) -> Reading:
    """A rating of at most so much; none given is often a 0."""

    def read(text: str) -> str | None:
        found = re.fullmatch(r"(\d{1,3})(?:[.,](\d{1,3}))?", text)
        value = Decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(-1)
        if not value:
            return None
        return f"{value * BEST_RATING / best:f}" if 0 < value <= best else ""

    return read


def leading_number(text: str) -> str | None:
    """The number of `97 min`."""
    found = re.match(r"\d{1,6}(?![\d:.,])", text)
    return "" if not found else found[0] if int(found[0]) else None


def parts(delimiter: str) -> Reading:
    """Several values."""
    return lambda text: joined(part.strip() for part in text.split(delimiter) if part.strip())


def turned(name: str) -> str:
    """`Berg, Mara` as she is called."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and first.strip() and "," not in first else name.strip()


def day_first(text: str) -> str:
    """A day of a list that is known to write the day before the month."""
    found = re.fullmatch(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})", text)
    return _day(text, found[3], found[2], found[1]) if found else named_month(text)


def named_month(text: str) -> str:
    """A day such as `May 21, 1997`."""
    found = re.fullmatch(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}), (\d{4})", text)
    month = _MONTHS.find(found[1].lower()) if found else -1
    return _day(text, found[3], month // 3 + 1, found[2]) if found and not month % 3 else text


def _day(text: str, *numbers: str | int) -> str:
    try:
        return str(date(*map(int, numbers)))
    except ValueError:
        return text


def day_of(text: str) -> str | None:
    """The day of a moment; long ago is never."""
    found = day(text)
    return None if found and found.year < 1000 else str(found or text)


def unmarked(text: str) -> str:
    """The text of some HTML."""
    if "<" not in text and "&" not in text:
        return text
    return html.unescape(_TAG.sub("", _BREAK.sub("\n", text))).strip()


ROLES: Mapping[str, Role] = {role.value: role for role in Role} | {
    "cast": Role.ACTOR,
    "illustrated by": Role.ILLUSTRATOR,
    "colourist": Role.COLORIST,
    "cover": Role.COVER_ARTIST,
    "penciler": Role.PENCILLER,
    "reader": Role.NARRATOR,
    "screenwriter": Role.WRITER,
    "songwriter": Role.COMPOSER,
}
"""What others call what somebody did."""


def people(named: list[tuple[str, str]], otherwise: Role) -> dict[str, str]:
    """Our columns for people, each with what they did in the words of a list."""
    by_role: dict[str, list[str]] = {}
    for name, told in named:
        role = ROLES.get(told.casefold().removeprefix("df").replace("_", " "), otherwise)
        by_role.setdefault(ours.ROLES[role], []).append(name)
    return {column: joined(dict.fromkeys(names)) for column, names in by_role.items()}
