"""What lacks a part, as far as the collection itself says so: seasons without some of their episodes, and
series without some of the numbers between those that are owned.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from accounts.models import User
from catalogue import search, seasons
from catalogue.folding import fold
from catalogue.models import Season
from catalogue.query import parse

Span = tuple[int, int]
"""Numbers that follow each other: the first and the last of them."""

_NUMBERS = re.compile(r"#?\s*(\d{1,4})(?:\s*[-\u2013]\s*#?(\d{1,4}))?")
_BETWEEN = re.compile(r"#?\s*\d{1,4}[.,]\d+")


@dataclass(frozen=True, slots=True)
class Gap:
    """A series of which numbers are missing, the kind of its works, and how many of its numbers are owned."""

    series: str
    kind: str
    owned: int
    missing: Sequence[Span]

    @property
    def number(self) -> int:
        """How many are missing."""
        return sum(last - first + 1 for first, last in self.missing)


def begun(user: User) -> QuerySet[Season]:
    """The seasons with fewer episodes than they should have, of works of which some episode is there.

    Where nothing is there of any season, nobody may have said what is.
    """
    some = Season.objects.filter(available__gt=0).values("work")
    return seasons.seen(user).filter(expected__gt=0, is_complete=False, work__in=some)


def gaps(user: User) -> list[Gap]:
    """The numbered series of which somebody sees some, but not all, numbers; by name. One query.

    Of several ways in which a series is written, the one that came first is told.
    """
    owned = search.find(user, parse("is:owned")).exclude(series="").exclude(position="").order_by("pk")
    written: dict[tuple[int, str, str], list[str]] = defaultdict(list)
    names: dict[tuple[int, str, str], str] = {}
    for library, kind, series, position in owned.values_list("library", "kind", "series", "position"):
        key = (library, kind, fold(series))
        written[key].append(position)
        names.setdefault(key, series)
    found = []
    for key, positions in written.items():
        numbers = numbers_of(positions)
        if missing := missing_of(numbers):
            found.append(Gap(names[key], key[1], len(numbers), missing))
    return sorted(found, key=lambda one: one.series.casefold())


def numbers_of(positions: Collection[str]) -> set[int]:
    """The whole numbers among places in a series; none where one of them is no number, as with IV.

    `3-5` is three of them, `3.5` stands between two.
    """
    found: set[int] = set()
    for position in positions:
        if read := _NUMBERS.fullmatch(position.strip().removesuffix(".0")):
            first, last = int(read[1]), int(read[2] or read[1])
            found.update(range(first, last + 1))
        elif not _BETWEEN.fullmatch(position.strip()):
            return set()
    return found


def missing_of(numbers: Collection[int]) -> list[Span]:
    """What is missing between the lowest and the highest of some numbers."""
    known = sorted(numbers)
    return [(before + 1, after - 1) for before, after in pairwise(known) if after - before > 1]
