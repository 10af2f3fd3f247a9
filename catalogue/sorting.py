"""By what works are sorted: columns of theirs, and what somebody says of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import FilteredRelation, FloatField, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Cast

from accounts.models import User
from catalogue import scope
from catalogue.models import Work
from web.keyset import Key

STARS, MINE, FORMAT = "stars", "my_stars", "first_format"
"""What no column of a work tells: ratings as numbers that an address can hold, and its first format."""

BY: Mapping[str, Key] = {
    "title": Key("sort_title"),
    "year": Key("year", nullable=True),
    "rating": Key(STARS, nullable=True),
    "my_rating": Key(MINE, nullable=True),
    "format": Key(FORMAT, nullable=True),
    "added": Key("pk"),
    "id": Key("pk"),
}


def keys_of(names: Iterable[str]) -> tuple[Key, ...]:
    """The keys for these names of `BY`, each downwards behind a `-`; in the end all rows are told apart."""
    keys = [replace(BY[name.removeprefix("-")], descending=name.startswith("-")) for name in names]
    if not keys or keys[-1].field != "pk":
        keys.append(Key("pk", descending=bool(keys) and keys[-1].descending))
    return tuple(keys)


def told(rows: QuerySet[Work], user: User, keys: Iterable[Key]) -> QuerySet[Any]:
    """Works with what these keys sort by."""
    fields = {key.field for key in keys}
    if STARS in fields:
        rows = rows.annotate(stars=Cast("community_rating", FloatField()))
    if MINE in fields:
        mine = FilteredRelation("progress", condition=Q(progress__user=user, progress__season=None))
        rows = rows.annotate(mine=mine, my_stars=Cast("mine__rating", FloatField()))
    if FORMAT in fields:
        formats = scope.open_editions(user).filter(work=OuterRef("pk")).exclude(format="")
        first = formats.order_by().values("work").annotate(first=Min("format")).values("first")
        rows = rows.annotate(first_format=Subquery(first))
    return rows
