"""Pictures of works and of copies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
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
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import ADD
from api.auth import user_of
from api.filters import Filters, Number, Ordering
from api.resource import Readable
from api.schema import example
from api.strict import BytesBody
from catalogue import pictures, scope
from catalogue.models import Picture, Shows
from core.errors import FieldError
from core.numbers import number_in
from storage import serving

from .works import refuse_others

_BYTES = OpenApiExample("Picture", value="…", media_type=BytesBody.media_type)
_SHOWS = [one.value for one in Shows]


@example(
    {
        "id": 8,
        "work": 12,
        "copy": None,
        "shows": "cover",
        "width": 1200,
        "height": 1800,
        "place": 0,
        "added_by": "ute",
        "added_at": "2026-01-15T12:00:00Z",
    }
)
class CollectionPictureSerializer(serializers.ModelSerializer[Picture]):
    """A picture of a work, or of one `copy` of it; the cover with the least `place` is shown."""

    work: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    copy: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    added_by: Any = serializers.SlugRelatedField("username", read_only=True, allow_null=True)

    class Meta:
        model = Picture
        fields = ("id", "work", "copy", "shows", "width", "height", "place", "added_by", "added_at")
        read_only_fields = fields


class PictureFilters(Filters):
    work = Number(field_name="work_id")
    copy = Number(field_name="copy_id")
    ordering = Ordering({"place": "place", "id": "pk"})


class Pictures(mixins.DestroyModelMixin, Readable):
    """What works and copies look like."""

    nouns = ("a picture", "pictures")
    queryset = Picture.objects.none()
    serializer_class = CollectionPictureSerializer
    filterset_class = PictureFilters
    change = ADD
    parameters = {"upload": ("work", "copy", "shows")}
    http_method_names = ["get", "post", "delete", "head", "options"]

    @property
    def largest_body(self) -> int:  # type: ignore[override]
        return pictures.MOST if self.action == "upload" else super().largest_body

    def get_queryset(self) -> QuerySet[Picture]:
        """Those that the caller sees; to take one out of the trash, those there."""
        user = user_of(self.request)
        if self.action == "restore":
            rows = Picture.objects.filter(deleted_at__isnull=False, work__in=scope.works(user))
        else:
            rows = scope.pictures(user)
        return rows.select_related("added_by", "work", "copy").order_by("pk")

    @extend_schema(
        parameters=[
            OpenApiParameter("work", int, description="The work that it shows."),
            OpenApiParameter("copy", int, description="The copy that it shows, instead of a work."),
            OpenApiParameter("shows", str, enum=_SHOWS, description="What of it; `cover` unless said."),
        ],
        request={BytesBody.media_type: OpenApiRequest(OpenApiTypes.BINARY, examples=[_BYTES])},
        responses={201: CollectionPictureSerializer},
    )
    @action(detail=False, methods=["post"], parser_classes=[BytesBody], filterset_class=None)
    def upload(self, request: Request) -> Response:
        """Take in a picture.

        The body is the file: JPEG, PNG or WebP. It is turned upright and freed of what its camera noted.
        """
        asked, user = request.query_params, user_of(request)
        if "copy" in asked:
            rows = scope.copies(user).select_related("edition__work")
            thing: Any = get_object_or_404(rows, pk=_number(asked["copy"], "copy"))
        else:
            thing = get_object_or_404(scope.works(user), pk=_number(asked.get("work", ""), "work"))
        refuse_others(user, thing)
        pieces: Iterator[bytes] = request.data if isinstance(request.data, Iterator) else iter(())
        added = pictures.add(pieces, user, thing, asked.get("shows", Shows.COVER.value))
        return Response(self.get_serializer(added).data, status.HTTP_201_CREATED)

    @extend_schema(
        responses={
            (200, "image/*"): OpenApiResponse(
                OpenApiTypes.BINARY, examples=[OpenApiExample("Picture", value="…")]
            )
        }
    )
    @action(detail=True, filterset_class=None)
    def file(self, request: Request, pk: int) -> HttpResponseBase:  # noqa: ARG002
        """Send a picture as it is kept."""
        return serving.answer(request._request, user_of(request), self.get_object().digest)

    @extend_schema(request=None, responses=CollectionPictureSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def first(self, request: Request, pk: int) -> Response:
        """Show a picture before the others of its work or copy."""
        picture = self._changeable(request)
        pictures.put_first(picture, user_of(request))
        return Response(self.get_serializer(self.get_queryset().get(pk=pk)).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Put a picture into the trash.

        It can be taken out again for 30 days.
        """
        pictures.remove(self._changeable(request), user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=CollectionPictureSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def restore(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take a picture out of the trash."""
        picture = self._changeable(request)
        pictures.restore(picture, user_of(request))
        return Response(self.get_serializer(picture).data)

    def _changeable(self, request: Request) -> Picture:
        picture: Picture = self.get_object()
        refuse_others(user_of(request), picture.copy or picture.work)
        return picture


def _number(text: str, name: str) -> int:
    found = number_in(text)
    if found is None:
        raise FieldError(name, "catalogue.no-work")
    return found
