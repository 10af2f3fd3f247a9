"""Publications: what was written beside a title at once, and taking that back."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Ordering, Switch, several
from api.resource import Readable
from api.routes.jobs import JobSerializer, accepted
from api.schema import example
from artwork import care
from artwork.models import Entity, Publication, State

from .entities import WriteSerializer


@example(
    {
        "id": 5,
        "state": "done",
        "writes": [
            {"path": "poster.jpg", "type": "poster", "entity": 21, "sha256": "5a" * 32, "before": None}
        ],
        "undoes": None,
        "restores": False,
        "job": 4711,
        "by": "ada",
        "started_at": "2026-01-15T12:00:00Z",
        "ended_at": "2026-01-15T12:00:01Z",
        "error": "",
    }
)
class PublicationSerializer(serializers.ModelSerializer[Publication]):
    """What was written beside a title, all of it or nothing.

    `undoes` is the publication that it took back; with `restores` it put back what another program took away.
    """

    writes = WriteSerializer(many=True)
    by: Any = serializers.CharField(source="user.username", default=None, allow_null=True)
    error = serializers.CharField()

    class Meta:
        model = Publication
        fields = (
            "id",
            "state",
            "writes",
            "undoes",
            "restores",
            "job",
            "by",
            "started_at",
            "ended_at",
            "error",
        )
        read_only_fields = fields


class PublicationFilters(Filters):
    state = several(State.choices)
    restores = Switch(help_text="It put back what another program took away.")
    ordering = Ordering({"started_at": "started_at", "id": "pk"})


class Publications(Readable):
    """What was written beside a title in the last 90 days, the newest first."""

    nouns = ("a publication", "the publications of a title")
    queryset = Publication.objects.select_related("user")
    serializer_class = PublicationSerializer
    filterset_class = PublicationFilters

    def get_queryset(self) -> QuerySet[Publication]:
        """Those of the entity in the address, or of the title that it is a part of."""
        number = self.kwargs.get("entity_id", 0)
        return super().get_queryset().filter(title__in=[number, *_root_of(number)])

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List what was written beside a title, the newest first."""
        get_object_or_404(Entity, pk=kwargs["entity_id"])
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def undo(self, request: Request, entity_id: int, pk: int) -> Response:  # noqa: ARG002
        """Bring back what stood there before a publication.

        What somebody has changed since stays as it is.
        """
        return accepted(care.undo(self.get_object(), user_of(request)))


def _root_of(number: int) -> QuerySet[Entity, int | None]:
    return Entity.objects.filter(pk=number, title__isnull=False).values_list("title", flat=True)
