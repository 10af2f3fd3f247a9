"""What the household has that cost something: each copy with its price, by place, for whoever insures it."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any, TextIO

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from accounts.models import User
from catalogue import places, scope
from catalogue.imports.result import guarded
from catalogue.models import OF_COPY, Copy, Identifier, Picture, Shows
from catalogue.pages.names import KIND
from catalogue.values import Kind
from core.features import Text

SHOWN = 2_000
"""Copies that stand on the page; the table has all."""

_AT_ONCE = 1_000

Sums = dict[str, Decimal]
"""What some copies cost together, by currency."""

_SIGNS = {"€": "EUR", "£": "GBP"}
"""What a sign stands for, where that is one currency alone."""


@dataclass(slots=True)
class Insured:
    """A copy with the numbers of its edition and its pictures."""

    copy: Copy
    numbers: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)


@dataclass(slots=True)
class Room:
    """A place, without a name for what stands nowhere: how many copies with a price, and what they cost."""

    name: str
    number: int
    sums: Sums
    shown: list[Insured] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Insurance:
    """What cost something, by place. The price of `unpriced` copies is not known; `left` are not shown."""

    rooms: list[Room]
    number: int
    sums: Sums
    unpriced: int
    left: int


def insurance(user: User, most: int = SHOWN) -> Insurance:
    """All copies that cost something, as far as somebody sees what they cost."""
    rows = _priced(user)
    named = _named()
    rooms: dict[int | None, Room] = {}
    together: Sums = {}
    grouped = rows.order_by().values_list("location", "currency").annotate(Count("pk"), Sum("price"))
    for place, currency, number, price in sorted(grouped, key=lambda row: (named[row[0]].casefold(), row[1])):
        room = rooms.setdefault(place, Room(named[place], 0, {}))
        room.number += number
        called = _SIGNS.get(currency, currency.upper())
        for sums in (room.sums, together):
            sums[called] = sums.get(called, Decimal()) + price
    for one in _told(user, rows.order_by("location__pk", "pk")[:most]):
        rooms[one.copy.location_id].shown.append(one)
    number, together = sum(room.number for room in rooms.values()), dict(sorted(together.items()))
    unpriced = _seen(user).filter(price=None).count()
    return Insurance(list(rooms.values()), number, together, unpriced, max(number - most, 0))


def write_table(user: User, to: TextIO) -> int:
    """Write all of these copies as a table, and what each place sums up to; return how many copies."""
    writer = csv.writer(to)
    writer.writerow(
        [
            *(_("Place"), _("Copy"), _("Title"), _("Year"), _("Kind"), _("Format"), _("Numbers")),
            *(_("Condition"), _("Bought"), _("From"), _("How many"), _("Price"), _("Currency")),
            *(_("Owner"), _("Photos"), _("Receipts")),
        ]
    )
    named = _named()
    number = 0
    for one in _told(user, _priced(user).order_by("location__pk", "pk")):
        writer.writerow([guarded(str(cell)) for cell in _cells(one, named[one.copy.location_id])])
        number += 1
    told = insurance(user, 0)
    for name, sums in [*((room.name, room.sums) for room in told.rooms), (None, told.sums)]:
        for currency, price in sorted(sums.items()):
            label = _("All places together") if name is None else _("Together: %s") % (name or _("no place"))
            row = [label, *[""] * 10, f"{price:f}", currency, "", "", ""]
            writer.writerow([guarded(cell) for cell in row])
    return number


def _cells(one: Insured, place: str) -> Iterator[Any]:
    copy = one.copy
    work = copy.edition.work
    kind: Text = KIND[Kind(work.kind)]
    yield from (place, copy.number, work.title, work.year or "", kind, copy.edition.format)
    yield from (" ".join(one.numbers), copy.condition, copy.acquired_on or "", copy.from_where, copy.quantity)
    yield from (f"{copy.price:f}", copy.currency, copy.owner or "")
    kinds = Counter(picture.shows for picture in one.pictures)
    yield from (kinds.total() - kinds[Shows.RECEIPT], kinds[Shows.RECEIPT])


def _named() -> dict[int | None, str]:
    """What places are called; where nothing stands is nowhere."""
    named: dict[int | None, str] = {None: ""}
    named.update(places.paths().items())
    return named


def _seen(user: User) -> QuerySet[Copy]:
    """The copies of which somebody sees what they cost."""
    rows = scope.copies(user)
    return rows if scope.sees_prices(user) else rows.filter(Q(owner=user) | Q(added_by=user))


def _priced(user: User) -> QuerySet[Copy]:
    return _seen(user).filter(price__isnull=False)


def _told(user: User, rows: QuerySet[Copy]) -> Iterator[Insured]:
    copies = rows.select_related("edition__work", "owner").iterator(_AT_ONCE)
    while some := list(islice(copies, _AT_ONCE)):
        yield from _with_more(user, some)


def _with_more(user: User, copies: Iterable[Copy]) -> Iterable[Insured]:
    shown = {copy.pk: Insured(copy) for copy in copies}
    editions: dict[int, list[Insured]] = defaultdict(list)
    for one in shown.values():
        editions[one.copy.edition_id].append(one)
    for edition, value in (
        Identifier.objects.filter(edition__in=list(editions)).order_by("pk").values_list("edition", "value")
    ):
        for one in editions[edition or 0]:
            one.numbers.append(value)
    works = {one.copy.edition.work_id for one in shown.values()}
    for picture in scope.pictures(user, sorted(works)).filter(copy__in=list(shown), shows__in=OF_COPY):
        shown[picture.copy_id or 0].pictures.append(picture)
    return shown.values()
