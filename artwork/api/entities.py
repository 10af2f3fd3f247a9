"""Entities: titles, seasons and episodes with their pictures, and what a person does about them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import django_filters
from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field, extend_schema_view
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import LARGEST_NUMBER, Filters, Number, Ordering, several
from api.problems import Invalid
from api.resource import Readable
from api.routes.jobs import JobSerializer, accepted
from api.schema import example
from api.strict import Strict
from artwork import by_hand, care, reviewing, uploading
from artwork.finding import STATE_NAMES, STATES, Standing, lacks, standing, titles_of
from artwork.metadata import told_of
from artwork.models import Candidate, Entity, usual_providers
from artwork.names import ArtType, Kind
from core.errors import ConfigError
from jobs.models import Job

from .pictures import PICTURE, PictureSerializer

ACTIONS = ("publish", "discard", "verify", "prepare", "lock", "unlock")
MOST_IDS = 1000

_ENTITY = {
    "id": 21,
    "kind": "movie",
    "title": None,
    "media": 12,
    "connection": 1,
    "season": None,
    "episodes": [],
    "name": "Lantern",
    "year": 2020,
    "ids": {"tmdb": "70001"},
    "locks": ["art:poster"],
    "values": {"title": "Lantern", "genres": ["Drama"]},
    "matches": [],
    "identified": None,
    "put_off_until": None,
    "state": "unpublished",
    "problem": "",
    "missing_since": None,
    "published_at": "2026-01-15T12:00:00Z",
    "pictures": [PICTURE],
}


@extend_schema_field({"type": "object", "additionalProperties": True})
class ToldField(serializers.DictField):
    """What is told of an entity, by name; of a video with several episodes, of the first."""

    def get_attribute(self, instance: Entity) -> dict[str, Any]:
        told = told_of(instance, by_hand.episode_of(instance))
        return {name: told[name].value for name in by_hand.fields_of(instance) if name in told}


@example(_ENTITY, {"locks": ["art:poster"], "values": {"title": "Lantern"}})
class EntitySerializer(Strict, serializers.ModelSerializer[Entity]):
    """A movie or series, a season, or the video of one or more episodes; `title` is what it is a part of.

    `values` can be entered, which locks them; an empty one is told by the providers again. `matches` are what
    a title may be where nobody knows for certain, `identified` is the one that somebody said it is. Before
    `put_off_until` nobody is asked about a title in the inbox. `locks` can be set: `*` for the whole of it,
    `art:poster` or `plot` and so on. Nothing that happens by itself changes what is locked. `pictures` are
    those that were chosen.
    """

    connection: Any = serializers.PrimaryKeyRelatedField(read_only=True)
    ids = serializers.DictField(child=serializers.CharField(), read_only=True)
    locks = serializers.ListField(child=serializers.CharField(max_length=50), max_length=100, required=False)
    values: Any = ToldField(required=False)
    matches = serializers.ListField(child=serializers.DictField(), read_only=True)
    identified = serializers.SerializerMethodField()
    state = serializers.SerializerMethodField()
    problem = serializers.CharField(read_only=True)
    pictures = PictureSerializer(source="chosen", many=True, read_only=True)

    class Meta:
        model = Entity
        fields = tuple(_ENTITY)
        read_only_fields = tuple(name for name in _ENTITY if name not in ("locks", "values"))

    def get_fields(self) -> dict[str, Any]:
        found = super().get_fields()
        wanted = self.context.get("fields")
        return {name: one for name, one in found.items() if name in wanted} if wanted else found

    @extend_schema_field({"type": "object", "additionalProperties": True, "nullable": True})
    def get_identified(self, entity: Entity) -> dict[str, Any] | None:
        """The match alone: what was known before is kept to take it back."""
        return entity.identified and entity.identified["match"]

    @extend_schema_field(serializers.ChoiceField(choices=[str(one) for one in Standing]))
    def get_state(self, entity: Entity) -> str:
        """How it stands itself, whatever its seasons and episodes do."""
        return standing(entity)

    def update(self, instance: Entity, validated_data: dict[str, Any]) -> Entity:
        user = user_of(self.context["request"])
        if "locks" in validated_data:
            instance.locks = by_hand.set_locks(instance, validated_data["locks"], user).locks
        if "values" in validated_data:
            edited = by_hand.edit(instance, validated_data["values"], user)
            instance.told, instance.locks, instance.wanted = edited.told, edited.locks, edited.wanted
        return instance


@example({}, {"candidate": 93, "rank": 0})
class SelectSerializer(Strict):
    """Which candidate is chosen. Of fanart there may be several: `rank` 1 is the second one."""

    candidate = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)
    rank = serializers.IntegerField(min_value=0, max_value=1000, required=False)


@example({}, {"candidate": 93})
class ArtTakeBackSerializer(Strict):
    """Which candidate is rejected no longer."""

    candidate = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)


@example({}, {"candidate": 93, "where": "everywhere"})
class RejectSerializer(Strict):
    """Which candidate is rejected: `here`, which is usual, or `everywhere` with what looks the same."""

    candidate = serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER)
    where = serializers.ChoiceField(choices=["here", "everywhere"], required=False)


@example({}, {"provider": "tmdb", "id": "603"})
class IdentifySerializer(Strict):
    """Which of its `matches` a title is."""

    provider = serializers.ChoiceField(choices=usual_providers())
    id = serializers.CharField(max_length=50)


@example({}, {"days": 7})
class PutOffSerializer(Strict):
    """For how many days nobody is asked; a week is usual."""

    days = serializers.IntegerField(min_value=1, max_value=365, required=False)


@example({}, {"type": "poster", "address": "https://example.org/poster.jpg"})
class TakeSerializer(Strict):
    """Where a picture of one's own lies, and of which type it is."""

    type = serializers.ChoiceField(choices=[str(one) for one in ArtType])
    address = serializers.CharField(max_length=500)


