"""A list of the collection page by page, also by where the last page ended."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Window
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from api.pagination import Pages, page_size_of, rows_of
from api.problems import Invalid
from web import keyset

CURSOR, FIRST = "cursor", "first"


class Cursors(Pages):
    """Pages by number; or with `cursor=first`, and then as `next` says, each by where the last one ended.

    Then a page far behind costs no more than the first, no row is skipped or comes twice while the list
    grows, and nothing is counted. Of a view, `keys` says by what its list is sorted, and `told` adds that to
    rows: to count them it is not needed.
    """

    at: str | None = None
    searches = False

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        """Return the rows of the page asked for. Raises Invalid for a cursor of another list."""
        self.at, self.searches = request.query_params.get(CURSOR), bool(request.query_params.get("q"))
        self.view = view
        if self.at is None:
            return super().paginate_queryset(queryset, request, view)
        if "page" in request.query_params:
            raise Invalid({CURSOR: ["Leave out `page` where you give a cursor."]})
        keys = view.keys()
        if self.at != FIRST and not keyset.is_at(self.at, keys):
            raise Invalid({CURSOR: ["It is not of a list in this order: begin with `cursor=first`."]})
        self.address = request.build_absolute_uri()
        self.slice = keyset.cut(view.told(queryset), keys, self.at, page_size_of(request))
        return rows_of(view, self.slice.ids)

    def found(self, queryset: Any, first: int) -> tuple[int, list[int]]:
        ordered = self.view.told(queryset).order_by(*map(keyset.order_of, self.view.keys()))
        # Looking for words costs more than all that follows: they are counted as they are found.
        if self.searches:
            told = ordered.annotate(whole=Window(Count("*"))).values_list("pk", "whole")
            if rows := list(told[first : first + self.size]):
                return rows[0][1], [pk for pk, _ in rows]
        ids = ordered.values_list("pk", flat=True)[first : first + self.size]
        return queryset.order_by().count(), list(ids)

    def get_paginated_response(self, data: Any) -> Any:
        if self.at is None:
            return super().get_paginated_response(data)
        links = {name: self._to(getattr(self.slice, name)) for name in ("next", "previous")}
        return Response({**links, "results": data})

    def _to(self, at: str) -> str | None:
        return str(replace_query_param(self.address, CURSOR, at)) if at else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = super().get_paginated_response_schema(schema)
        told["required"] = ["results"]
        return told

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        cursor = {
            "name": CURSOR,
            "in": "query",
            "required": False,
            "description": "In place of `page`: `first`, then what `next` says. Nothing is counted then.",
            "schema": {"type": "string", "minLength": 1},
        }
        return [*super().get_schema_operation_parameters(view), cursor]
