"""How works are found and sorted through the API: as by the search of the pages, or by filters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request

from api.auth import user_of
from api.filters import Filters, Moment, Number, Ordering, Switch
from catalogue import search, sorting
from catalogue.models import Work
from catalogue.query import Between, Condition, Query, Said, parse
from catalogue.search import Chosen
from catalogue.values import Kind, State

KINDS = [(one.value, one.value) for one in Kind]


@extend_schema_field({"type": "number", "minimum": 0, "maximum": 10})
class _Rating(django_filters.NumberFilter):
    """A rating, from 0 to 10."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=10, **options)


class WorkOrdering(Ordering):
    """What is not known stands last, whichever the direction: see `Works.told`."""

    def filter(self, qs: QuerySet[Work], value: Any) -> QuerySet[Work]:  # noqa: ARG002
        return qs


_SAID = ("director", "actor", "owner", "resolution")
_BETWEEN = {"year": "year", "rating": "rating", "my_rating": "mine"}
"""Filters that are fields of a search, by their names in that."""


class WorkFilters(Filters):
    q = django_filters.CharFilter(
        method="searched", help_text="As in the search of the collection: `dune by:herbert year:1960..1969`."
    )
    kind = django_filters.ChoiceFilter(method="searched", choices=KINDS)
    genre = django_filters.CharFilter(method="searched")
    format = django_filters.CharFilter(method="searched")
    decade = Number(method="searched", help_text="The first year of one: 1990.")
    place = Number(method="searched", help_text="The number of a place.")
    state = django_filters.ChoiceFilter(method="searched", choices=[(one.value, one.value) for one in State])
    library = Number(method="searched")
    director = django_filters.CharFilter(method="searched", help_text="A part of the name.")
    actor = django_filters.CharFilter(method="searched", help_text="A part of the name.")
    owner = django_filters.CharFilter(method="searched", help_text="Whose a copy is.")
    resolution = django_filters.CharFilter(method="searched")
    lent = Switch(method="searched", help_text="Whether somebody has a copy.")
    year_from, year_to = Number(method="searched"), Number(method="searched")
    rating_from, rating_to = _Rating(method="searched"), _Rating(method="searched")
    my_rating_from, my_rating_to = _Rating(method="searched"), _Rating(method="searched")
    added_since = Moment(field_name="created_at", lookup_expr="gte", help_text="Added from this time on.")
    trash = Switch(method="searched", help_text="`true`: what is in the trash and could be taken out.")
    ordering = WorkOrdering({name: name for name in sorting.BY})

    def searched(self, rows: QuerySet[Work], _name: str, _value: Any) -> QuerySet[Work]:
        """All of them together are one search: see `filter_queryset`."""
        return rows

    def filter_queryset(self, queryset: QuerySet[Work]) -> QuerySet[Work]:
        """What the search of the collection finds; of the trash, all."""
        asked = self.form.cleaned_data
        if not asked.get("trash"):
            told = {name: str(value) for name, value in asked.items() if value not in (None, "", [])}
            query = Query((*parse(told.get("q", "")).conditions, *_conditions(asked)))
            queryset = search.find(user_of(cast("Request", self.request)), query, Chosen.of(told))
        return super().filter_queryset(queryset)


def _conditions(asked: Mapping[str, Any]) -> Iterator[Condition]:
    """The conditions of a search that filters are."""
    for name in _SAID:
        if asked[name]:
            yield Said(name, asked[name])
    for name, field in _BETWEEN.items():
        low, high = asked[f"{name}_from"], asked[f"{name}_to"]
        if (low, high) != (None, None):
            yield Between(field, low, high)
    if asked["lent"] is not None:
        yield Said("is", "lent", is_not=not asked["lent"])
