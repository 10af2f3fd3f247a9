"""Pictures: what an entity could show, and the pictures themselves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import django_filters
from django.db.models import F, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, NullIf
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
)
from rest_framework import mixins, serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Ordering, Switch
from api.problems import Invalid, Unavailable
from api.resource import Answering, Readable
from api.schema import example
from api.strict import BytesBody
from artwork import by_hand, previews, uploading
from artwork.models import Candidate, ChosenBy, Entity, Rejected, Source
from artwork.names import ArtType
from core.errors import ApiTransientError, ConfigError, Later
from core.numbers import number_in
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
_SENT = OpenApiExample("Picture", value="…", media_type=BytesBody.media_type)


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
    chosen_by = serializers.ChoiceField(ChosenBy.choices, allow_blank=True)
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


@example(
    {
        "id": 4,
        "source": "tmdb",
        "address": "https://image.tmdb.org/t/p/original/poster.jpg",
        "sha256": "5a" * 32,
        "rejected_by": "ada",
        "rejected_at": "2026-01-15T12:00:00Z",
    }
)
class BlacklistSerializer(serializers.ModelSerializer[Rejected]):
    """A picture that is never taken of any title; `sha256` is empty where it was never kept."""

    sha256 = serializers.CharField(source="digest")
    rejected_by: Any = serializers.CharField(source="user.username", default=None, allow_null=True)

    class Meta:
        model = Rejected
        fields = ("id", "source", "address", "sha256", "rejected_by", "rejected_at")
        read_only_fields = fields


class BlacklistFilters(Filters):
    source = django_filters.ChoiceFilter(choices=Source.choices)
    ordering = Ordering({"rejected_at": "rejected_at", "id": "pk"}, times=("rejected_at",))


class Blacklist(mixins.DestroyModelMixin, Readable):
    """The pictures that are never taken of any title: `reject` with `everywhere` puts one here."""

    nouns = ("a picture that is never taken", "the pictures that are never taken")
    queryset = Rejected.objects.select_related("user").order_by("pk")
    serializer_class = BlacklistSerializer
    filterset_class = BlacklistFilters
    http_method_names = ["get", "delete", "head", "options"]

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:  # noqa: ARG002
        """Have a picture be one like the others again, in all titles."""
        by_hand.unblock(self.get_object(), user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


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


class Preview(_Bytes):
    """A small version of a picture that an entity could show, before that is fetched."""

    @extend_schema(operation_id="artwork_candidates_preview", responses={(200, "image/webp"): _BYTES})
    def get(self, request: Request, candidate_id: int) -> HttpResponseBase:
        """Send what a picture looks like, at most 500 pixels wide, as WebP.

        It is fetched from its provider once, and kept. 503 where others are being fetched: ask again.
        """
        candidate = get_object_or_404(Candidate, pk=candidate_id)
        try:
            digest = previews.preview_of(candidate)
        except (Later, ApiTransientError) as error:
            raise Unavailable(str(error)) from None
        except ConfigError as error:
            raise NotFound(str(error)) from None
        answer = serving.answer(request._request, user_of(request), digest, WIDTHS[1])
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer


class Upload(Answering):
    """Pictures of people's own."""

    parameters = {"post": ("entity", "type")}
    parser_classes = [BytesBody]
    largest_body = uploading.MOST

    @extend_schema(
        operation_id="artwork_pictures_upload",
        parameters=[
            OpenApiParameter("entity", int, required=True, description="What it is a picture of."),
            OpenApiParameter("type", str, enum=[str(one) for one in ArtType], required=True),
        ],
        request={BytesBody.media_type: OpenApiRequest(OpenApiTypes.BINARY, examples=[_SENT])},
        responses={
            201: OpenApiResponse(PictureSerializer, examples=[OpenApiExample("Uploaded", value=PICTURE)])
        },
    )
    def post(self, request: Request) -> Response:
        """Take in a picture of one's own, choose it, and lock its type.

        The body is the file: JPEG, PNG or WebP. It is turned upright and freed of what its camera noted.
        """
        asked = request.query_params
        entity = get_object_or_404(Entity, pk=number_in(asked.get("entity", "")) or 0)
        pieces: Iterator[bytes] = request.data if isinstance(request.data, Iterator) else iter(())
        candidate = uploading.upload(entity, asked.get("type", ""), pieces, user_of(request))
        candidate.refresh_from_db()
        return Response(PictureSerializer(candidate).data, status.HTTP_201_CREATED)
