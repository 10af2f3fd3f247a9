"""How many works there are of each kind, and of each value of a facet, of those that fit.

All of it goes through `catalogue.scope`, as what is found does.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.core.cache import caches
from django.db.models import BigIntegerField, Count, F, Func, QuerySet, TextField, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Cast

from accounts.models import User
from catalogue import scope
from catalogue.models import Work, WorkTerm
from catalogue.query import Query
from catalogue.search import ALL, ANY, Chosen, begun, find
from catalogue.values import State, TermKind

MOST_OPTIONS = 80
"""So many values of a facet are offered, the most frequent ones."""

FEW = 20_000
"""So many works are found once, and then known by their ids."""

COUNTED_LIVE = 2_000
"""Of so many works each facet is counted anew; what is chosen of more is told without numbers."""

KEPT = 60
"""Seconds for which the counts of a whole collection hold."""


@dataclass(frozen=True, slots=True)
class Option:
    """A value of a facet, and how many works have it; None where that is not known."""

    value: str
    name: str
    number: int | None = None


Facets = dict[str, list[Option]]


def counts_of(rows: QuerySet[Work], field: str) -> dict[str, int]:
    """How many works there are of each value of a field of theirs."""
    return dict(rows.values_list(field).annotate(number=Count("*")))


@dataclass(frozen=True, slots=True)
class Matches:
    """What fits: its works, and how many there are of each kind, whichever is chosen.

    Of a few `ids` are all of them; None where they are many.
    """

    rows: QuerySet[Work]
    kinds: dict[str, int]
    ids: list[int] | None = None


def matches(user: User, query: Query, chosen: Chosen) -> Matches:
    """Find what fits. Where that are a few works, nothing has to look for them again."""
    any_kind = find(user, query, replace(chosen, kind=""))
    if query == ALL and replace(chosen, kind="") == ANY:
        return Matches(find(user, query, chosen), counts_of(any_kind, "kind"))
    # The first ids of each kind come with its count, so that the search is done once.
    first = Func(
        ArrayAgg("pk"), template=f"(%(expressions)s)[1:{FEW + 1}]", output_field=ArrayField(BigIntegerField())
    )
    told = any_kind.values_list("kind").annotate(number=Count("*"), ids=first)
    found = {kind: (number, ids) for kind, number, ids in told}
    kinds = {kind: number for kind, (number, _) in found.items()}
    if sum(kinds.values()) > FEW:
        return Matches(find(user, query, chosen), kinds)
    ids = [pk for kind, (_, some) in found.items() if chosen.kind in ("", kind) for pk in some]
    return Matches(_these(ids), kinds, ids)


def offered(user: User, query: Query, chosen: Chosen, ids: list[int] | None) -> Facets:
    """The values that each facet has, with how many of the works that fit, which are these few.

    Of a facet that is chosen, and of very many works, all values are offered, without numbers.
    """
    everything = scope.works(user).order_by()
    # A collection that has grown is another one, so that nobody waits for what they imported.
    key = f"catalogue.facets.{user.pk}.{newest(user)}"
    known: Facets = caches["process"].get_or_set(key, lambda: _counted(user, everything), KEPT) or {}
    if (query, chosen) == (ALL, ANY):
        return known
    live = _counted(user, _these(ids), _ids(ids)) if ids is not None and len(ids) <= COUNTED_LIVE else {}
    shown = {}
    for name, options in known.items():
        if getattr(chosen, name) or not live:
            shown[name] = [Option(one.value, one.name) for one in options]
        else:
            shown[name] = live[name]
    return shown


def newest(user: User) -> int | None:
    """The id of the work that came last of those that somebody sees; None where there is none."""
    return scope.works(user).order_by("-pk").values_list("pk", flat=True).first()


def _these(ids: list[int]) -> QuerySet[Work]:
    return Work.objects.filter(pk__in=_ids(ids)).order_by()


def _ids(ids: list[int]) -> RawSQL:
    """Ids as one parameter: as thousands of them a statement takes longer to be read than to be run."""
    # A list is told number by number, by far slower than a text.
    return RawSQL("SELECT unnest(%s::bigint[])", [f"{{{','.join(map(str, ids))}}}"])


def _counted(user: User, works: QuerySet[Work], ids: RawSQL | None = None) -> Facets:
    within = works if ids is None else ids
    genres = WorkTerm.objects.filter(work__in=within, term__kind=TermKind.GENRE)
    editions = scope.editions(user, ids).exclude(format="")
    copies = scope.copies(user, ids).filter(location__isnull=False)
    decades = works.filter(year__isnull=False).annotate(decade=F("year") / 10 * 10)
    once, several = Count("*"), partial(Count, distinct=True)
    first, *others = (
        _grouped("genre", genres, "term__name", "term__name", once),
        _grouped("format", editions, "format", "format", several("work")),
        _grouped("decade", decades, "decade", "decade", once),
        _grouped("place", copies, "location", "location__name", several("edition__work")),
        _grouped("state", begun(user, ids), "state", "state", once),
        _grouped("library", works, "library", "library__name", once),
    )
    found: Facets = {name: [] for name in ("genre", "format", "decade", "place", "state", "library")}
    for facet, value, name, number in first.union(*others, all=True):
        found[facet].append(Option(value, name, number))
    for options in found.values():
        options.sort(key=lambda option: option.name.casefold())
    total = sum(one.number or 0 for one in found["library"])
    if unstarted := total - sum(one.number or 0 for one in found["state"]):
        found["state"].append(Option(State.UNSTARTED.value, "", unstarted))
    return found


def _grouped(facet: str, rows: QuerySet[Any], value: str, name: str, number: Count) -> QuerySet[Any, Any]:
    """The most frequent values of a facet, each with its name and the number of works."""
    told = rows.order_by().annotate(facet=Value(facet), value=Cast(value, TextField()))
    told = told.annotate(told=Cast(name, TextField())).values_list("facet", "value", "told")
    counted: QuerySet[Any, Any] = told.annotate(number=number).order_by("-number")
    return counted[:MOST_OPTIONS]