@example({}, {"type": "banner"})
class LeaveOutSerializer(Strict):
    """The type of which no picture is wanted."""

    type = serializers.ChoiceField(choices=[str(one) for one in ArtType])


@example({}, {"deep": True})
class VerifySerializer(Strict):
    """With `deep` every file is read, else its size and time are compared."""

    deep = serializers.BooleanField(required=False)


@example({}, {"action": "publish", "filter": {"state": "unpublished", "kind": "movie"}})
class ActSerializer(Strict):
    """What is done to which entities: those with these `ids`, or all that a `filter` of the list finds.

    Files are always those of whole titles; what is locked is an entity with all that belongs to it.
    """

    action = serializers.ChoiceField(choices=ACTIONS)
    ids = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=LARGEST_NUMBER),
        max_length=MOST_IDS,
        required=False,
    )
    filter = serializers.DictField(child=serializers.JSONField(), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("ids" in attrs) == ("filter" in attrs):
            raise serializers.ValidationError({"ids": "Give either ids or a filter."})
        return attrs


@example({"number": 12, "job": 4711})
class ActedSerializer(serializers.Serializer[Any]):
    """Of how many titles something was done or asked for, and the job that does it, where one does."""

    number = serializers.IntegerField()
    job = serializers.IntegerField(allow_null=True)


@example({"path": "poster.jpg", "type": "poster", "entity": 21, "sha256": "5a" * 32, "before": "c3" * 32})
class WriteSerializer(serializers.Serializer[Any]):
    """One file: what it would hold, null where it would be taken away, and what stands there before."""

    path = serializers.CharField()
    type = serializers.CharField(source="art")
    entity = serializers.IntegerField()
    sha256 = serializers.CharField(source="digest", allow_null=True)
    before = serializers.CharField(allow_null=True)


@example(
    {
        "writes": [
            {"path": "poster.jpg", "type": "poster", "entity": 21, "sha256": "5a" * 32, "before": None}
        ],
        "standing": 2,
        "shadows": [],
    }
)
class PublicationPreviewSerializer(serializers.Serializer[Any]):
    """What a publication of the title would write, and how many files stand there already.

    `shadows` says which other pictures there a player shows in place of ours, and what to do about each.
    """

    writes = WriteSerializer(many=True)
    standing = serializers.IntegerField()
    shadows = serializers.ListField(child=serializers.CharField())


class EntityFilters(Filters):
    kind = several([(str(one), str(one)) for one in Kind])
    connection = Number(field_name="connection_id")
    title = Number(field_name="title_id", help_text="The seasons and episodes of this entity.")
    media = Number(method="of_media", help_text="A title of the library, with its seasons and episodes.")
    state = django_filters.ChoiceFilter(
        method="in_state",
        choices=list(STATE_NAMES.items()),
        help_text="How it stands; `missing`: a picture that every player shows is not chosen; `contested`: "
        "others write pictures that players show in place of ours.",
    )
    lacks = django_filters.ChoiceFilter(
        method="that_lacks",
        choices=[(str(one), str(one)) for one in ArtType],
        help_text="No picture of this type is chosen.",
    )
    q = django_filters.CharFilter(field_name="name", lookup_expr="icontains", help_text="A part of the name.")
    ordering = Ordering(
        {"name": "name", "year": "year", "published_at": "published_at", "id": "pk"}, times=("published_at",)
    )

    def of_media(self, rows: QuerySet[Entity], _name: str, media: int) -> QuerySet[Entity]:
        """Those of one title of the library."""
        return rows.filter(Q(media=media) | Q(title__media=media))

    def in_state(self, rows: QuerySet[Entity], _name: str, state: str) -> QuerySet[Entity]:
        """Those that stand so."""
        return rows.filter(STATES[state]())

    def that_lacks(self, rows: QuerySet[Entity], _name: str, art: str) -> QuerySet[Entity]:
        """Those without such a picture."""
        return rows.filter(lacks(art))


_ONLY = "Only these fields, separated by commas: `id,name`."
_FIELDS = OpenApiParameter("fields", {"type": "string", "minLength": 1}, description=_ONLY)


@extend_schema_view(list=extend_schema(parameters=[_FIELDS]), retrieve=extend_schema(parameters=[_FIELDS]))
class Entities(mixins.UpdateModelMixin, Readable):
    """What has artwork: titles with their seasons and episodes."""

    nouns = ("an entity", "entities")
    queryset = Entity.objects.order_by("pk")
    serializer_class = EntitySerializer
    filterset_class = EntityFilters
    parameters = {"list": ("fields",), "retrieve": ("fields",)}
    http_method_names = ["get", "patch", "post", "head", "options"]

    def get_queryset(self) -> QuerySet[Entity]:
        """With the pictures that were chosen."""
        chosen = Candidate.objects.filter(rank__isnull=False).order_by("art", "rank")
        return super().get_queryset().prefetch_related(Prefetch("candidates", chosen, to_attr="chosen"))

    def get_serializer_context(self) -> dict[str, Any]:
        """With the fields that are asked for. Raises Invalid where there is no such field."""
        context = dict(super().get_serializer_context())
        asked = self.request.query_params.get("fields") if self.request else None
        if asked and self.action in ("list", "retrieve"):
            context["fields"] = names = {name.strip() for name in asked.split(",")}
            if unknown := sorted(names - _ENTITY.keys()):
                known = ", ".join(_ENTITY)
                raise Invalid({"fields": [f"There is no field {unknown[0]} here; there are: {known}."]})
        return context

    @extend_schema(request=SelectSerializer, responses={200: EntitySerializer, 202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def select(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Choose a picture, and lock its type.

        It is written with the next publication. 202 where a job fetches it first.
        """
        wanted = SelectSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        candidate = self._candidate(wanted.validated_data["candidate"])
        job = care.choose(candidate, user_of(request), wanted.validated_data.get("rank", 0))
        return accepted(job) if job else self._now()

    @extend_schema(request=RejectSerializer, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def reject(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have a picture not be chosen here, or everywhere.

        Where it was chosen, its type is unlocked and another one takes its place.
        """
        wanted = RejectSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        candidate = self._candidate(wanted.validated_data["candidate"])
        everywhere = wanted.validated_data.get("where") == "everywhere"
        care.reject(candidate, user_of(request), everywhere=everywhere)
        return self._now()

    @extend_schema(request=ArtTakeBackSerializer, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="take-back")
    def take_back(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have a picture that was rejected be one like the others again."""
        wanted = ArtTakeBackSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        by_hand.take_back(self._candidate(wanted.validated_data["candidate"]), user_of(request))
        return self._now()

    @extend_schema(request=IdentifySerializer, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def identify(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Say which of its `matches` a title is.

        It is prepared at once.
        """
        wanted = IdentifySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given, title = wanted.validated_data, self.get_object().root
        return accepted(care.identify(title, given["provider"], given["id"], user_of(request)))

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None, url_path="identify/undo")
    def identify_undo(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have a title be any of its matches again.

        What was told and offered of the wrong one goes, but for what is locked, chosen by hand or rejected.
        """
        return accepted(care.take_identity_back(self.get_object().root, user_of(request)))

    @extend_schema(request=PutOffSerializer, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="put-off")
    def put_off(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Ask nobody about its title in the inbox, for a week or so many days."""
        wanted = PutOffSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        days = wanted.validated_data.get("days")
        how_long = timedelta(days=days) if days else reviewing.NOT_NOW
        reviewing.put_off(titles_of(self._one()), how_long)
        return self._now()

    @extend_schema(request=None, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="ask-again")
    def ask_again(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Ask about its title in the inbox again."""
        reviewing.ask_again([self.get_object().root.pk])
        return self._now()

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def prepare(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Ask the providers about its title, and choose its pictures."""
        return self._accepted(care.prepare(self._one(), user_of(request))[0])

    @extend_schema(request=TakeSerializer, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def take(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take in the picture at an address, choose it, and lock its type.

        `POST /artwork/pictures/upload` takes a file.
        """
        wanted = TakeSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        uploading.upload_from(self.get_object(), given["type"], given["address"], user_of(request))
        return self._now()

    @extend_schema(request=LeaveOutSerializer, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="leave-out")
    def leave_out(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Want no picture of a type, and lock that."""
        wanted = LeaveOutSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        by_hand.leave_out(self.get_object(), wanted.validated_data["type"], user_of(request))
        return self._now()

    @extend_schema(responses=PublicationPreviewSerializer, filters=False)
    @action(detail=True, filterset_class=None)
    def preview(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Show what a publication of its title would write.

        It comes from what is stored: the disk is not asked.
        """
        return Response(PublicationPreviewSerializer(care.preview(self.get_object().root)).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def publish(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Have the chosen pictures of its title stand beside it, all or none."""
        return self._accepted(care.publish(self._one(), user_of(request))[0])

    @extend_schema(request=VerifySerializer, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def verify(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Look whether what was published still stands, and put back what does not."""
        wanted = VerifySerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        deep = wanted.validated_data.get("deep", False)
        return self._accepted(care.verify(self._one(), user_of(request), deep=deep)[0])

    @extend_schema(request=None, responses=EntitySerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def discard(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Choose again what was published of its title."""
        care.discard(self._one(), user_of(request))
        return self._now()

    @extend_schema(request=ActSerializer, responses={200: ActedSerializer, 202: ActedSerializer})
    @action(detail=False, methods=["post"], filterset_class=None)
    def actions(self, request: Request) -> Response:
        """Do something to many.

        202 where a job does it.
        """
        wanted = ActSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        asked, user = wanted.validated_data, user_of(request)
        rows = _meant(asked)
        job: Job | None = None
        match asked["action"]:
            case "publish":
                job, number = care.publish(rows, user)
            case "prepare":
                job, number = care.prepare(rows, user)
            case "verify":
                job, number = care.verify(rows, user)
            case "discard":
                number = care.discard(rows, user)
            case what:
                number = care.lock_many(rows, locked=what == "lock", user=user)
        told = ActedSerializer({"number": number, "job": job.pk if job else None}).data
        return Response(told, status.HTTP_202_ACCEPTED if job else status.HTTP_200_OK)

    def _candidate(self, number: int) -> Candidate:
        of_entity = Candidate.objects.filter(entity=self.get_object()).select_related("entity__title")
        candidate = of_entity.filter(pk=number).first()
        if candidate is None:
            raise Invalid({"candidate": ["This entity has no such candidate."]})
        return candidate

    def _one(self) -> QuerySet[Entity]:
        return Entity.objects.filter(pk=self.get_object().pk)

    def _now(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data)

    def _accepted(self, job: Job | None) -> Response:
        if job is None:
            raise ConfigError("artwork.no-title", title=str(self.get_object().root))
        return accepted(job)


def _meant(asked: dict[str, Any]) -> QuerySet[Entity]:
    """The entities that were named or that the filter finds. Raises Invalid where that is none."""
    rows = Entity.objects.order_by("pk")
    if "ids" in asked:
        return rows.filter(pk__in=asked["ids"])
    given = QueryDict(mutable=True)
    for name, value in asked["filter"].items():
        if name not in EntityFilters.base_filters or name == "ordering":
            raise Invalid({f"filter.{name}": ["There is no such filter."]})
        given.setlist(name, [str(one) for one in (value if isinstance(value, list) else [value])])
    found = EntityFilters(given, rows)
    if not found.is_valid():
        raise Invalid({f"filter.{name}": list(errors) for name, errors in found.errors.items()})
    return Entity.objects.filter(pk__in=found.qs.order_by().values("pk"))
