"""Deliveries: what notifications were sent through which channel, and what came of it."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import MANAGE
from api.filters import Filters, Number, Ordering, several
from api.problems import Conflict
from api.resource import Readable
from api.schema import example
from jobs import services
from jobs.models import ItemState, JobItem
from notify.services import deliveries

from .channels import TOPICS

_DELIVERY = {
    "id": 91,
    "job": 8,
    "channel": 2,
    "topic": "wrong_dub",
    "title": "Wrong dub: Lantern Harbour (2020)",
    "text": "Lantern Harbour (2020) is dubbed in German.",
    "instance": 1,
    "state": "failed",
    "attempts": 5,
    "due_at": "2026-01-15T12:00:00Z",
    "error": "ntfy did not take the message (401).",
    "answer": "",
    "created_at": "2026-01-15T12:00:00Z",
    "finished_at": "2026-01-15T12:00:09Z",
}


@example(_DELIVERY)
class DeliverySerializer(serializers.ModelSerializer[JobItem]):
    """One message on its way through one channel; `answer` is what came back of it."""

    channel = serializers.IntegerField(source="params.channel")
    topic = serializers.ChoiceField(choices=TOPICS, source="job.message.topic")
    title = serializers.CharField(source="job.message.title")
    text = serializers.CharField(source="job.message.text")
    instance: Any = serializers.IntegerField(source="job.message.connection_id", allow_null=True)
    state = serializers.ChoiceField(choices=ItemState.choices)
    answer = serializers.CharField(source="result.answer", default="")

    class Meta:
        model = JobItem
        fields = tuple(_DELIVERY)
        read_only_fields = fields


class DeliveryFilters(Filters):
    channel = Number(method="through")
    state = several(ItemState.choices)
    topic = several(TOPICS, field_name="job__message__topic")
    instance = Number(field_name="job__message__connection_id")
    ordering = Ordering({"id": "id", "finished_at": "finished_at"})

    def through(self, found: Any, _name: str, channel: Any) -> Any:
        return found.filter(params__channel=int(channel))


class Deliveries(Readable):
    """What was sent, or is to be, through which channel; the newest first."""

    nouns = ("a delivery", "deliveries")
    look, change = MANAGE, MANAGE
    queryset = JobItem.objects.none()
    serializer_class = DeliverySerializer
    filterset_class = DeliveryFilters

    def get_queryset(self) -> Any:
        return deliveries()

    @extend_schema(request=None, responses={202: DeliverySerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def retry(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Send a message that failed again.

        409 where it has not failed.
        """
        item = self.get_object()
        if not services.retry_item(item):
            raise Conflict(f"This delivery has not failed: it is {item.state}.")
        return Response(self.get_serializer(self.get_object()).data, status.HTTP_202_ACCEPTED)
