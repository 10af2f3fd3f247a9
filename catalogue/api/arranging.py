"""What a collection is arranged by: libraries, fields of one's own, what may be here twice, the trash."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import ADD, MANAGE
from api.auth import user_of
from api.filters import Filters, Number, Ordering
from api.resource import Answering, Editable, Readable
from api.routes.jobs import JobSerializer, accepted
from api.schema import example
from api.strict import Strict
from catalogue import duplicates, libraries, own_fields, scope, trash
from catalogue.imports.result import evidence
from catalogue.models import Duplicate, Library, OwnField, Visibility
from jobs import services

from .work_filters import KINDS

_LIBRARY = {
    "id": 2,
    "name": "Gifts",
    "description": "",
    "visibility": "members",
    "members": ["ute"],
    "is_default": False,
    "is_archived": False,
}


@example(_LIBRARY, {"name": "Gifts", "visibility": "members", "members": ["ute"]})
class LibrarySerializer(Strict, serializers.ModelSerializer[Library]):
    """A part of the collection that is looked at by itself; admins see all of them.

    What is added without a word about it goes into the one that `is_default`.
    """

    name = serializers.CharField(max_length=libraries.LONGEST_NAME)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True)
    visibility = serializers.ChoiceField(choices=Visibility.choices, required=False)
    members = serializers.ListField(
        child=serializers.CharField(max_length=150), max_length=1000, required=False
    )
    is_archived = serializers.BooleanField(required=False)

    class Meta:
        model = Library
        fields = tuple(_LIBRARY)
        read_only_fields = ("id", "is_default")

    def to_representation(self, instance: Library) -> dict[str, Any]:
        return {
            **{name: getattr(instance, name) for name in _LIBRARY if name not in ("members", "is_archived")},
            "members": sorted(str(user) for user in instance.members.all()),
            "is_archived": instance.archived_at is not None,
        }

    def create(self, validated_data: dict[str, Any]) -> Library:
        return libraries.save(Library(), user_of(self.context["request"]), **validated_data)

    def update(self, instance: Library, validated_data: dict[str, Any]) -> Library:
        told = self.to_representation(instance)
        given = {name: told[name] for name in _LIBRARY if name not in ("id", "is_default")}
        return libraries.save(instance, user_of(self.context["request"]), **{**given, **validated_data})


class LibraryFilters(Filters):
    ordering = Ordering({"name": "name", "id": "pk"})


class Libraries(Editable):
    """Parts of the collection, and who sees them."""

    nouns = ("a library", "libraries")
    queryset = Library.objects.none()
    serializer_class = LibrarySerializer
    filterset_class = LibraryFilters
    change = MANAGE

    def get_queryset(self) -> QuerySet[Library]:
        """Those that the caller sees."""
        return scope.libraries(user_of(self.request)).prefetch_related("members").order_by("pk")

    def perform_destroy(self, instance: Library) -> None:
        """Let it go, if nothing is in it. Raises ConfigError."""
        libraries.remove(instance, user_of(self.request))

    @extend_schema(request=None, responses=LibrarySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="make-usual")
    def make_usual(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have what is added without a word about it go into this library."""
        library = self.get_object()
        libraries.make_usual(library, user_of(request))
        library.refresh_from_db()
        return Response(self.get_serializer(library).data)


_FIELD = {"id": 7, "kind": "movie", "name": "Cut", "holds": "choice", "choices": ["Cinema", "Director's"]}


@example(_FIELD, {name: value for name, value in _FIELD.items() if name != "id"})
class OwnFieldSerializer(Strict, serializers.ModelSerializer[OwnField]):
    """A field that only this household knows, of works and copies of one kind."""

    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField(max_length=300)
    holds = serializers.ChoiceField(
        source="type", choices=[(one, one) for one in OwnField.Type.values], required=False
    )
    choices = serializers.ListField(
        child=serializers.CharField(max_length=300), max_length=own_fields.MOST_CHOICES, required=False
    )

    class Meta:
        model = OwnField
        fields = tuple(_FIELD)

    def create(self, validated_data: dict[str, Any]) -> OwnField:
        given = {"type": OwnField.Type.TEXT, **validated_data}
        return own_fields.save(OwnField(), user_of(self.context["request"]), **given)

    def update(self, instance: OwnField, validated_data: dict[str, Any]) -> OwnField:
        now = {name: getattr(instance, name) for name in ("kind", "name", "type", "choices")}
        return own_fields.save(instance, user_of(self.context["request"]), **{**now, **validated_data})


