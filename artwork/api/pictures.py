"""Pictures: what an entity could show, and the pictures themselves."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Ordering, Switch
from api.problems import Invalid
from api.resource import Answering, Readable
from api.schema import example
from artwork.models import Candidate, ChosenBy, Entity, Source
from artwork.names import ArtType
from storage import serving
from storage.models import Stored
from storage.pictures import WIDTHS

PICTURE = {
    "candidate": 93,
    "type": "poster",
    "rank": 0,
    "sha256": "5a" * 32,
    "source": "local",
    "address": "poster.jpg",
    "chosen_by": "user",
}
_BYTES = OpenApiResponse(OpenApiTypes.BINARY, examples=[OpenApiExample("Picture", value="…")])


class PictureSerializer(serializers.ModelSerializer[Candidate]):
    """A picture that was chosen; `sha256` is empty until it is kept."""

    candidate = serializers.IntegerField(source="pk")
    type = serializers.ChoiceField(source="art", choices=[str(one) for one in ArtType])
    sha256 = serializers.CharField(source="digest")

    class Meta:
        model = Candidate
        fields = tuple(PICTURE)
        read_only_fields = fields


@example(
    {
        "id": 93,
        "entity": 21,
        "type": "poster",
        "source": "local",
        "address": "poster.jpg",
        "sha256": "5a" * 32,
        "width": 1000,
        "height": 1500,
        "size": 412345,
        "language": "en",
        "score": 81.5,
        "parts": {"resolution": 0.5, "votes": 0.7, "language": 1.0, "provider": 1.0},
        "rank": 0,
        "chosen_by": "user",
        "reason": "",
        "refused": "",
        "rejected": False,
    }
)
class ArtCandidateSerializer(serializers.ModelSerializer[Candidate]):
    """A picture that an entity could show; `refused` says why it cannot.

    `rank` is null where it is not chosen, and `reason` then says why. Its `score` and what that is made of
    are known of those of providers; `size` in bytes, and `sha256`, once it is kept.
    """

    type = serializers.ChoiceField(source="art", choices=[str(one) for one in ArtType])
    sha256 = serializers.CharField(source="digest")
    width = serializers.IntegerField(source="kept_width", allow_null=True)
    height = serializers.IntegerField(source="kept_height", allow_null=True)
    size = serializers.IntegerField(allow_null=True)
    parts = serializers.DictField(child=serializers.FloatField())
    reason = serializers.CharField()
    refused = serializers.CharField()

    class Meta:
        model = Candidate
        fields = (
            "id",
            "entity",
            "type",
            "source",
            "address",
            "sha256",
            "width",
            "height",
            "size",
            "language",
            "score",
            "parts",
            "rank",
            "chosen_by",
            "reason",
            "refused",
            "rejected",
        )
        read_only_fields = fields


class CandidateFilters(Filters):
    type = django_filters.ChoiceFilter(field_name="art", choices=[(str(one), str(one)) for one in ArtType])
    source = django_filters.ChoiceFilter(choices=Source.choices)
    chosen = Switch(field_name="rank", lookup_expr="isnull", exclude=True, help_text="It was chosen.")
    chosen_by = django_filters.ChoiceFilter(choices=ChosenBy.choices)
    ordering = Ordering({"type": "art", "rank": "rank", "score": "score", "id": "pk"})


class Candidates(Readable):
    """The pictures that an entity could show."""

    nouns = ("a picture that an entity could show", "the pictures that an entity could show")
    queryset = Candidate.objects.order_by("art", "rank", "pk")
    serializer_class = ArtCandidateSerializer
    filterset_class = CandidateFilters

    def get_queryset(self) -> QuerySet[Candidate]:
        """Those of the entity in the address, with what is known of the kept ones."""
        kept = Stored.objects.filter(digest=OuterRef("digest"))
        rows: QuerySet[Candidate] = super().get_queryset().filter(entity=self.kwargs.get("entity_id", 0))
        return rows.annotate(
            **{f"kept_{name}": _known(kept, name) for name in ("width", "height")},
            size=Subquery(kept.values("size")),
        )

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the pictures that an entity could show."""
        # Not an empty list for an entity that is not there.
        get_object_or_404(Entity, pk=kwargs["entity_id"])
        return super().list(request, *args, **kwargs)


def _known(kept: QuerySet[Stored], name: str) -> Coalesce:
    """What the file itself has, else what its provider says."""
    said = NullIf(F(name), Value(0))
    return Coalesce(Subquery(kept.values(name)), said, output_field=IntegerField())


class _Bytes(Answering):
    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let what is sent be kept as the storage says: what stands at a digest never changes."""
        kept = response.headers.get("Cache-Control")
        response = super().finalize_response(request, response, *args, **kwargs)
        if kept:
            response.headers["Cache-Control"] = kept
        return response


class Picture(_Bytes):
    """A picture, by its SHA-256."""

    @extend_schema(operation_id="artwork_pictures_retrieve", responses={(200, "image/*"): _BYTES})
    def get(self, request: Request, sha256: str) -> HttpResponseBase:
        """Send a picture.

        What stands at an address never changes; one from a folder of the household is asked for again.
        """
        return serving.answer(request._request, user_of(request), sha256)


class Thumbnail(_Bytes):
    """A small version of a picture."""

    parameters = {"get": ("w",)}

    @extend_schema(
        operation_id="artwork_pictures_thumbnail",
        parameters=[OpenApiParameter("w", int, enum=WIDTHS, default=WIDTHS[0], description="Its width.")],
        responses={(200, "image/webp"): _BYTES},
    )
    def get(self, request: Request, sha256: str) -> HttpResponseBase:
        """Send a picture as WebP, so many pixels wide."""
        asked = request.query_params.get("w", str(WIDTHS[0]))
        if asked not in map(str, WIDTHS):
            raise Invalid({"w": [f"Give one of: {', '.join(map(str, WIDTHS))}."]})
        return serving.answer(request._request, user_of(request), sha256, int(asked))
