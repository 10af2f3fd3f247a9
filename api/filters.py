"""Filters that several resources use."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import F, OrderBy, QuerySet
from drf_spectacular.utils import extend_schema_field

LARGEST_NUMBER = 2**63 - 1


class Ordering(django_filters.OrderingFilter):
    """`ordering=title` or `ordering=-title`; several, separated by commas.

    In columns of `times` those that never happened stand with the oldest.
    """

    def __init__(self, fields: dict[str, str], *, times: Collection[str] = ()) -> None:
        super().__init__(fields=[(column, name) for name, column in fields.items()])
        self.times = times

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        # In the end by id, in the same direction, so that an index serves both ways.
        if not value:
            return qs
        last = "-pk" if value[-1].startswith("-") else "pk"
        return qs.order_by(*[self._by(self.get_ordering_value(name)) for name in value], last)

    def _by(self, column: str) -> str | OrderBy:
        name = column.removeprefix("-")
        if name not in self.times:
            return column
        return F(name).asc(nulls_first=True) if name == column else F(name).desc(nulls_last=True)


class _SwitchWidget(forms.Widget):
    def value_from_datadict(self, data: Any, files: Any, name: str) -> str | None:  # noqa: ARG002
        value = data.get(name)
        return None if value is None else str(value).lower()


class _SwitchField(forms.NullBooleanField):
    widget = _SwitchWidget

    def clean(self, value: Any) -> bool | None:
        if value not in (None, "true", "false"):
            raise forms.ValidationError("This is true or false.")
        return None if value is None else value == "true"


class Switch(django_filters.BooleanFilter):
    """`true` or `false`; anything else is refused."""

    field_class = _SwitchField


class _MomentField(django_filters.fields.IsoDateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        found: datetime | None = super().to_python(value)
        try:
            # The database knows no time zone as far from UTC as ISO 8601 can write one.
            return found.astimezone(UTC) if found else None
        except OverflowError:
            raise forms.ValidationError("This is no time that can be.") from None


class Moment(django_filters.IsoDateTimeFilter):
    """A time in ISO 8601."""

    field_class = _MomentField


@extend_schema_field({"type": "integer", "minimum": 0, "maximum": LARGEST_NUMBER})
class Number(django_filters.Filter):
    """The number of something; what is no whole number is refused."""

    field_class = forms.IntegerField

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=LARGEST_NUMBER, **options)


class Filters(django_filters.FilterSet):
    """The base of all: what is no filter is refused by the view."""


class TimeFilters(Filters):
    """How rows that stand at a time of their own can be found, and sorted."""

    since = Moment(field_name="time", lookup_expr="gte", help_text="From this time on.")
    until = Moment(field_name="time", lookup_expr="lt", help_text="Before this time.")
    ordering = Ordering({"time": "time", "id": "pk"})


def several(choices: Any, **options: Any) -> django_filters.MultipleChoiceFilter:
    """A filter by one of some words of the row itself; given several times, by any of them."""
    # No row fits twice: comparing whole rows to leave out doubles would only cost time.
    return django_filters.MultipleChoiceFilter(choices=choices, distinct=False, **options)
