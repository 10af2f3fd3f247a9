"""Pages of a list by where the last one ended, so that a page far behind costs no more than the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core import signing
from django.db.models import F, Model, Q, QuerySet

SALT = "web.keyset"
PAGE = 50

T = TypeVar("T")
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Key:
    """One field that a list is sorted by. What may be missing stands last, whichever the direction."""

    field: str
    descending: bool = False
    nullable: bool = False


@dataclass(frozen=True, slots=True)
class Slice:
    """One page: the ids of its rows, and the addresses' `at` of its neighbours, empty where there is none."""

    ids: list[int]
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class RowsPage(Generic[T]):
    """One page of rows, with the `at` of its neighbours as in a `Slice`."""

    rows: list[T]
    previous: str
    next: str


END = "end"
AS_MADE = (Key("pk"),)
NEWEST_FIRST = (Key("pk", descending=True),)


def rows_page(rows: QuerySet[Row], keys: Sequence[Key], at: str, size: int = PAGE) -> RowsPage[Row]:
    """Return the page that `at` names, as `cut` does, with its rows. Two queries."""
    # Only ids are sorted: whole rows of a large list would be sorted on disk.
    found = cut(rows, keys, at, size)
    known = rows.in_bulk(found.ids)
    return RowsPage([known[pk] for pk in found.ids if pk in known], found.previous, found.next)


def cut(rows: QuerySet[Any], keys: Sequence[Key], at: str, size: int, *, start: Q | None = None) -> Slice:
    """Return the page that `at` names: what follows or precedes a row, or the end; else the first.

    The last key must tell all rows apart. `start` is the condition of where to begin in place of the first.
    """
    everything = rows
    word, _, mark = at.partition(".")
    values = _values(mark, len(keys)) if word in ("after", "before") else None
    backwards = at == END or (word == "before" and values is not None)
    if values is not None:
        rows = rows.filter(_beyond(keys, values, backwards=backwards))
    elif start is not None and not backwards:
        rows = rows.filter(start)
    ordered = rows.order_by(*(order_of(key, backwards=backwards) for key in keys))
    found = list(ordered.values_list("pk", *(key.field for key in keys))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found and (values is not None or start is not None):
        # What stood there is gone: the nearest page.
        return cut(everything, keys, "" if backwards else END, size)
    if not found:
        return Slice([], "", "")
    before = more if backwards else values is not None or start is not None
    after = at != END if backwards else more
    return Slice(
        [row[0] for row in found],
        f"before.{_mark(found[0][1:])}" if before else "",
        f"after.{_mark(found[-1][1:])}" if after else "",
    )


def is_at(at: str, keys: Sequence[Key]) -> bool:
    """Whether this names a page of a list with these keys, other than its first."""
    word, _, mark = at.partition(".")
    return word in ("after", "before") and _values(mark, len(keys)) is not None


def order_of(key: Key, *, backwards: bool = False) -> Any:
    field, descending = F(key.field), key.descending is not backwards
    ends: dict[str, Any] = {}
    if key.nullable:
        ends = {"nulls_first": True} if backwards else {"nulls_last": True}
    return field.desc(**ends) if descending else field.asc(**ends)


def _beyond(keys: Sequence[Key], values: Sequence[Any], *, backwards: bool) -> Q:
    """The condition of the rows behind (or before) the one with these values."""
    beyond, same = Q(pk__in=[]), Q()
    for key, value in zip(keys, values, strict=True):
        beyond |= same & _past(key, value, backwards=backwards)
        same &= Q((f"{key.field}__isnull", True)) if value is None else Q((key.field, value))
    first, value = keys[0], values[0]
    if value is not None and not first.nullable:
        # Said once more for the planner: by this it finds the place in the index.
        beyond &= Q((f"{first.field}__{'lte' if first.descending is not backwards else 'gte'}", value))
    return beyond


def _past(key: Key, value: Any, *, backwards: bool) -> Q:
    if value is None:
        return Q((f"{key.field}__isnull", False)) if backwards else Q(pk__in=[])
    past = Q((f"{key.field}__{'lt' if key.descending is not backwards else 'gt'}", value))
    return past | Q((f"{key.field}__isnull", True)) if key.nullable and not backwards else past


def _mark(values: Sequence[Any]) -> str:
    told = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
    return signing.dumps(told, salt=SALT)


def _values(mark: str, count: int) -> list[Any] | None:
    """What `_mark` wrote; None where it is not from here, or of a list with other keys."""
    try:
        found = signing.loads(mark, salt=SALT)
    except signing.BadSignature:
        return None
    return found if isinstance(found, list) and len(found) == count else None
