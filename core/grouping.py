"""Many rows with one cause as one group: how many there are, and the first few of them, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber

from core.issues import NAMED


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that share `key` (the values of the fields they are grouped by): the first, and how many."""

    key: tuple[Any, ...]
    first: list[str]
    total: int


def grouped(rows: QuerySet[Any], by: tuple[str, ...], shown: str, most: int = NAMED) -> list[Group]:
    """Return the rows by the values of some fields; each group with the `most` first values of `shown`."""
    partition = [F(field) for field in by]
    placed = rows.order_by().annotate(
        place=Window(RowNumber(), partition_by=partition, order_by=[F(shown), F("pk")]),
        total=Window(Count("pk"), partition_by=partition),
    )
    groups: dict[tuple[Any, ...], Group] = {}
    few = placed.filter(place__lte=most).order_by(*by, "place")
    for *key, value, total in few.values_list(*by, shown, "total"):
        groups.setdefault(tuple(key), Group(tuple(key), [], total)).first.append(str(value))
    return list(groups.values())