class OwnFieldFilters(Filters):
    ordering = Ordering({"name": "name", "id": "pk"})


class OwnFields(Editable):
    """Fields that only this household knows; what stands in them stays when they go."""

    nouns = ("a field of one's own", "fields of one's own")
    queryset = OwnField.objects.order_by("pk")
    serializer_class = OwnFieldSerializer
    filterset_class = OwnFieldFilters
    change = MANAGE

    def perform_destroy(self, instance: OwnField) -> None:
        """Let it go. Raises ConfigError."""
        own_fields.remove(instance, user_of(self.request))


@example({"id": 3, "one": 12, "other": 34, "score": 0.85, "why": ["same title", "same year"]})
class DuplicateSerializer(serializers.ModelSerializer[Duplicate]):
    """Two works that may be one, how sure that is from 0 to 1, and why."""

    one: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    other: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    why = serializers.ListField(child=serializers.CharField(), read_only=True, source="parts")

    class Meta:
        model = Duplicate
        fields = ("id", "one", "other", "score", "why")
        read_only_fields = fields

    def to_representation(self, instance: Duplicate) -> dict[str, Any]:
        told = {name: getattr(instance, name) for name in ("id", "score")}
        return {
            "id": told["id"],
            "one": instance.one_id,
            "other": instance.other_id,
            "score": told["score"],
            "why": list(evidence(instance.parts)),
        }


class DuplicateFilters(Filters):
    work = Number(method="of_work", help_text="Of which one is this work.")
    score = Number(field_name="score", lookup_expr="gte", help_text="At least so sure.")
    ordering = Ordering({"score": "score", "id": "pk"})

    def of_work(self, rows: QuerySet[Duplicate], _name: str, work: int) -> QuerySet[Duplicate]:
        return rows.filter(Q(one=work) | Q(other=work))


class Duplicates(Readable):
    """Works that may be one, and that the caller could make one; nothing ever is by itself."""

    nouns = ("a pair that may be one work", "pairs that may be one work")
    queryset = Duplicate.objects.none()
    serializer_class = DuplicateSerializer
    filterset_class = DuplicateFilters
    change = ADD
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[Duplicate]:
        """Those that wait for the caller; to be asked again, those too that are two."""
        user = user_of(self.request)
        if self.action == "ask_again":
            return Duplicate.objects.filter(one__in=scope.works(user), other__in=scope.works(user))
        return duplicates.proposed(user)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def dismiss(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Say that the two are two: nobody is asked again."""
        duplicates.dismiss(self.get_object(), user_of(request))
        return Response(status=204)

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"], filterset_class=None, url_path="ask-again")
    def ask_again(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take back that the two are two."""
        duplicates.ask_again(self.get_object(), user_of(request))
        return Response(status=204)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=False, methods=["post"], filterset_class=None, url_path="look")
    def look_now(self, request: Request) -> Response:
        """Compare all works, now."""
        job, _ = services.start(duplicates.JOB, user=user_of(request), dedupe_key=duplicates.JOB)
        return accepted(job)


@example({"deleted": 3})
class EmptiedSerializer(serializers.Serializer[Any]):
    """How many works and copies went."""

    deleted = serializers.IntegerField()


class Trash(Answering):
    """What was thrown away."""

    change = ADD

    @extend_schema(responses={200: EmptiedSerializer})
    def delete(self, request: Request) -> Response:
        """Delete for good all that the caller could take out of the trash."""
        return Response({"deleted": trash.empty(user_of(request))})
