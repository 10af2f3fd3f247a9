"""Editions and copies of works, and the places where copies stand."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import django_filters
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.rights import ADD
from api.auth import user_of
from api.filters import LARGEST_NUMBER, Filters, Number, Ordering, Switch
from api.resource import Editable, Readable, Resource, takes_if_match, unchanged
from api.schema import example
from api.strict import Strict
from catalogue import boxes, editing, places, scope
from catalogue.models import Copy, Edition, Location

from .works import Keeping, NumberOfSerializer, OwnField, refuse_others, work_in_address

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
    "locks": [],
    "origins": {"*": "goodreads", "pages": "manual"},
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
    "locks": ["location"],
    "origins": {"*": "goodreads"},
    "created_at": "2026-01-15T12:00:00Z",
    "deleted_at": None,
}


@example(_EDITION, {"format": "Hardcover", "pages": 412})
class EditionSerializer(Keeping, serializers.ModelSerializer[Edition]):
    """A form in which a work was published; with `is_set` a box that holds others.

    `locks`, `released` and `origins` are as those of a work.
    """

    work: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    pages = serializers.IntegerField(allow_null=True, required=False)
    discs = serializers.IntegerField(allow_null=True, required=False)
    identifiers = NumberOfSerializer(many=True, read_only=True)
    numbers = serializers.ListField(
        child=serializers.CharField(max_length=50),
        max_length=100,
        required=False,
        write_only=True,
        help_text="All numbers that are printed on it: ISBN, barcodes.",
    )

    class Meta:
        model = Edition
        fields = (*_EDITION, editing.NUMBERS, editing.RELEASED)
        read_only_fields = tuple(set(_EDITION) - editing.OF_EDITION - {editing.LOCKS})

    def update(self, instance: Edition, validated_data: dict[str, Any]) -> Edition:
        return editing.edit_edition(instance, user_of(self.context["request"]), validated_data)


@example({"work": 12, "note": ""}, {"work": 12})
class InsideSerializer(Strict):
    """One thing in a box: a `work`, or a `note` that names what is not in the collection."""

    work = serializers.IntegerField(
        min_value=1, max_value=LARGEST_NUMBER, required=False, allow_null=True, default=None
    )
    note = serializers.CharField(max_length=boxes.LONGEST_NOTE, required=False, allow_blank=True, default="")


@example(
    {"members": [{"work": 12, "note": ""}, {"work": None, "note": "An interview"}]},
    {"members": [{"work": 12}, {"note": "An interview"}]},
)
class BoxSerializer(Strict):
    """What is in a box, in its order."""

    members = InsideSerializer(many=True)


def _with_its_numbers(rows: QuerySet[Edition]) -> QuerySet[Edition]:
    return rows.select_related("work").prefetch_related("identifiers").order_by("pk")


class EditionFilters(Filters):
    work = Number(field_name="work_id")
    format = django_filters.CharFilter()
    ordering = Ordering({"id": "pk"})


@takes_if_match
class Editions(mixins.UpdateModelMixin, Readable):
    """The forms in which works were published."""

    nouns = ("an edition", "editions")
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer
    filterset_class = EditionFilters
    change = ADD
    http_method_names = ["get", "patch", "put", "head", "options"]

    def get_queryset(self) -> QuerySet[Edition]:
        """Those that the caller sees."""
        return _with_its_numbers(scope.editions(user_of(self.request)))

    def perform_update(self, serializer: Any) -> None:
        """Change what is given. Raises PermissionDenied."""
        refuse_others(user_of(self.request), serializer.instance.work)
        with unchanged(self, serializer.instance):
            serializer.save()

    @extend_schema(responses=BoxSerializer)
    @action(detail=True, filterset_class=None)
    def box(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Show what is in a box, in its order."""
        return Response(self._in_box(self.get_object()))

    @extend_schema(request=BoxSerializer, responses=BoxSerializer)
    @box.mapping.put
    def fill_box(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Say what is in a box; what is not named is in it no more."""
        box = self.get_object()
        refuse_others(user_of(request), box.work)
        wanted = BoxSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        inside = [boxes.Inside(one["work"], one["note"]) for one in wanted.validated_data["members"]]
        boxes.fill(box, user_of(request), inside)
        return Response(self._in_box(box))

    def _in_box(self, box: Edition) -> dict[str, Any]:
        rows = boxes.members(user_of(self.request), [box.pk])
        return {"members": [{"work": row.work_id, "note": row.note} for row in rows]}


@example(_COPY, {"location": "Attic", "condition": "worn"})
class CopySerializer(Keeping, serializers.ModelSerializer[Copy]):
    """The thing on the shelf, or several that are told of as one; without an `owner` it is the household's.

    `location` is the name of a place, which is made where there is none. One that `is_private` nobody else
    sees, not even an admin. What one cost only its owner, who added it and admins see. `locks`, `released`
    and `origins` are as those of a work.
    """

    number = serializers.CharField(read_only=True)
    work: Any = serializers.PrimaryKeyRelatedField(source="edition.work", read_only=True)
    edition: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    owner = serializers.CharField(max_length=150, allow_blank=True, allow_null=True, required=False)
    added_by: Any = serializers.SlugRelatedField("username", read_only=True)
    location = serializers.CharField(max_length=300, allow_blank=True, required=False)
    price = serializers.DecimalField(max_digits=14, decimal_places=4, allow_null=True, required=False)
    quantity = serializers.IntegerField(min_value=1, required=False)
    signatures = serializers.ListField(child=serializers.DictField(), read_only=True)
    own = OwnField(required=False)

    class Meta:
        model = Copy
        fields = (*_COPY, editing.RELEASED)
        read_only_fields = tuple(set(_COPY) - editing.OF_COPY - {editing.PLACE, editing.OWNER, editing.LOCKS})

    def to_representation(self, instance: Copy) -> dict[str, Any]:
        told = dict(super().to_representation(instance))
        told |= {
            "location": self._places.get(instance.location_id or 0, ""),
            "owner": str(instance.owner) if instance.owner else None,
        }
        if not scope.may_see_price(user_of(self.context["request"]), instance):
            told |= {"price": None, "currency": ""}
        return told

    @cached_property
    def _places(self) -> dict[int, str]:
        """The names of all places; read once for a page of copies."""
        return places.paths()

    def update(self, instance: Copy, validated_data: dict[str, Any]) -> Copy:
        return editing.edit_copy(instance, user_of(self.context["request"]), validated_data)


def _as_told(rows: QuerySet[Copy], user: User) -> QuerySet[Copy]:
    told = scope.with_seen_price(rows, user)
    return told.select_related("edition__work", "owner", "added_by", "location").order_by("pk")


class CopyFilters(Filters):
    work = Number(field_name="edition__work_id")
    edition = Number(field_name="edition_id")
    place = Number(field_name="location_id")
    lent = Switch(method="that_are_lent")
    trash = Switch(method="in_trash", help_text="`true`: what is in the trash and could be taken out.")
    ordering = Ordering(
        {"id": "pk", "acquired_on": "acquired_on", "price": "seen_price"}, times=("acquired_on",)
    )

    def that_are_lent(self, rows: QuerySet[Copy], _name: str, lent: bool) -> QuerySet[Copy]:
        """Those that somebody has, or those that are here."""
        return rows.exclude(lent_to="") if lent else rows.filter(lent_to="")

    def in_trash(self, rows: QuerySet[Copy], _name: str, _trash: bool) -> QuerySet[Copy]:
        """Where they are to be looked for: see `Copies.get_queryset`."""
        return rows


@takes_if_match
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
        return _as_told(rows, user)

    def perform_update(self, serializer: Any) -> None:
        """Change what is given. Raises PermissionDenied."""
        refuse_others(user_of(self.request), serializer.instance)
        with unchanged(self, serializer.instance):
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


class OfWorkFilters(Filters):
    ordering = Ordering({"id": "pk"})


class EditionsOfWork(mixins.ListModelMixin, Resource):
    """The forms in which a work was published."""

    nouns = ("an edition", "editions of a work")
    queryset = Edition.objects.none()
    serializer_class = EditionSerializer
    filterset_class = OfWorkFilters

    def get_queryset(self) -> QuerySet[Edition]:
        """Those of the work in the address, where the caller sees it."""
        return _with_its_numbers(scope.editions(user_of(self.request), [work_in_address(self).pk]))


class CopiesOfWork(mixins.ListModelMixin, Resource):
    """The things on the shelves that a work is."""

    nouns = ("a copy", "copies of a work")
    queryset = Copy.objects.none()
    serializer_class = CopySerializer
    filterset_class = OfWorkFilters

    def get_queryset(self) -> QuerySet[Copy]:
        """Those of the work in the address, where the caller sees it."""
        user = user_of(self.request)
        return _as_told(scope.copies(user, [work_in_address(self).pk]), user)


@example({"id": 3, "parent": None, "name": "Attic"}, {"parent": None, "name": "Attic"})
class PlaceSerializer(Strict, serializers.ModelSerializer[Location]):
    """Where copies stand; `parent` is the place that it is in."""

    parent: Any = serializers.PrimaryKeyRelatedField(
        queryset=Location.objects.all(), required=False, allow_null=True
    )
    name = serializers.CharField(max_length=300)

    class Meta:
        model = Location
        fields = ("id", "parent", "name")

    def create(self, validated_data: dict[str, Any]) -> Location:
        return self._saved(Location(), validated_data)

    def update(self, instance: Location, validated_data: dict[str, Any]) -> Location:
        return self._saved(instance, validated_data)

    def _saved(self, place: Location, given: dict[str, Any]) -> Location:
        wanted = {"name": place.name, "parent": place.parent, **given}
        return places.save(place, user_of(self.context["request"]), **wanted)


@example({}, {"into": 4})
class PlaceMergeSerializer(Strict):
    """The place where everything stands then."""

    into = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)


class PlaceFilters(Filters):
    parent = Number(field_name="parent_id")
    ordering = Ordering({"name": "name", "id": "pk"})


class Places(Editable):
    """The places where copies stand."""

    nouns = ("a place", "places")
    queryset = Location.objects.order_by("pk")
    serializer_class = PlaceSerializer
    filterset_class = PlaceFilters
    change = ADD

    def perform_destroy(self, instance: Location) -> None:
        """Remove a place at which nothing stands. Raises ConfigError."""
        places.remove(instance, user_of(self.request))

    @extend_schema(request=PlaceMergeSerializer, responses={204: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def merge(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have all that stands at a place stand at another one; it is gone then."""
        wanted = PlaceMergeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        into = get_object_or_404(Location, pk=wanted.validated_data["into"])
        places.merge(self.get_object(), into, user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
