"""Lists that are imported: uploaded, looked at, started, decided where in doubt, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiRequest,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import ADD
from api.auth import user_of
from api.filters import LARGEST_NUMBER, Filters, Number, Ordering, several
from api.resource import Readable, Resource
from api.routes.jobs import JobSerializer, accepted
from api.schema import example
from api.strict import BytesBody, Strict
from catalogue import scope, sending
from catalogue.imports import reviewing, services, undoing
from catalogue.imports.foreseeing import Foreseen, foreseen
from catalogue.imports.result import evidence, result_name, title_of, why, write_result
from catalogue.models import Import, ImportRow, Library, Location, Outcome
from catalogue.values import Entry
from core.words import Phrase

_BYTES = OpenApiExample("List", value="Title,Author…", media_type=BytesBody.media_type)
_TABLE = {
    (200, "text/csv"): OpenApiResponse(
        OpenApiTypes.STR, examples=[OpenApiExample("Table", value="Row,Title,Outcome,Reasons,Work\r\n…")]
    )
}
_IMPORT = {
    "id": 5,
    "name": "goodreads.csv",
    "format": "goodreads",
    "library": 1,
    "mode": "fill",
    "location": None,
    "with_progress": True,
    "columns": [],
    "mapping": {},
    "counts": {"created": 80, "review": 2},
    "made_by": "ute",
    "job": 17,
    "created_at": "2026-01-15T12:00:00Z",
    "started_at": "2026-01-15T12:01:00Z",
    "finished_at": "2026-01-15T12:01:02Z",
    "undone_at": None,
}
_CHANGED = ("library", "mode", "location", "with_progress", "mapping")
_ROW = {
    "id": 4711,
    "number": 3,
    "title": "Dune",
    "outcome": "review",
    "score": 0.82,
    "why": ["same title", "a year apart"],
    "work": None,
    "copy": None,
}


@example(_IMPORT, {"mode": "overwrite", "mapping": {"Titel": "title"}})
class ImportSerializer(Strict, serializers.ModelSerializer[Import]):
    """A list that was uploaded, and how it is to be read; `counts` are its rows by what became of them.

    Before it is started, `mapping` gives `columns` other names; each says what it holds (docs/imports.md).
    """

    library: Any = serializers.PrimaryKeyRelatedField(queryset=Library.objects.all(), required=False)
    location: Any = serializers.PrimaryKeyRelatedField(
        queryset=Location.objects.all(), required=False, allow_null=True
    )
    columns = serializers.ListField(child=serializers.CharField(), read_only=True)
    mapping = serializers.DictField(
        child=serializers.CharField(max_length=200, allow_blank=True), required=False
    )
    counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)
    made_by: Any = serializers.SlugRelatedField("username", read_only=True, allow_null=True)
    job: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Import
        fields = tuple(_IMPORT)
        read_only_fields = tuple(name for name in _IMPORT if name not in _CHANGED)

    def update(self, instance: Import, validated_data: dict[str, Any]) -> Import:
        return services.configure(instance, **validated_data)


@example(_ROW)
class ImportRowSerializer(serializers.ModelSerializer[ImportRow]):
    """A row of a list, what became of it, and why; `work` and `copy` are what it is now."""

    title = serializers.SerializerMethodField()
    why = serializers.SerializerMethodField()

    class Meta:
        model = ImportRow
        fields = tuple(_ROW)
        read_only_fields = fields

    def get_title(self, row: ImportRow) -> str:
        return title_of(row)

    @extend_schema_field({"type": "array", "items": {"type": "string"}})
    def get_why(self, row: ImportRow) -> list[str]:
        return [why(row)] if row.error else list(evidence(row.reasons))


@example({"title": "Dune", "state": "new", "work": None, "fault": ""})
class ForeseenSerializer(serializers.Serializer[Foreseen]):
    """One of the first rows, and what it would become; `fault` is why it cannot be read."""

    title = serializers.SerializerMethodField()
    state = serializers.CharField(source="state.value")
    work = serializers.IntegerField(source="work.pk", allow_null=True, default=None)
    fault = serializers.SerializerMethodField()

    def get_title(self, told: Foreseen) -> str:
        return told.row.work.title if isinstance(told.row, Entry) else ""

    def get_fault(self, told: Foreseen) -> str:
        if isinstance(told.row, Entry):
            return ""
        return Phrase(f"catalogue.row-{told.row.wrong}", text=told.row.detail).told


@example(
    {
        "format": "goodreads",
        "rows": 82,
        "unknown": ["Owned Copies"],
        "first": [{"title": "Dune", "state": "new", "work": None, "fault": ""}],
    }
)
class ImportPreviewSerializer(serializers.Serializer[Any]):
    """What a list would become: its `format`, empty where nobody knows it, and its first rows.

    Columns that are `unknown` are kept as fields of your own.
    """

    format = serializers.CharField()
    rows = serializers.IntegerField()
    unknown = serializers.ListField(child=serializers.CharField())
    first = ForeseenSerializer(many=True)


@example({"deleted": 80, "restored": 0, "kept": 2, "touched": [12, 13]})
class UndoingSerializer(serializers.Serializer[Any]):
    """How many works go, become what they were, and stay; the first of the last, which somebody touched."""

    deleted = serializers.IntegerField()
    restored = serializers.IntegerField()
    kept = serializers.IntegerField()
    touched = serializers.ListField(child=serializers.IntegerField())


@example({}, {"do": "choose", "work": 12})
class DecideSerializer(Strict):
    """What a row in doubt is: `accept` the likeliest, `choose` a `work`, `keep` it as new, or `skip` it."""

    do = serializers.ChoiceField(choices=["accept", "choose", "keep", "skip"])
    work = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if (attrs["do"] == "choose") != ("work" in attrs):
            raise serializers.ValidationError({"work": "Name the work to choose it, and only then."})
        return attrs


class ImportFilters(Filters):
    library = Number(field_name="library_id")
    ordering = Ordering({"id": "pk"})


class Imports(mixins.UpdateModelMixin, Readable):
    """Lists that were uploaded: nothing is imported until it is started, and all of it can be taken back."""

    nouns = ("an import", "imports")
    queryset = Import.objects.none()
    serializer_class = ImportSerializer
    filterset_class = ImportFilters
    change = ADD
    parameters = {"upload": ("name",)}
    http_method_names = ["get", "patch", "post", "head", "options"]

    @property
    def largest_body(self) -> int:  # type: ignore[override]
        return services.MOST_OF_ADMINS if self.action == "upload" else super().largest_body

    def get_queryset(self) -> QuerySet[Import]:
        """Those that the caller made; an admin sees those of all."""
        rows = scope.imports(user_of(self.request))
        return rows.select_related("made_by", "library", "location", "job").order_by("-pk")

    @extend_schema(
        parameters=[OpenApiParameter("name", str, description="What the file is called.")],
        request={BytesBody.media_type: OpenApiRequest(OpenApiTypes.BINARY, examples=[_BYTES])},
        responses={201: ImportSerializer},
    )
    @action(detail=False, methods=["post"], parser_classes=[BytesBody], filterset_class=None)
    def upload(self, request: Request) -> Response:
        """Take in a list.

        The body is the file. Nothing is imported yet.
        """
        pieces: Iterator[bytes] = request.data if isinstance(request.data, Iterator) else iter(())
        name = request.query_params.get("name", "")
        of = services.upload(pieces, user_of(request), name=name)
        return Response(self.get_serializer(of).data, status.HTTP_201_CREATED)

    @extend_schema(responses=ImportPreviewSerializer)
    @action(detail=True, filterset_class=None)
    def preview(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Show what a list would become."""
        of = self.get_object()
        shown = services.preview(of)
        first = foreseen(of, shown.format, shown.first) if shown.format else [Foreseen(shown.first[0])]
        told = {"format": shown.format, "rows": shown.number, "unknown": shown.unknown, "first": first}
        return Response(ImportPreviewSerializer(told).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def start(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Import a list as it is configured."""
        return accepted(services.start(self.get_object()))

    @extend_schema(responses={200: UndoingSerializer, 422: None})
    @action(detail=True, filterset_class=None, url_path="undo-preview")
    def undo_preview(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Show what taking an import back would do now."""
        of = self.get_object()
        services.may_be_undone(of)
        return Response(UndoingSerializer(undoing.foreseen(of)).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def undo(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take an import back.

        What it made and nobody touched since goes; what it changed becomes what it was.
        """
        return accepted(services.undo(self.get_object(), user_of(request)))

    @extend_schema(responses=_TABLE)
    @action(detail=True, filterset_class=None)
    def result(self, request: Request, pk: int) -> HttpResponse:  # noqa: ARG002
        """Send what became of each row, as a table."""
        of = self.get_object()
        return sending.table(partial(write_result, of), result_name(of))


class RowFilters(Filters):
    outcome = several(Outcome.choices)
    ordering = Ordering({"number": "number", "id": "pk"})


class Rows(mixins.ListModelMixin, Resource):
    """The rows of a list."""

    nouns = ("a row", "rows of an import")
    queryset = ImportRow.objects.none()
    serializer_class = ImportRowSerializer
    filterset_class = RowFilters

    def get_queryset(self) -> QuerySet[ImportRow]:
        """Those of the import in the address, where the caller sees it."""
        of = get_object_or_404(scope.imports(user_of(self.request)), pk=self.kwargs.get("import_id"))
        return of.rows.order_by("number")


class ReviewFilters(Filters):
    ordering = Ordering({"id": "pk"})


class Reviews(Readable):
    """Rows in doubt, of which a person says what they are."""

    nouns = ("a row in doubt", "rows in doubt")
    queryset = ImportRow.objects.none()
    serializer_class = ImportRowSerializer
    filterset_class = ReviewFilters
    change = ADD
    http_method_names = ["get", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[ImportRow]:
        """Those of the imports that the caller sees."""
        return reviewing.waiting(user_of(self.request))

    @extend_schema(request=DecideSerializer, responses=ImportRowSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def decide(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Say what a row in doubt is."""
        wanted = DecideSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        row, asked = self.get_object(), wanted.validated_data
        match asked["do"]:
            case "accept":
                row = reviewing.accept(row)
            case "keep":
                row = reviewing.keep_as_new(row)
            case "skip":
                row = reviewing.skip(row)
            case _:
                row = reviewing.choose(row, asked["work"], user_of(request))
        row.refresh_from_db()
        return Response(self.get_serializer(row).data)
