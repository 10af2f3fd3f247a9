"""The seasons of a work, and how one stands to each."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import ADD, OWN
from api.auth import user_of
from api.filters import Filters, Ordering
from api.resource import Editable
from api.schema import example
from api.strict import Strict
from catalogue import editing, scope, seasons
from catalogue.models import Progress, Season

from .works import OwnProgressSerializer, refuse_others, work_in_address

_SEASON = {"id": 3, "number": 1, "name": "", "expected": 10, "available": 8, "is_complete": False}


@example(_SEASON, {"number": 1, "expected": 10, "available": 8})
class WorkSeasonSerializer(Strict, serializers.ModelSerializer[Season]):
    """A season: the episodes that it is `expected` to have, and those that are `available` here."""

    number = serializers.IntegerField(min_value=0, max_value=seasons.MOST)
    name = serializers.CharField(max_length=seasons.LONGEST_NAME, required=False, allow_blank=True)
    expected = serializers.IntegerField(min_value=0, max_value=seasons.MOST, required=False)
    available = serializers.IntegerField(min_value=0, max_value=seasons.MOST, required=False)

    class Meta:
        model = Season
        fields = tuple(_SEASON)
        read_only_fields = ("id", "is_complete")

    def create(self, validated_data: dict[str, Any]) -> Season:
        work = validated_data.pop("work")
        return seasons.save(Season(work=work), user_of(self.context["request"]), validated_data)

    def update(self, instance: Season, validated_data: dict[str, Any]) -> Season:
        return seasons.save(instance, user_of(self.context["request"]), validated_data)


class WorkSeasonFilters(Filters):
    ordering = Ordering({"number": "number", "id": "pk"})


class Seasons(Editable):
    """The seasons of a work, by their numbers."""

    nouns = ("a season", "seasons of a work")
    queryset = Season.objects.none()
    serializer_class = WorkSeasonSerializer
    filterset_class = WorkSeasonFilters
    change = ADD
    needs = {"note": OWN}
    http_method_names = ["get", "post", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Season]:
        """Those of the work in the address, where the caller sees it."""
        return Season.objects.filter(work=work_in_address(self)).order_by("number")

    def perform_create(self, serializer: Any) -> None:
        """Add it to the work. Raises PermissionDenied."""
        work = work_in_address(self)
        refuse_others(user_of(self.request), work)
        serializer.save(work=work)

    def perform_update(self, serializer: Any) -> None:
        """Change what is given. Raises PermissionDenied."""
        refuse_others(user_of(self.request), serializer.instance.work)
        serializer.save()

    def perform_destroy(self, instance: Season) -> None:
        """Take it off the work, with how everybody stands to it. Raises PermissionDenied."""
        user = user_of(self.request)
        refuse_others(user, instance.work)
        seasons.remove(instance, user)

    @extend_schema(responses=OwnProgressSerializer)
    @action(detail=True, filterset_class=None)
    def progress(self, request: Request, **_: Any) -> Response:
        """Show how one stands to a season oneself."""
        return Response(OwnProgressSerializer(self._mine(request)).data)

    @extend_schema(request=OwnProgressSerializer, responses=OwnProgressSerializer)
    @progress.mapping.patch
    def note(self, request: Request, **_: Any) -> Response:
        """Note how one stands to a season oneself."""
        progress = self._mine(request)
        wanted = OwnProgressSerializer(progress, data=request.data, partial=True)
        wanted.is_valid(raise_exception=True)
        told, user = wanted.validated_data, user_of(request)
        finished_on = told.pop("finished_on", None)
        editing.note_progress(progress.work, user, told, finished_on, season=progress.season)
        return Response(OwnProgressSerializer(self._mine(request)).data)

    def _mine(self, request: Request) -> Progress:
        user, season = user_of(request), self.get_object()
        mine = scope.progress(user, [season.work_id]).filter(season=season).first()
        return mine or Progress(user=user, work=season.work, season=season)
