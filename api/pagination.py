"""Lists come in pages: `page` from 1, `page_size` up to 500."""

from __future__ import annotations

from typing import Any

from rest_framework.exceptions import NotFound
from rest_framework.pagination import PageNumberPagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from .problems import Invalid

LARGEST_PAGE = 500
LARGEST_NUMBER = 1_000_000


class Pages(PageNumberPagination):
    """Answers `count`, `next`, `previous` and `results`.

    The rows of a page are found by their ids first: a late page of a sorted list then sorts small rows, not
    whole ones. Counting costs one query, the ids one, the rows one and what is prefetched.
    """

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = LARGEST_PAGE

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page asked for.

        Raises Invalid for a number that is none, NotFound for a page behind the last one.
        """
        self.number = _whole_number(request, "page", 1, LARGEST_NUMBER)
        self.size = page_size_of(request)
        self.address = request.build_absolute_uri()
        first = (self.number - 1) * self.size
        self.count, ids = self.found(queryset, first)
        if first >= self.count and self.number > 1:
            raise NotFound(f"There is no page {self.number}: the list has {self.count} entries.")
        return rows_of(view, ids)

    def found(self, queryset: Any, first: int) -> tuple[int, list[int]]:
        """How many rows a list has, and the ids of those of the page that begins so far behind."""
        return queryset.order_by().count(), list(
            queryset.values_list("pk", flat=True)[first : first + self.size]
        )

    def get_paginated_response(self, data: Any) -> Any:
        return Response(
            {
                "count": self.count,
                "next": self.get_next_link(),
                "previous": self.get_previous_link(),
                "results": data,
            }
        )

    def get_next_link(self) -> str | None:
        return self._link(self.number + 1) if self.number * self.size < self.count else None

    def get_previous_link(self) -> str | None:
        return self._link(self.number - 1) if self.number > 1 else None

    def _link(self, number: int) -> str:
        return str(replace_query_param(self.address, "page", number))

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        return [
            _parameter("page", "Which page, from 1.", 1, LARGEST_NUMBER),
            _parameter("page_size", "How many entries a page has.", self.page_size, LARGEST_PAGE),
        ]


def page_size_of(request: Request) -> int:
    """How many entries a page shall have. Raises Invalid."""
    return _whole_number(request, "page_size", Pages.page_size, LARGEST_PAGE)


def rows_of(view: Any, ids: list[int]) -> list[Any]:
    """The rows of a view with these ids, in this order."""
    if not ids:
        return []
    # The filters have done their work; those over other tables would cost it again.
    found = {row.pk: row for row in view.get_queryset().order_by().filter(pk__in=ids)}
    return [found[pk] for pk in ids if pk in found]


def _whole_number(request: Request, name: str, default: int, most: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    number = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= number <= most:
        raise Invalid({name: [f"Give a whole number from 1 to {most}."]})
    return number


def _parameter(name: str, description: str, default: int, most: int) -> dict[str, Any]:
    return {
        "name": name,
        "in": "query",
        "required": False,
        "description": description,
        "schema": {"type": "integer", "minimum": 1, "maximum": most, "default": default},
    }
