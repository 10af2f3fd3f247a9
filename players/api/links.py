"""Links: what stands in a player of each title, and what a person does about it."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from api.auth import user_of
from api.filters import Filters, Number, Ordering, Switch, several
from api.resource import Readable
from api.schema import example
from api.strict import Strict
from players import care, explain, links
from players.models import Cause, Link, LinkState

from .players import DoneCountSerializer, players_there

_CANDIDATE = {
    "id": "4711",
    "title": "Lantern Harbour",
    "year": 2020,
    "library": "TV",
    "path": "/data/tv/Lantern Harbour",
    "grade": 60,
}


class CandidateSerializer(serializers.Serializer[Any]):
    """An item of the player that the title may be; `grade` says how sure that is, up to 100."""

    id = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    year = serializers.IntegerField(allow_null=True)
    library = serializers.CharField()
    path = serializers.CharField(allow_blank=True)
    grade = serializers.IntegerField()


@example(
    {
        "id": 31,
        "subject": "media:12",
        "kind": "show",
        "title": "Lantern Harbour (2020)",
        "media": 12,
        "source": 1,
        "state": "ambiguous",
        "cause": "ambiguous",
        "error": "Plex has one title that could be this one, but not surely: look at it and choose it.",
        "due_at": "2026-01-16T12:00:00Z",
        "tries": 0,
        "items": [],
        "grade": 60,
        "candidates": [_CANDIDATE],
        "pinned": None,
        "conflict": False,
        "held": ["summary"],
        "synced_at": None,
    }
)
class LinkSerializer(serializers.ModelSerializer[Link]):
    """One title, season or scene in a player.

    `items` are the ids of what it is there, `held` the fields and labels that somebody else changed.
    """

    subject: Any = serializers.CharField(source="subject.key")
    kind = serializers.CharField(source="subject.kind")
    title = serializers.CharField(source="subject.title")
    media = serializers.IntegerField(source="subject.media_id", allow_null=True)
    source: Any = serializers.IntegerField(source="subject.source_id", allow_null=True)
    cause = serializers.ChoiceField(Cause.choices, allow_blank=True)
    error = serializers.CharField()
    items = serializers.ListField(source="item_ids", child=serializers.CharField())
    candidates = CandidateSerializer(many=True)
    pinned = serializers.CharField(source="pinned.id", default=None, allow_null=True)
    held = serializers.SerializerMethodField()

    class Meta:
        model = Link
        fields = (
            "id",
            "subject",
            "kind",
            "title",
            "media",
            "source",
            "state",
            "cause",
            "error",
            "due_at",
            "tries",
            "items",
            "grade",
            "candidates",
            "pinned",
            "conflict",
            "held",
            "synced_at",
        )
        read_only_fields = fields

    def get_held(self, link: Link) -> list[str]:
        """Fields, and labels as form and name."""
        return sorted(links.held_names(link))


class GradedSerializer(serializers.Serializer[Any]):
    """One item that was considered; `written` where it is the title."""

    id = serializers.CharField()
    title = serializers.CharField(allow_blank=True)
    year = serializers.IntegerField(allow_null=True)
    library = serializers.CharField()
    paths = serializers.ListField(child=serializers.CharField())
    grade = serializers.IntegerField()
    why = serializers.CharField()
    written = serializers.BooleanField()


@example(
    {
        "subject": "Lantern Harbour (2020)",
        "player": "Plex",
        "state": "due",
        "error": "",
        "pinned": None,
        "labels": ["Audio: dub"],
        "fields": {},
        "places": ["/data/tv/Lantern Harbour"],
        "candidates": [
            {
                "id": "4711",
                "title": "Lantern Harbour",
                "year": 2020,
                "library": "TV",
                "paths": ["/data/tv/Lantern Harbour"],
                "grade": 95,
                "why": "the same folder",
                "written": True,
            }
        ],
    }
)
class LinkPreviewSerializer(serializers.Serializer[Any]):
    """What a title should show in a player, where it is looked for there, and what was found.

    `labels` are null where they are not known yet, or it goes there no longer.
    """

    subject = serializers.CharField()
    player = serializers.CharField()
    state = serializers.ChoiceField(choices=LinkState.choices)
    error = serializers.CharField(allow_blank=True)
    pinned = serializers.JSONField(allow_null=True)
    labels = serializers.ListField(child=serializers.CharField(), allow_null=True)
    fields: Any = serializers.DictField(child=serializers.JSONField())
    places = serializers.ListField(child=serializers.CharField())
    candidates = GradedSerializer(many=True)


@example({}, {"item": "4711"})
class PinSerializer(Strict):
    """The id of the item of the player that a title is."""

    item = serializers.CharField(max_length=200)


@example({}, {"field": "summary"})
class TakeBackSerializer(Strict):
    """A field or label, as `held` names it; left out: all that is held."""

    field = serializers.CharField(max_length=300, required=False)


class LinkFilters(Filters):
    state = several(LinkState.choices)
    cause = several(Cause.choices)
    grade = Number(help_text="How sure the match is, exactly.")
    least_grade = Number(field_name="grade", lookup_expr="gte", help_text="How sure the match is at least.")
    conflict = Switch(help_text="Somebody else changed, or keeps undoing, what was written.")
    dead = Switch(method="that_is_dead", help_text="It waits for a person.")
    media = Number(field_name="subject__media_id")
    q = django_filters.CharFilter(
        field_name="subject__title", lookup_expr="icontains", help_text="A part of the title."
    )
    ordering = Ordering(
        {"title": "subject__title", "due_at": "due_at", "synced_at": "synced_at", "id": "pk"},
        times=("due_at", "synced_at"),
    )

    def that_is_dead(self, rows: QuerySet[Link], _name: str, dead: bool) -> QuerySet[Link]:
        """Those that wait for a person, or all others."""
        found = Q(pk__in=links.dead().values("pk"))
        return rows.filter(found if dead else ~found)


class Links(Readable):
    """The titles of a player."""

    nouns = ("a title in a player", "the titles in a player")
    queryset = Link.objects.select_related("subject", "player").order_by("pk")
    serializer_class = LinkSerializer
    filterset_class = LinkFilters

    def get_queryset(self) -> QuerySet[Link]:
        """Those of the player in the address."""
        return super().get_queryset().filter(player=self.kwargs.get("player_id", 0))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the titles of a player."""
        # Not an empty list for a player that is not there.
        get_object_or_404(players_there(), pk=kwargs["player_id"])
        return super().list(request, *args, **kwargs)

    @extend_schema(responses=LinkPreviewSerializer, filters=False)
    @action(detail=True, filterset_class=None)
    def preview(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Show what a title should show in a player, where it is looked for, and what was found.

        It comes from what is stored: the player is not asked.
        """
        return Response(LinkPreviewSerializer(explain.preview(self.get_object())).data)

    @extend_schema(request=None, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def retry(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Send a title now, whatever became of it."""
        return Response({"done": care.retry(self._one(), user_of(request))})

    @extend_schema(request=None, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def dismiss(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Leave a title alone until its source changes or somebody asks for it."""
        return Response({"done": care.dismiss(self._one(), user_of(request))})

    @extend_schema(request=PinSerializer, responses=LinkSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def pin(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Have a title be one item of the player, whatever the rules say.

        What is ours leaves the item that it was before.
        """
        wanted = PinSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        care.pin(self.get_object(), wanted.validated_data["item"], user_of(request))
        return self._now()

    @extend_schema(request=None, responses=LinkSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def unpin(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Let the rules decide again which item a title is."""
        care.unpin(self.get_object(), user_of(request))
        return self._now()

    @extend_schema(request=TakeBackSerializer, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="take-back")
    def take_back(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Write over what somebody else made of a field or label, or of all of a title."""
        wanted = TakeBackSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        done = care.take_back(self.get_object(), wanted.validated_data.get("field"), user_of(request))
        return Response({"done": done})

    @extend_schema(request=None, responses=LinkSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="give-back")
    def give_back(self, request: Request, player_id: int, pk: int) -> Response:  # noqa: ARG002
        """Leave again what was taken back.

        422 once it is being sent.
        """
        care.give_back(self.get_object(), user_of(request))
        return self._now()

    def _one(self) -> QuerySet[Link]:
        return Link.objects.filter(pk=self.get_object().pk)

    def _now(self) -> Response:
        return Response(LinkSerializer(self.get_object()).data)
