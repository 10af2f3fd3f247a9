"""Editions and copies of works, and the places where copies stand."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import ADD
from api.auth import user_of
from api.filters import Filters, Number, Ordering, Switch
from api.resource import Readable
from api.schema import example
from api.strict import Strict
from catalogue import editing, scope
from catalogue.models import Copy, Edition, Location

from .works import NumberOfSerializer, OwnField, refuse_others

_EDITION = {
    "id": 31,
    "work": 12,
    "name": "",
    "format": "Hardcover",
    "publisher": "Chilton",
    "published_on": "1965-08-01",
    "region": "",
    "resolution": "",
    "pages": 412,
    "discs": None,
    "is_set": False,
    "identifiers": [{"scheme": "isbn13", "value": "9780441013593"}],
}
_COPY = {
    "id": 57,
    "number": "C-000057",
    "work": 12,
    "edition": 31,
    "owner": None,
    "added_by": "ute",
    "location": "Attic",
    "condition": "worn",
    "condition_note": "",
    "acquired_on": "1999-12-24",
    "price": "4.5000",
    "currency": "EUR",
    "from_where": "a flea market",
    "quantity": 1,
    "lent_to": "",
    "is_private": False,
    "notes": "",
    "signatures": [],
    "own": {},
    "created_at": "2026-01-15T12:00:00Z",
    "deleted_at": None,
}


@example(_EDITION, {"format": "Hardcover", "pages": 412})
class EditionSerializer(Strict, serializers.ModelSerializer[Edition]):
    """A form in which a work was published; with `is_set` a box that holds others."""

    work: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    pages = serializers.IntegerField(allow_null=True, required=False)
    discs = serializers.IntegerField(allow_null=True, required=False)
    identifiers = NumberOfSerializer(many=True, read_only=True)

    class Meta:
        model = Edition
        fields = tuple(_EDITION)
        read_only_fields = tuple(name for name in _EDITION if name not in editing.OF_EDITION)

    def update(self, instance: Edition, validated_data: dict[str, Any]) -> Edition:
        return editing.edit_edition(instance, user_of(self.context["request"]), validated_data)


class EditionFilters(Filters):
    work = Number(field_name="work_id")
    format = django_filters.CharFilter()
    ordering = Ordering({"id": "pk"})


class Editions(mixins.UpdateModelMixin, Readable):
    """The forms in which works were published."""

    nouns = ("an edition", "editions")
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer
    filterset_class = EditionFilters
    change = ADD
    http_method_names = ["get", "patch", "head", "options"]

    def get_queryset(self) -> QuerySet[Edition]:
        """Those that the caller sees."""
        return (
            scope.editions(user_of(self.request))
            .select_related("work")
            .prefetch_related("identifiers")
            .order_by("pk")
        )

    def perform_update(self, serializer: Any) -> None:
        """Change what is given. Raises PermissionDenied."""
        refuse_others(user_of(self.request), serializer.instance.work)
        serializer.save()


@example(_COPY, {"location": "Attic", "condition": "worn"})
class CopySerializer(Strict, serializers.ModelSerializer[Copy]):
    """The thing on the shelf, or several that are told of as one; without an `owner` it is the household's.

    `location` is the name of a place, which is made where there is none. One that `is_private` nobody else
    sees, not even an admin.
    """

    number = serializers.CharField(read_only=True)
    work: Any = serializers.PrimaryKeyRelatedField(source="edition.work", read_only=True)
    edition: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    owner: Any = serializers.SlugRelatedField("username", read_only=True)
    added_by: Any = serializers.SlugRelatedField("username", read_only=True)
    location = serializers.CharField(max_length=300, allow_blank=True, required=False)
    price = serializers.DecimalField(max_digits=14, decimal_places=4, allow_null=True, required=False)
    quantity = serializers.IntegerField(min_value=1, required=False)
    signatures = serializers.ListField(child=serializers.DictField(), read_only=True)
    own = OwnField(required=False)

    class Meta:
        model = Copy
        fields = tuple(_COPY)
        read_only_fields = tuple(name for name in _COPY if name not in (*editing.OF_COPY, editing.PLACE))

    def to_representation(self, instance: Copy) -> dict[str, Any]:
        return {**super().to_representation(instance), "location": str(instance.location or "")}

    def update(self, instance: Copy, validated_data: dict[str, Any]) -> Copy:
        return editing.edit_copy(instance, user_of(self.context["request"]), validated_data)


class CopyFilters(Filters):
    work = Number(field_name="edition__work_id")
    edition = Number(field_name="edition_id")
    place = Number(field_name="location_id")
    lent = Switch(method="that_are_lent")
    trash = Switch(method="in_trash", help_text="`true`: what is in the trash and could be taken out.")
    ordering = Ordering({"id": "pk", "acquired_on": "acquired_on", "price": "price"}, times=("acquired_on",))

    def that_are_lent(self, rows: QuerySet[Copy], _name: str, lent: bool) -> QuerySet[Copy]:
        """Those that somebody has, or those that are here."""
        return rows.exclude(lent_to="") if lent else rows.filter(lent_to="")

    def in_trash(self, rows: QuerySet[Copy], _name: str, _trash: bool) -> QuerySet[Copy]:
        """Where they are to be looked for: see `Copies.get_queryset`."""
        return rows


class Copies(mixins.UpdateModelMixin, mixins.DestroyModelMixin, Readable):
    """The things on the shelves."""

    nouns = ("a copy", "copies")
    queryset = Copy.objects.none()
    serializer_class = CopySerializer
    filterset_class = CopyFilters
    change = ADD
    http_method_names = ["get", "patch", "post", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Copy]:
        """Those that the caller sees; to take one out of the trash, those there."""
        user = user_of(self.request)
        if self.action == "restore" or self.request.query_params.get("trash") == "true":
            rows = scope.changeable_copies(user, in_trash=True)
        else:
            rows = scope.copies(user)
        return rows.select_related("edition__work", "owner", "added_by", "location").order_by("pk")

    def perform_update(self, serializer: Any) -> None:
        """Change what is given. Raises PermissionDenied."""
        refuse_others(user_of(self.request), serializer.instance)
        serializer.save()

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Put a copy into the trash.

        It can be taken out again for 30 days.
        """
        copy = self.get_object()
        refuse_others(user_of(request), copy)
        editing.trash_copy(copy, user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=CopySerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def restore(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take a copy out of the trash."""
        copy = self.get_object()
        editing.restore_copy(copy, user_of(request))
        copy.deleted_at = None
        return Response(self.get_serializer(copy).data)


@example({"id": 3, "parent": None, "name": "Attic"})
class PlaceSerializer(serializers.ModelSerializer[Location]):
    """Where copies stand; `parent` is the place that it is in."""

    parent: Any = serializers.PrimaryKeyRelatedField(read_only=True)

    class Meta:
        model = Location
        fields = ("id", "parent", "name")
        read_only_fields = fields


class PlaceFilters(Filters):
    parent = Number(field_name="parent_id")
    ordering = Ordering({"name": "name", "id": "pk"})


class Places(Readable):
    """The places where copies stand."""

    nouns = ("a place", "places")
    queryset = Location.objects.order_by("pk")
    serializer_class = PlaceSerializer
    filterset_class = PlaceFilters
