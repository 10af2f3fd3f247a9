"""One thing that is wrong, and the checks that find such things.

Apps bring checks of their own (`core.features.Health`); `system.health` asks them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Count, F, QuerySet, Window
from django.db.models.functions import RowNumber
from django.urls import reverse

from core.words import Phrase

TAGGARR = "Taggarr"
"""The source of what is wrong with Taggarr itself."""

NAMED = 3
"""So many of the things that one issue is about are named."""


class Severity(StrEnum):
    """`error`: something does not work until somebody acts; `warning`: something is left out meanwhile."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Action:
    """The way to mend an issue: a link to a page, or with `posts` a button that does it; `command` is the
    same in a shell.
    """

    text: str
    view: str
    args: tuple[object, ...] = ()
    query: str = ""
    posts: bool = False
    command: str = ""

    @property
    def address(self) -> str:
        # Made where it is shown: workers look after health too, and need not load all pages.
        return reverse(self.view, args=self.args) + self.query

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("text", "address", "posts", "command")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that is wrong: `what`, what it means, and what to do, a sentence each; `action` does it.

    `what` goes into history and is a `core.words.Phrase`. The others are in the language that is active when
    the check is asked: that of a page, elsewhere English.

    `source` is the name of the instance, or Taggarr itself; `since` when it began, where that is known;
    `code` the name of the check that found it, which stays the same while the sentences change.
    """

    source: str = TAGGARR
    severity: Severity = Severity.WARNING
    what: str
    meaning: str
    remedy: str
    action: Action
    since: datetime | None = None
    code: str = ""

    def to_json(self) -> dict[str, Any]:
        shown = {field.name: getattr(self, field.name) for field in fields(self)}
        since = self.since.isoformat() if self.since else None
        return {**shown, "action": self.action.to_json(), "since": since}


Check = Callable[[], Iterable[Issue]]


def named(things: Sequence[str], total: int, most: int = NAMED) -> Phrase:
    """The first of many things by name: `A, B, C and 297 more`."""
    first, more = list(things[:most]), total - min(len(things), most)
    return Phrase("list.more", names=first, number=more) if more > 0 else Phrase("list.all", names=first)


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
