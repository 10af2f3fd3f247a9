"""Jobs, their items, and tasks: the jobs that start by themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import django_filters
from django.shortcuts import get_object_or_404
from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import mixins, serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.rights import CHANGE, MANAGE
from api.auth import user_of
from api.contract import job_params
from api.filters import Filters, Number, Ordering, Switch, several
from api.problems import Conflict
from api.resource import Readable, Resource
from api.schema import example
from api.strict import Strict
from connections.models import Connection
from jobs import contract, schedules, services
from jobs.listing import progress, progress_of
from jobs.models import ItemState, Job, JobItem, JobState, Queue, Schedule, Trigger

_COUNTS = {"total": 64, "pending": 20, "claimed": 2, "done": 41, "skipped": 0, "failed": 1, "cancelled": 0}


class ProgressSerializer(serializers.Serializer[Any]):
    """How many items of a job are in each state."""

    def get_fields(self) -> dict[str, Any]:
        return {name: serializers.IntegerField() for name in _COUNTS}


_JOB = {
    "id": 7,
    "name": "scan",
    "params": {"mode": "update", "quick": False, "dry_run": False, "deep": False, "media_id": None},
    "state": "running",
    "trigger": "api",
    "instance": 1,
    "requested_by": "admin",
    "queue": "bulk",
    "summary": {"media": 64, "new": 0, "gone": 0, "to_scan": 64},
    "outcome": "",
    "error": "",
    "created_at": "2026-01-15T12:00:00Z",
    "started_at": "2026-01-15T12:00:01Z",
    "finished_at": None,
    "progress": _COUNTS,
}


@example(_JOB)
class JobSerializer(serializers.ModelSerializer[Job]):
    """One piece of background work."""

    state = serializers.ChoiceField(choices=JobState.choices)
    trigger = serializers.ChoiceField(choices=Trigger.choices)
    queue = serializers.ChoiceField(choices=[queue.value for queue in Queue])
    params = serializers.DictField()
    summary = serializers.DictField()
    outcome = serializers.CharField(
        read_only=True, help_text="What a completed job says of itself, such as how many changes are held."
    )
    instance: Any = serializers.PrimaryKeyRelatedField(source="connection", read_only=True, allow_null=True)
    requested_by: Any = serializers.SlugRelatedField(slug_field="username", read_only=True, allow_null=True)
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Job
        fields = tuple(_JOB)
        read_only_fields = fields

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, job: Job) -> dict[str, int]:
        """The counts; of a list, those that the view has fetched for the whole page."""
        known: dict[int, dict[str, int]] = self.context.get("progress", {})
        return known[job.pk] if job.pk in known else progress(job.pk)


_ITEM = {
    "id": 90,
    "job": 7,
    "step": "media",
    "key": "media:12",
    "subject_kind": "media",
    "subject_id": 12,
    "state": "failed",
    "attempts": 5,
    "due_at": "2026-01-15T12:00:00Z",
    "error_kind": "StorageError",
    "error": "The folder /tv is empty: is it mounted?",
    "result": {},
    "took_ms": 12,
    "created_at": "2026-01-15T12:00:00Z",
    "finished_at": "2026-01-15T12:00:09Z",
}


@example(_ITEM)
class JobItemSerializer(serializers.ModelSerializer[JobItem]):
    """One unit of a job."""

    state = serializers.ChoiceField(choices=ItemState.choices)
    result = serializers.DictField()

    class Meta:
        model = JobItem
        fields = tuple(_ITEM)
        read_only_fields = fields


class ParamsField(serializers.DictField):
    """The parameters of a job; those that it takes are for the app to say that brings it (`api.contract`)."""


class ParamsSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """Parameters in the schema: those of any job that takes some."""

    target_class = ParamsField

    def map_serializer_field(self, auto_schema: Any, direction: Any) -> dict[str, Any]:
        known = sorted({one.__name__: one for one in job_params().values()}.items())
        return {"oneOf": [auto_schema.resolve_serializer(one, direction).ref for _name, one in known]}


@example({}, {"name": "scan", "instance": 1, "params": {"mode": "update"}})
class NewJobSerializer(Strict):
    """A job to start."""

    name = serializers.ChoiceField(choices=list(contract.startable()))
    instance = serializers.PrimaryKeyRelatedField(
        queryset=Connection.objects.all(), required=False, help_text="Of a job that is of one."
    )
    params = ParamsField(required=False, help_text="Of a job that takes some.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what does not belong to the job, and ask for what it needs."""
        name = attrs["name"]
        if trouble := contract.startable()[name].trouble(with_connection="instance" in attrs):
            raise serializers.ValidationError({"instance": trouble})
        takes = job_params().get(name)
        if takes is None:
            if attrs.get("params"):
                raise serializers.ValidationError({"params": f"A {name} has no parameters here."})
            return attrs
        params = takes(data=attrs.get("params", {}))
        if not params.is_valid():
            raise serializers.ValidationError({"params": params.errors})
        return {**attrs, "params": params.validated_data}


