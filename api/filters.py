"""Filters that several resources use."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet


class Ordering(django_filters.OrderingFilter):
    """`ordering=title` or `ordering=-title`; several, separated by commas."""

    def __init__(self, fields: dict[str, str]) -> None:
        super().__init__(fields=[(column, name) for name, column in fields.items()])

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Sort, by id in the end."""
        if not value:
            return qs
        return qs.order_by(*[self.get_ordering_value(name) for name in value], "pk")


class Filters(django_filters.FilterSet):
    """The base of all: what is no filter is refused by the view."""


def several(choices: Any, **options: Any) -> django_filters.MultipleChoiceFilter:
    """A filter by one of some words; given several times, by any of them."""
    return django_filters.MultipleChoiceFilter(choices=choices, **options)
