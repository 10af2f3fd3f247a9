"""Tasks: the jobs that start by themselves, and when."""

from __future__ import annotations

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import CHANGE, MANAGE
from api.auth import user_of
from api.filters import Filters, Number, Ordering, Switch
from api.resource import Readable
from api.routes.jobs import JobSerializer, accepted, under_way
from api.schema import example
from api.strict import Strict
from jobs import schedules
from jobs.models import Schedule

_TASK = {
    "id": 1,
    "job": "scan",
    "instance": 1,
    "every": 21600,
    "cron": "",
    "schedule": "every 21600 s",
    "params": {},
    "enabled": True,
    "last_job": 7,
    "last_started_at": "2026-01-15T12:00:00Z",
}


@example(_TASK, {"every": 43200, "enabled": True})
class TaskSerializer(Strict, serializers.ModelSerializer[Schedule]):
    """A job that starts by itself: every so many seconds, or by a cron line; the other of both goes."""

    every = serializers.IntegerField(
        min_value=schedules.SHORTEST,
        max_value=schedules.LONGEST,
        required=False,
        allow_null=True,
        help_text="Seconds.",
    )
    cron = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        help_text="Minute, hour, day of month, month, day of week, in the time zone of the settings.",
    )
    params = serializers.DictField(required=False, help_text="What the job is started with.")
    enabled = serializers.BooleanField(required=False)
    schedule = serializers.SerializerMethodField(help_text="When it starts, in words.")

    instance: Any = serializers.PrimaryKeyRelatedField(source="connection", read_only=True, allow_null=True)

    class Meta:
        model = Schedule
        fields = tuple(_TASK)
        read_only_fields = ("id", "job", "instance", "last_job", "last_started_at")

    def get_schedule(self, task: Schedule) -> str:
        """When it starts, in words."""
        return schedules.describe(task)

    def update(self, instance: Schedule, validated_data: dict[str, Any]) -> Schedule:
        if validated_data.get("every") is not None:
            validated_data.setdefault("cron", "")
        elif validated_data.get("cron"):
            validated_data.setdefault("every", None)
        for name, value in validated_data.items():
            setattr(instance, name, value)
        return schedules.save_schedule(instance)


class TaskFilters(Filters):
    job = django_filters.CharFilter()
    instance = Number(field_name="connection_id")
    enabled = Switch()
    ordering = Ordering({"job": "job", "last_started_at": "last_started_at", "id": "pk"})


class Tasks(mixins.UpdateModelMixin, Readable):
    """The jobs that start by themselves."""

    nouns = ("a task", "tasks")
    queryset = Schedule.objects.select_related("connection").order_by("pk")
    change = MANAGE
    needs = {"run": CHANGE}
    serializer_class = TaskSerializer
    filterset_class = TaskFilters
    http_method_names = ["get", "patch", "post", "head", "options"]

    @extend_schema(request=None, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def run(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Start the job of a task now.

        409 where it runs already, with its address.
        """
        task = self.get_object()
        job, started = schedules.run_now(task, user=user_of(request))
        if not started:
            raise under_way(request, job)
        return accepted(job)
