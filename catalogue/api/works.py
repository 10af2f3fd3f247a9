"""Works: found, added, changed, thrown away and taken back, and how one stands to them."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.rights import ADD, OWN
from api.auth import user_of
from api.filters import LARGEST_NUMBER, Filters, Ordering
from api.problems import Conflict
from api.resource import Readable, Resource, takes_if_match, unchanged
from api.schema import example
from api.strict import Strict
from catalogue import adding, editing, merging, scope, sorting
from catalogue.models import Change, Copy, Identifier, Library, Progress, Work
from catalogue.values import State
from core.errors import ConfigError
from web.keyset import Key

from .lookup import EnteredSerializer
from .paging import CURSOR, Cursors
from .work_filters import KINDS, WorkFilters

MOST_CREATORS = 200
ALREADY = (
    "You may have it already: send `anew` to add it all the same, or `to` with the work it is a copy of."
)

_WORK = {
    "id": 12,
    "library": 1,
    "kind": "book",
    "title": "Dune",
    "original_title": "",
    "year": 1965,
    "overview": "A desert and its worms.",
    "language": "en",
    "runtime_min": None,
    "audience_rating": "",
    "community_rating": "8.50",
    "series": "Dune",
    "position": "1",
    "people": {"author": ["Frank Herbert"]},
    "terms": {"genre": ["Science fiction"]},
    "identifiers": [{"scheme": "olid", "value": "OL893415W"}],
    "own": {"Mood": "dark"},
    "locks": ["title"],
    "origins": {"*": "goodreads", "year": "manual"},
    "added_by": "ute",
    "added_via": "manual",
    "added_on": None,
    "created_at": "2026-01-15T12:00:00Z",
    "deleted_at": None,
    "version": 3,
}
_CHANGED = {*editing.OF_WORK, "people", "terms", "locks", editing.RELEASED}


class NumberOfSerializer(serializers.ModelSerializer[Identifier]):
    """A number by which a thing is known: `isbn13`, `gtin`, `imdb` and so on."""

    class Meta:
        model = Identifier
        fields = ("scheme", "value")
        read_only_fields = fields


class OwnField(serializers.DictField):
    """What only this household knows of a thing, by the names that it gave it."""

    child = serializers.CharField(max_length=10_000, allow_blank=True)


class NamesField(serializers.DictField):
    """Lists of names."""

    child = serializers.ListField(child=serializers.CharField(max_length=1000), max_length=editing.MOST_NAMES)


class PeopleField(NamesField):
    """Who made a work, by what they did."""

    def get_attribute(self, instance: Work) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for made in instance.contributions.all():
            found.setdefault(made.role, []).append(made.person.name)
        return found


class TermsField(NamesField):
    """Of what sort a work is."""

    def get_attribute(self, instance: Work) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for sort in instance.terms.all():
            found.setdefault(sort.term.kind, []).append(sort.term.name)
        return found


class Keeping(Strict):
    """Which fields no machine changes, and who wrote each."""

    locks = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100, required=False)
    released = serializers.ListField(
        child=serializers.CharField(max_length=50), max_length=100, required=False, write_only=True
    )
    origins = serializers.DictField(child=serializers.CharField(), read_only=True)


@example(_WORK, {"title": "Dune", "people": {"author": ["Frank Herbert"]}, "locks": ["title"]})
class WorkSerializer(Keeping, serializers.ModelSerializer[Work]):
    """A movie, series, book, record, game or comic, whatever forms of it are owned.

    `people` are names by what they did, `terms` genres, tags, studios and platforms; each list is changed as
    a whole. What a person changes no import changes back; nothing that happens by itself changes fields in
    `locks`. `origins` says who wrote which field, `*` who wrote the others; those that are `released` imports
    may change again.
    """

    library: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    year = serializers.IntegerField(allow_null=True, required=False)
    runtime_min = serializers.IntegerField(allow_null=True, required=False)
    people = PeopleField(required=False)
    terms = TermsField(required=False)
    identifiers = NumberOfSerializer(many=True, read_only=True)
    own = OwnField(required=False)
    added_by: Any = serializers.SlugRelatedField("username", read_only=True)

    class Meta:
        model = Work
        fields = (*_WORK, editing.RELEASED)
        read_only_fields = tuple(name for name in _WORK if name not in _CHANGED)

    def update(self, instance: Work, validated_data: dict[str, Any]) -> Work:
        changes = dict(validated_data)
        for name in ("people", "terms"):
            changes |= changes.pop(name, {})
        return editing.edit_work(instance, user_of(self.context["request"]), changes)


@example(
    {},
    {
        "kind": "book",
        "title": "Dune",
        "code": "9780441013593",
        "creators": ["Frank Herbert"],
        "location": "Attic",
    },
)
class AddWorkSerializer(EnteredSerializer):
    """What stands on a shelf, in as few words as one likes: a title, or the number on its back.

    `to` is the work that it is another copy of. Without that, and without `anew`, 409 says what it may be.
    """

    format = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    location = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)
    is_owned = serializers.BooleanField(required=False, default=True)
    to = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST_NUMBER)
    anew = serializers.BooleanField(required=False, default=False)


@example({}, {"other": 34, "take": ["year"]})
class MergeSerializer(Strict):
    """The work that becomes part of this one, and the fields that shall be as it says."""

    other = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)
    take = serializers.ListField(
        child=serializers.ChoiceField(choices=[(name, name) for name in merging.FIELDS]),
        max_length=len(merging.FIELDS),
        required=False,
        default=list,
    )


@example(
    {
        "state": "completed",
        "rating": "9.00",
        "is_wanted": False,
        "times": 2,
        "review": "Sand.",
        "plays": [{"started_on": "2020-01-01", "finished_on": "2020-01-05"}],
    },
    {"state": "completed", "rating": "9", "finished_on": "2026-01-15"},
)
class OwnProgressSerializer(Strict, serializers.ModelSerializer[Progress]):
    """How one stands to a work oneself; `finished_on` notes another time that it was read, seen or played."""

    state = serializers.ChoiceField(choices=["", *(one.value for one in State)], required=False)
    rating = serializers.DecimalField(max_digits=4, decimal_places=2, required=False, allow_null=True)
    times = serializers.IntegerField(required=False, allow_null=True)
    finished_on = serializers.DateField(required=False, allow_null=True, write_only=True)
    plays: Any = serializers.SerializerMethodField()

    class Meta:
        model = Progress
        fields = ("state", "rating", "is_wanted", "times", "review", "finished_on", "plays")

    @extend_schema_field(
        {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "started_on": {"type": "string", "format": "date", "nullable": True},
                    "finished_on": {"type": "string", "format": "date", "nullable": True},
                },
            },
        }
    )
    def get_plays(self, progress: Progress) -> Any:
        """The times that are dated."""
        if progress.pk is None:
            return []
        return list(progress.plays.order_by("pk").values("started_on", "finished_on"))


@takes_if_match
class Works(mixins.CreateModelMixin, mixins.UpdateModelMixin, mixins.DestroyModelMixin, Readable):
    """What the household owns, or has read, seen, heard or played."""

    nouns = ("a work", "works")
    queryset = Work.objects.none()
    serializer_class = WorkSerializer
    filterset_class = WorkFilters
    pagination_class = Cursors
    parameters = {"list": (CURSOR,)}
    change = ADD
    needs = {"note": OWN}
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Work]:
        """Those that the caller sees; to take one out of the trash, those there."""
        user = user_of(self.request)
        in_trash = self.action == "restore" or self.request.query_params.get("trash") == "true"
        rows = scope.works(user, in_trash=in_trash).select_related("added_by").order_by("pk")
        return rows.prefetch_related("contributions__person", "terms__term", "identifiers")

    def keys(self) -> tuple[Key, ...]:
        """By what the list is sorted."""
        asked = self.request.query_params.get("ordering", "")
        return sorting.keys_of(filter(None, asked.split(",")))

    def told(self, rows: QuerySet[Work]) -> QuerySet[Any]:
        """Works with what the list is sorted by."""
        return sorting.told(rows, user_of(self.request), self.keys())

    @extend_schema(request=AddWorkSerializer, responses={201: WorkSerializer, 409: None})
    def create(self, request: Request) -> Response:
        """Add a work, or with `to` another copy of one.

        409 where it may be here already; `alike` in the problem names what it may be, the likeliest first.
        """
        wanted = AddWorkSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given, user = wanted.validated_data, user_of(request)
        library = _library(user, given.get("library"))
        entry = adding.entered(**{name: given[name] for name in adding.ENTERED})
        if "to" not in given and not given["anew"] and (found := adding.alike(entry, user, library)):
            told = [(one.work.pk, str(one.work), round(one.match.score, 2)) for one in found]
            raise Conflict(
                ALREADY, alike=[dict(zip(("work", "title", "score"), one, strict=True)) for one in told]
            )
        work, _copy = adding.add(entry, user, library, to=given.get("to"))
        return Response(self._shown(work), status.HTTP_201_CREATED)

    def perform_update(self, serializer: Any) -> None:
        """Change what is given. Raises PermissionDenied."""
        refuse_others(user_of(self.request), serializer.instance)
        with unchanged(self, serializer.instance):
            serializer.save()

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: int) -> Response:
        """Put a work into the trash, with all its copies.

        It can be taken out again for 30 days.
        """
        refuse_others(user_of(request), self.get_object())
        editing.trash_works(Work.objects.filter(pk=pk), user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=WorkSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def restore(self, request: Request, pk: int) -> Response:
        """Take a work out of the trash."""
        work = self.get_object()
        editing.restore_works(Work.objects.filter(pk=pk), user_of(request))
        return Response(self._shown(work))

    @extend_schema(request=MergeSerializer, responses=WorkSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def merge(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Make one of two works: all that belongs to the other moves here.

        What is empty here is filled from it.
        """
        wanted = MergeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        user, other, taken = user_of(request), wanted.validated_data["other"], wanted.validated_data["take"]
        kept, gone = self.get_object(), get_object_or_404(scope.works(user), pk=other)
        for work in (kept, gone):
            refuse_others(user, work)
        return Response(self._shown(merging.merge(kept, gone, user, taken=taken).kept))

    @extend_schema(request=None, responses=WorkSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def unmerge(self, request: Request, pk: int) -> Response:
        """Make two works again of what was made one last, each exactly as it was."""
        user = user_of(request)
        return Response(self._shown(merging.undo(merging.last_into(user, pk), user).kept))

    @extend_schema(responses=OwnProgressSerializer)
    @action(detail=True, filterset_class=None)
    def progress(self, request: Request, pk: int) -> Response:
        """Show how one stands to a work oneself."""
        return Response(OwnProgressSerializer(self._mine(request, pk)).data)

    @extend_schema(request=OwnProgressSerializer, responses=OwnProgressSerializer)
    @progress.mapping.patch
    def note(self, request: Request, pk: int) -> Response:
        """Note how one stands to a work oneself."""
        progress = self._mine(request, pk)
        wanted = OwnProgressSerializer(progress, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        finished_on = wanted.validated_data.pop("finished_on", None)
        editing.note_progress(progress.work, user_of(request), wanted.validated_data, finished_on)
        return Response(OwnProgressSerializer(self._mine(request, pk)).data)

    def _mine(self, request: Request, pk: int) -> Progress:
        user = user_of(request)
        work = get_object_or_404(scope.works(user), pk=pk)
        return scope.progress(user, [pk]).filter(season=None).first() or Progress(user=user, work=work)

    def _shown(self, work: Work) -> dict[str, Any]:
        row = Work.objects.select_related("added_by").get(pk=work.pk)
        return dict(self.get_serializer(row).data)


def refuse_others(user: User, thing: Work | Copy) -> None:
    """Raise PermissionDenied where somebody may look at a thing alone."""
    if not scope.may_change(user, thing):
        raise PermissionDenied(str(ConfigError("catalogue.may-not-change")))


def work_in_address(view: Resource) -> Work:
    """The work that an address is about, where the caller sees it. Raises Http404."""
    return get_object_or_404(scope.works(user_of(view.request)), pk=view.kwargs.get("work_id"))


def _library(user: User, pk: int | None) -> Library:
    if pk is None:
        return Library.usual()
    found = scope.libraries(user).filter(pk=pk).first()
    if found is None:
        raise ConfigError("catalogue.no-library")
    return found


@example(
    {
        "id": 4,
        "at": "2026-01-15T12:00:00Z",
        "actor": "ute",
        "via": "manual",
        "before": {"year": 1964},
        "after": {"year": 1965},
    }
)
class ChangeSerializer(serializers.ModelSerializer[Change]):
    """What somebody changed of a work or of a copy of it, by the names of the fields."""

    actor: Any = serializers.SlugRelatedField("username", read_only=True)
    before = serializers.DictField()
    after = serializers.DictField()

    class Meta:
        model = Change
        fields = ("id", "at", "actor", "via", "before", "after")
        read_only_fields = fields


class ChangeFilters(Filters):
    ordering = Ordering({"id": "pk"})


class Changes(mixins.ListModelMixin, Resource):
    """What was changed of a work, the newest first."""

    nouns = ("a change", "changes of a work")
    queryset = Change.objects.none()
    serializer_class = ChangeSerializer
    filterset_class = ChangeFilters

    def get_queryset(self) -> QuerySet[Change]:
        """Those of the work in the address, where the caller sees it."""
        user, work = user_of(self.request), work_in_address(self)
        return scope.changes(user, [work.pk]).select_related("actor", "copy").order_by("-pk")

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        """Return a page, without prices that are hidden from the caller."""
        page = super().paginate_queryset(queryset)
        return None if page is None else list(scope.without_prices(user_of(self.request), page))
