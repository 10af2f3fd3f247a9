"""The cells of a row of any format, understood one by one: what nobody takes is kept. No Django."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import TypeVar

from catalogue import codes
from catalogue.codes import Code
from catalogue.values import BEST_RATING, BOOKISH, Kind

Chosen = TypeVar("Chosen")

_TRUTHS = {
    **dict.fromkeys(("yes", "y", "true", "1", "x", "ja"), True),
    **dict.fromkeys(("no", "n", "false", "0", "nein"), False),
}
_NUMBER = re.compile(r"\d{1,9}")
_DECIMAL = re.compile(
    r"(?P<currency>[^\d\s.,-]{0,3})\s?(?P<whole>\d{1,9})(?:[.,](?P<part>\d{1,4}))?\s?(?P<unit>[^\d\s.,-]{0,3})"
)
_DATE = re.compile(
    r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})(?:[T ][\d:.]+.{0,8})?", re.ASCII
)
_GERMAN_DATE = re.compile(r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})", re.ASCII)
_YEAR = re.compile(r"(?P<year>1\d{3}|2[01]\d\d)(?:[-/.]\d{1,2}){0,2}", re.ASCII)


class Columns:
    """The names of columns, each once, looked up once: rows ask for many that a table does not have."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self._places = {name.casefold(): place for place, name in enumerate(self.names)}
        self._among: dict[tuple[str, ...], tuple[tuple[str, int], ...]] = {}

    def place(self, name: str) -> int:
        """Where a column stands, in whatever case its name is asked for; -1 where there is none."""
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = self._places.get(name.casefold(), -1)
        return place

    def among(self, names: tuple[str, ...]) -> tuple[tuple[str, int], ...]:
        """Those of some names of which there is a column, with their places."""
        found = self._among.get(names)
        if found is None:
            places = [(name, self.place(name)) for name in names]
            found = self._among[names] = tuple((name, place) for name, place in places if place >= 0)
        return found


@lru_cache(maxsize=200)
def _columns(names: tuple[str, ...]) -> Columns:
    """Many rows that name their cells themselves name the same."""
    return Columns(names)


@dataclass(slots=True)
class Cells:
    """The cells of a row, which are taken out one by one: what nobody takes, or understands, stays in `rest`.

    Each of the methods returns nothing, and leaves the cell, where it does not hold what was asked for. There
    is a text for each column; those beyond have no name but their place.
    """

    number: int
    columns: Columns
    texts: list[str]
    taken: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, number: int, told: Mapping[str, str]) -> Cells:
        """A row that names its cells itself."""
        return cls(number, _columns(tuple(told)), list(told.values()))

    def filled(self, names: tuple[str, ...]) -> list[str]:
        """Those of the names of which the cell is not empty."""
        return [name for name, place in self.columns.among(names) if self.texts[place]]

    def text(self, *names: str) -> str:
        """The first of these cells that is not empty."""
        for name in names:
            place = self.columns.place(name)
            if place >= 0 and (text := self.texts[place]):
                self.taken.add(place)
                return text
        return ""

    def many(self, name: str, delimiters: str = ";|") -> tuple[str, ...]:
        """The parts of a cell, each once."""
        text = self.text(name)
        for other in delimiters[1:]:
            text = text.replace(other, delimiters[0])
        return tuple(dict.fromkeys(part.strip() for part in text.split(delimiters[0]) if part.strip()))

    def whole(self, *names: str) -> int | None:
        for name in names:
            if _NUMBER.fullmatch(text := self._look(name)):
                self.take(name)
                return int(text)
        return None

    def year(self, *names: str) -> int | None:
        """A year, or that of a date."""
        for name in names:
            if found := _YEAR.fullmatch(self._look(name)):
                self.take(name)
                return int(found["year"])
        return None

    def money(self, name: str) -> tuple[Decimal | None, str]:
        """An amount, and the sign or letters of its currency."""
        found = _DECIMAL.fullmatch(self._look(name))
        if not found:
            return None, ""
        self.take(name)
        amount = Decimal(f"{found['whole']}.{found['part'] or 0}").normalize() + 0
        return amount, found["currency"] or found["unit"]

    def rating(self, name: str, best: int) -> Decimal | None:
        """A rating of at most `best`, as one of ten. None given is often a 0."""
        text = self._look(name)
        found = _DECIMAL.fullmatch(text)
        if (
            not found
            or found["currency"]
            or found["unit"]
            or (value := Decimal(text.replace(",", "."))) > best
        ):
            return None
        self.take(name)
        return (value * BEST_RATING / best).normalize() + 0 if value else None

    def date(self, *names: str) -> date | None:
        """A day that can be one day only: 04/05/2019 is two."""
        for name in names:
            if found := day(self._look(name)):
                self.take(name)
                return found
        return None

    def choice(self, name: str, words: Mapping[str, Chosen]) -> Chosen | None:
        """What the word in a cell stands for, in whatever case."""
        if (word := self._look(name).casefold()) not in words:
            return None
        self.take(name)
        return words[word]

    def yes(self, name: str) -> bool | None:
        return self.choice(name, _TRUTHS)

    def codes(self, kind: Kind, *names: str) -> tuple[Code, ...]:
        """The codes in these cells, several by `;`. A cell that holds anything else too is left."""
        found: list[Code] = []
        for name in self.filled(names):
            if text := self._look(name):
                parts = [part for part in re.split("[;|\n]", text) if part.strip(' ="')]
                read = [code for part in parts if (code := codes.read(part, bookish=kind in BOOKISH))]
                found += read
                if len(read) == len(parts):
                    self.take(name)
        return tuple(dict.fromkeys(found))

    def take(self, *names: str) -> None:
        """Have these be no part of the rest: they were understood, or say nothing that others do not."""
        self.taken.update(map(self.columns.place, names))

    def leave(self, name: str) -> None:
        """Have the rest keep a cell of which not all was understood."""
        self.taken.discard(self.columns.place(name))

    def rest(self) -> tuple[tuple[str, str], ...]:
        """All that was not taken, under its own name."""
        names = self.columns.names
        return tuple(
            (names[place] if place < len(names) else f"{place + 1}", text)
            for place, text in enumerate(self.texts)
            if text and place not in self.taken
        )

    def _look(self, name: str) -> str:
        place = self.columns.place(name)
        return self.texts[place] if place >= 0 else ""


def day(text: str) -> date | None:
    found = _DATE.fullmatch(text) or _GERMAN_DATE.fullmatch(text)
    try:
        return date(int(found["year"]), int(found["month"]), int(found["day"])) if found else None
    except ValueError:
        return None
