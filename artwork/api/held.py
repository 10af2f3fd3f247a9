"""What the brake of artwork holds, and letting it go."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Ordering
from api.resource import Readable
from api.routes.jobs import JobSerializer, accepted
from api.schema import example
from artwork import care
from artwork.models import ArtSettings


@example(
    {
        "connection": 1,
        "held_since": "2026-01-15T12:00:00Z",
        "held_reason": "Artwork waits for you: publishing it writes 120 files of 40 titles and replaces 3 "
        "that others wrote.",
    }
)
class ArtHeldSerializer(serializers.ModelSerializer[ArtSettings]):
    """A connection whose first publication that nobody asked for waits for a person."""

    connection: Any = serializers.IntegerField(source="pk")
    held_reason = serializers.CharField()

    class Meta:
        model = ArtSettings
        fields = ("connection", "held_since", "held_reason")
        read_only_fields = fields


class HeldFilters(Filters):
    ordering = Ordering({"held_since": "held_since", "connection": "pk"})


class HeldConnections(Readable):
    """Connections whose artwork is held until somebody has seen what would be written."""

    nouns = ("a connection that is held", "connections that are held")
    queryset = ArtSettings.objects.filter(held_since__isnull=False).select_related("connection")
    serializer_class = ArtHeldSerializer
    filterset_class = HeldFilters

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def release(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Publish what is held, and ask no more."""
        return accepted(care.release(self.get_object().connection, user_of(request)))
