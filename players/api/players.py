"""Players: how each stands, and what a person does about it as a whole."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import MANAGE
from api.auth import user_of
from api.filters import Filters, Ordering, Switch
from api.resource import Readable
from api.routes.jobs import JobSerializer, accepted, answer_start, under_way
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from connections.models import Breaker, Connection
from players import care
from players.gaps import SCOPES
from players.jobs import RECONCILE
from players.models import Cause, Outage
from players.settings import PLAYERS, accept_mappings

LONGEST = 2**31 - 1
WEEK = 7 * 24
"""Hours."""


def players_there() -> QuerySet[Connection]:
    return Connection.objects.filter(kind__in=PLAYERS, player__isnull=False).select_related("player")


class TroubleSerializer(Shown):
    """So many titles that wait for a person, why, and what helps."""

    of = care.Trouble
    cause = serializers.ChoiceField(choices=Cause.choices)
    meaning = serializers.CharField()
    remedy = serializers.CharField()


class OverviewSerializer(Shown):
    """How a player stands.

    `per_minute` is how many titles were sent a minute lately, `seconds_left` how long what is due takes so.
    """

    of = care.Overview
    per_minute = serializers.FloatField(allow_null=True)
    troubles = TroubleSerializer(many=True)


class ProposedMappingSerializer(serializers.Serializer[Any]):
    """A folder of a source that seems to be called otherwise by the player."""

    source: Any = serializers.CharField()
    player = serializers.CharField()


_PLAYER = {
    "id": 4,
    "name": "Plex",
    "kind": "plex",
    "enabled": True,
    "breaker": "closed",
    "dry_run": False,
    "may_be_off": False,
    "held_since": None,
    "held_reason": "",
    "indexed_at": "2026-01-15T12:00:00Z",
}


@example(_PLAYER)
class PlayerSerializer(serializers.ModelSerializer[Connection]):
    """A player: `held_since` is when the brake stopped it, `indexed_at` when its library was read whole."""

    kind = serializers.CharField()
    breaker = serializers.ChoiceField(choices=Breaker.choices)
    dry_run = serializers.BooleanField(source="player.dry_run")
    may_be_off = serializers.BooleanField(source="player.may_be_off")
    held_since = serializers.DateTimeField(source="player.held_since", allow_null=True)
    held_reason = serializers.CharField(source="player.held_reason", allow_blank=True)
    indexed_at = serializers.DateTimeField(source="player.indexed_at", allow_null=True)

    class Meta:
        model = Connection
        fields: ClassVar[tuple[str, ...]] = tuple(_PLAYER)
        read_only_fields = fields


@example(
    {
        **_PLAYER,
        "proposed": [{"source": "/tv", "player": "/data/tv"}],
        "overview": {
            "states": {"in_sync": 790, "due": 12, "failed": 2},
            "total": 804,
            "due": 12,
            "next_due": "2026-01-15T12:05:00Z",
            "dead": 2,
            "edited": 1,
            "per_minute": 840.0,
            "seconds_left": 1,
            "grades": {"95": 300, "100": 490},
            "troubles": [
                {
                    "cause": "refused_value",
                    "number": 2,
                    "meaning": "The player refused what was written.",
                    "remedy": "Shorten or correct it at the source, or switch that field off.",
                }
            ],
            "items": 812,
            "synced_at": "2026-01-15T12:00:00Z",
        },
    }
)
class PlayerDetailSerializer(PlayerSerializer):
    """A player and how it stands; `proposed` are path mappings that would find more of its titles."""

    proposed = ProposedMappingSerializer(source="player.proposed", many=True)
    overview = serializers.SerializerMethodField()

    class Meta(PlayerSerializer.Meta):
        fields = (*PlayerSerializer.Meta.fields, "proposed", "overview")

    def get_overview(self, player: Connection) -> OverviewSerializer:
        """How it stands now."""
        return OverviewSerializer(care.overview(player)).data  # type: ignore[return-value]


@example({}, {"everything": True})
class ReconcileSerializer(Strict):
    """With `everything` every title of the player is looked at, else what changed there.

    With a `scope` those that changed at their source so lately; with `dry_run` all are counted, none is sent.
    """

    everything = serializers.BooleanField(required=False)
    scope = serializers.ChoiceField(choices=list(SCOPES), required=False)
    dry_run = serializers.BooleanField(required=False)


@example({}, {"cause": "refused_value", "number": 2})
class FailedSerializer(Strict):
    """Which titles are meant: of one cause or of all, and how many, so that nothing else is done."""

    cause = serializers.ChoiceField(choices=Cause.choices, required=False)
    number = serializers.IntegerField(min_value=0, max_value=LONGEST, help_text="As many as there are.")


@example({}, {"number": 412})
class LeaveSerializer(Strict):
    """How many titles lose labels of ours; left out: however many there are."""

    number = serializers.IntegerField(min_value=0, max_value=LONGEST, required=False)


@example({"done": 2})
class DoneCountSerializer(serializers.Serializer[Any]):
    """Of how many titles, fields or folders that was done."""

    done = serializers.IntegerField()


@example({"hour": "2026-01-15T12:00:00Z", "ended": {"in_sync": 412, "failed": 2}, "seconds": 31.5})
class HourSerializer(Shown):
    """How many titles ended how in an hour, and how many seconds that took."""

    of = care.Hour
    seconds = serializers.FloatField()


class OutageSerializer(serializers.ModelSerializer[Outage]):
    """A time during which the player did not answer; `calls` found that out."""

    reason = serializers.CharField()

    class Meta:
        model = Outage
        fields = ("began_at", "ended_at", "calls", "reason")
        read_only_fields = fields


@example(
    {
        "since": "2025-12-15T12:00:00Z",
        "number": 1,
        "to_repair": 412.0,
        "between": 2591588.0,
        "availability": 0.9998,
        "last": [
            {
                "began_at": "2026-01-14T03:00:00Z",
                "ended_at": "2026-01-14T03:06:52Z",
                "calls": 9,
                "reason": "Plex does not answer within 30 seconds.",
            }
        ],
    }
)
class OutagesSerializer(Shown):
    """The last thirty outages. `to_repair` and `between` are seconds on average."""

    of = care.Outages
    to_repair = serializers.FloatField(allow_null=True)
    between = serializers.FloatField(allow_null=True)
    availability = serializers.FloatField(help_text="From 0 to 1.")
    last = OutageSerializer(many=True)


class PlayerFilters(Filters):
    enabled = Switch()
    ordering = Ordering({"name": "name", "id": "pk"})


class Players(Readable):
    """Plex, Jellyfin, Emby and Kodi: how each stands. They are added and changed as connections."""

    nouns = ("a player", "players")
    queryset = players_there().order_by("name")
    serializer_class = PlayerSerializer
    filterset_class = PlayerFilters
    needs = dict.fromkeys(("pause", "resume", "leave", "mappings"), MANAGE)

    def get_serializer_class(self) -> Any:
        """One of them is shown with how it stands."""
        return PlayerDetailSerializer if self.action == "retrieve" else PlayerSerializer

    @extend_schema(request=None, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def send(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Send now all that waits.

        409 names the job that is doing so already.
        """
        job, is_new = care.send_now(self.get_object(), user_of(request))
        if not is_new:
            raise under_way(request, job)
        return accepted(job)

    @extend_schema(request=ReconcileSerializer, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def reconcile(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Look again at every title of ours, and at what changed in the player.

        409 names the job that is doing so already.
        """
        wanted = ReconcileSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return answer_start(request, RECONCILE, self.get_object(), wanted.validated_data)

    @extend_schema(request=None, responses=PlayerSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def pause(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Send nothing to a player until it is resumed."""
        care.pause(self.get_object(), user_of(request))
        return Response(PlayerSerializer(self.get_object()).data)

    @extend_schema(request=None, responses=PlayerSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def resume(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Send to a player again what has become due meanwhile."""
        care.resume(self.get_object(), user_of(request))
        return Response(PlayerSerializer(self.get_object()).data)

    @extend_schema(request=None, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def release(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Let pass what the brake of a player holds.

        422 where it holds nothing.
        """
        return accepted(care.release(self.get_object(), user_of(request)))

    @extend_schema(request=None, responses=PlayerSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def hold(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Hold again what was released and is not sent yet.

        422 where all of it is sent.
        """
        care.hold(self.get_object(), user_of(request))
        return Response(PlayerSerializer(self.get_object()).data)

    @extend_schema(request=LeaveSerializer, responses={202: JobSerializer})
    @action(detail=True, methods=["post"], filterset_class=None)
    def leave(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take our labels off in a player, and then delete it.

        422 where it is paused or only looked at, or another number of titles carries labels of ours. To leave
        them there, delete the connection.
        """
        wanted = LeaveSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return accepted(care.leave(self.get_object(), user_of(request), wanted.validated_data.get("number")))

    @extend_schema(request=None, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def mappings(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take over the path mappings that are proposed, and find all titles anew."""
        return Response({"done": accept_mappings(self.get_object())})

    @extend_schema(request=FailedSerializer, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="failed/retry")
    def failed_retry(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Send again what waits for a person.

        422 where it is another number of titles by now.
        """
        player, cause, number = self._failed(request)
        done = care.retry(care.dead_letters(player, cause), user_of(request), number)
        return Response({"done": done})

    @extend_schema(request=FailedSerializer, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="failed/clear")
    def failed_clear(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Leave what waits for a person alone, until its source changes or somebody asks for it.

        422 where it is another number of titles by now.
        """
        player, cause, number = self._failed(request)
        done = care.dismiss(care.dead_letters(player, cause), user_of(request), number)
        return Response({"done": done})

    @extend_schema(request=FailedSerializer, responses=DoneCountSerializer)
    @action(detail=True, methods=["post"], filterset_class=None, url_path="failed/purge")
    def failed_purge(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Forget what failed or was dismissed, and has no label of ours in the player.

        422 where it is another number of titles by now.
        """
        player, cause, number = self._failed(request)
        return Response({"done": care.purge(player, user_of(request), cause, number)})

    @extend_schema(responses=HourSerializer(many=True), filters=False)
    @action(detail=True, filterset_class=None, pagination_class=None)
    def stats(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Count what was sent in each hour of the last week, the newest first."""
        return Response(HourSerializer(care.statistics(self.get_object(), WEEK), many=True).data)

    @extend_schema(responses=OutagesSerializer, filters=False)
    @action(detail=True, filterset_class=None)
    def outages(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List the last outages, with how long they last and how often they come."""
        return Response(OutagesSerializer(care.outages(self.get_object())).data)

    def _failed(self, request: Request) -> tuple[Connection, str, int]:
        wanted = FailedSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        return self.get_object(), wanted.validated_data.get("cause", ""), wanted.validated_data["number"]
