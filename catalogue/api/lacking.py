"""What lacks a part: numbered series and seasons."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.resource import Answering
from api.schema import example
from catalogue import lacking
from catalogue.lacking import Gap
from catalogue.models import Season

from .work_filters import KINDS


class GapSerializer(serializers.Serializer[Gap]):
    """A numbered series: how many of its numbers are here, and from which to which others are `missing`."""

    series = serializers.CharField()
    kind = serializers.ChoiceField(choices=KINDS)
    owned = serializers.IntegerField()
    missing = serializers.SerializerMethodField()

    @extend_schema_field(
        {
            "type": "array",
            "items": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
        }
    )
    def get_missing(self, gap: Gap) -> Any:
        return [list(span) for span in gap.missing]


class BegunSerializer(serializers.ModelSerializer[Season]):
    """A season with fewer episodes than it should have, of a series of which some are here."""

    work: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    title = serializers.CharField(source="work.title")

    class Meta:
        model = Season
        fields = ("id", "work", "title", "number", "name", "expected", "available")
        read_only_fields = fields


@example(
    {
        "series": [{"series": "Dune", "kind": "book", "owned": 3, "missing": [[2, 2], [5, 6]]}],
        "seasons": [
            {
                "id": 3,
                "work": 40,
                "title": "Firefly",
                "number": 1,
                "name": "",
                "expected": 14,
                "available": 11,
            }
        ],
    }
)
class LackingSerializer(serializers.Serializer[Any]):
    """What lacks a part, as far as the collection itself says so."""

    series = GapSerializer(many=True)
    seasons = BegunSerializer(many=True)


class Gaps(Answering):
    """What lacks a part."""

    @extend_schema(responses=LackingSerializer)
    def get(self, request: Request) -> Response:
        """Show which numbers of series, and how many episodes of seasons, are missing."""
        user = user_of(request)
        seasons = lacking.begun(user).select_related("work").order_by("work__sort_title", "work", "number")
        return Response(LackingSerializer({"series": lacking.gaps(user), "seasons": seasons}).data)