class JobFilters(Filters):
    name = django_filters.CharFilter()
    state = several(JobState.choices)
    trigger = several(Trigger.choices)
    instance = Number(field_name="connection_id")
    ordering = Ordering(
        {"id": "id", "created_at": "created_at", "started_at": "started_at", "finished_at": "finished_at"}
    )


class JobItemFilters(Filters):
    state = several(ItemState.choices)
    subject_kind = django_filters.CharFilter()
    subject_id = Number()
    ordering = Ordering({"id": "id", "finished_at": "finished_at", "took_ms": "took_ms"})


class Jobs(Readable):
    """Background work: what runs, what ran, and what failed."""

    nouns = ("a job", "jobs")
    queryset = Job.objects.select_related("requested_by")
    serializer_class = JobSerializer
    filterset_class = JobFilters

    def paginate_queryset(self, queryset: Any) -> list[Any] | None:
        page = super().paginate_queryset(queryset)
        if page and isinstance(page[0], Job):
            self.progress = progress_of([job.pk for job in page])
        return page

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "progress": getattr(self, "progress", {})}

    @extend_schema(request=NewJobSerializer, responses={202: JobSerializer, 409: None})
    def create(self, request: Request) -> Response:
        """Start a job.

        409 where one that is live stands in its way, with its address.
        """
        wanted = NewJobSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        return answer_start(request, given["name"], given.get("instance"), given.get("params"))

    @extend_schema(request=None, responses={200: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def cancel(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Cancel a live job.

        What is being worked on stops at the next file. 409 where it has ended already.
        """
        job = self.get_object()
        if not services.cancel(job):
            raise Conflict(f"This job has ended already: it is {job.state}.")
        return Response(self.get_serializer(job).data)

    @extend_schema(request=None, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def retry(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Try all failed items of a job again.

        409 where none failed.
        """
        job = self.get_object()
        if not services.retry_failed(job):
            raise Conflict("No item of this job has failed.")
        return accepted(job)


class JobItems(mixins.ListModelMixin, Resource):
    """The items of a job."""

    nouns = ("an item of a job", "the items of a job")
    serializer_class = JobItemSerializer
    filterset_class = JobItemFilters
    queryset = JobItem.objects.all()

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(job_id=self.kwargs.get("job_id", 0))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List the items of a job."""
        # Not an empty list for a job that is not there.
        get_object_or_404(Job.objects.only("pk"), pk=kwargs["job_id"])
        return super().list(request, *args, **kwargs)

    @extend_schema(request=None, responses={202: JobItemSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def retry(self, request: Request, job_id: int, pk: int) -> Response:  # noqa: ARG002
        """Try one failed item again.

        409 where it has not failed.
        """
        item = self.get_object()
        if not services.retry_item(item):
            raise Conflict(f"This item has not failed: it is {item.state}.")
        item.refresh_from_db()
        return Response(self.get_serializer(item).data, status.HTTP_202_ACCEPTED)


def answer_start(
    request: Request, name: str, connection: Connection | None = None, params: Mapping[str, Any] | None = None
) -> Response:
    """Start a job and answer it; raises Conflict, which names the live one that stands in its way."""
    job, started = contract.start_by_name(
        name, connection=connection, params=params, trigger=Trigger.API, user=user_of(request)
    )
    if not started:
        raise under_way(request, job)
    return accepted(job)


def accepted(job: Job) -> Response:
    """The answer to whoever asked for a job that is done in the background."""
    return Response(JobSerializer(job).data, status.HTTP_202_ACCEPTED)


def under_way(request: Request, job: Job) -> Conflict:
    """The answer to whoever asks for a job that is live already: it names that one's address."""
    named = f"A {job.name} of {job.connection.name}" if job.connection else f"A {job.name}"
    address = reverse("job-detail", args=[job.pk], request=request)
    return Conflict(f"{named} is under way: wait for it, or cancel it.", job=address)


_TASK = {
    "id": 1,
    "job": "scan",
    "instance": 1,
    "every": 21600,
    "cron": "",
    "schedule": "every 6 hours",
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
