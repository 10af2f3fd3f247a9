"""Channels, where notifications go, and deliveries: what was sent through which, and what came of it."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import IN_PERSON, MANAGE
from api.filters import Filters, Number, Ordering, Switch, several
from api.problems import Conflict, Invalid
from api.resource import Editable, Readable
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from connections.models import Connection
from core.errors import FieldError
from core.masking import MASK
from jobs.models import ItemState, JobItem
from jobs.services import retry_item
from notify import services
from notify.contract import default_topics, topics
from notify.inputs import LONGEST, shown_secrets, shown_values, take_input
from notify.kinds import FORMS, Field
from notify.models import Channel, ChannelKind
from notify.services import deliveries

TOPICS = [(topic.name, topic.text) for topic in topics(also_off=True).values()]

_CHANNEL = {
    "name": "Phone",
    "kind": "ntfy",
    "values": {"server": "https://ntfy.sh", "topic": "dubs", "token": "****x9Qz"},
    "enabled": True,
    "topics": ["wrong_dub", "dub_lost", "health_issue"],
    "instances": [],
    "always": False,
}


class ValuesField(serializers.DictField):
    """What a channel is reached by, by the names of its kind's fields.

    A secret is read as `****` and its last four characters. What is left out, or sent back masked, stays as
    it is stored; an empty secret is forgotten.
    """

    def get_attribute(self, instance: Any) -> Any:
        return instance

    def to_representation(self, value: Any) -> dict[str, str]:
        return {**shown_values(value), **shown_secrets(value)}


@example(
    {
        "id": 2,
        **_CHANNEL,
        "failures": 0,
        "last_error": "",
        "failing_since": None,
        "paused_until": None,
        "last_sent_at": "2026-01-15T12:00:00Z",
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-15T12:00:00Z",
    },
    {**_CHANNEL, "values": {"topic": "dubs", "token": "tk_the_access_token"}},
)
class ChannelSerializer(Strict, serializers.ModelSerializer[Channel]):
    """One way to tell somebody something. `GET /channels/kinds` names the values of each kind."""

    kind = serializers.ChoiceField(choices=ChannelKind.choices)
    values = ValuesField(child=serializers.CharField(max_length=LONGEST, allow_blank=True), required=False)
    topics = serializers.ListField(
        child=serializers.ChoiceField(choices=TOPICS), default=default_topics, max_length=len(TOPICS)
    )
    instances: Any = serializers.PrimaryKeyRelatedField(
        source="connections",
        queryset=Connection.objects.only("pk"),
        many=True,
        required=False,
        help_text="None: all of them.",
    )

    class Meta:
        model = Channel
        read_only_fields = (
            "failures",
            "last_error",
            "failing_since",
            "paused_until",
            "last_sent_at",
            "created_at",
            "updated_at",
        )
        fields = ("id", *_CHANNEL, *read_only_fields)
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}

    def create(self, validated_data: dict[str, Any]) -> Channel:
        return self._save(Channel(), validated_data)

    def update(self, instance: Channel, validated_data: dict[str, Any]) -> Channel:
        return self._save(instance, validated_data)

    def _save(self, channel: Channel, given: dict[str, Any]) -> Channel:
        values, connections = given.pop("values", {}), given.pop("connections", None)
        if given.get("kind", channel.kind) != channel.kind:
            channel.address = channel.secret = ""
        for name, value in given.items():
            setattr(channel, name, value)
        if values or not channel.address:
            _take(channel, values)
        return services.save_channel(channel, connections=connections)


def _take(channel: Channel, values: dict[str, str]) -> None:
    known = {field.name for field in FORMS[ChannelKind(channel.kind)].fields}
    if unknown := sorted(values.keys() - known):
        message = f"A channel of this kind has no such value; it has: {', '.join(sorted(known))}."
        raise Invalid({"values": {name: [message] for name in unknown}})
    typed = {name: value for name, value in values.items() if not value.startswith(MASK)}
    forget = {name for name, value in typed.items() if not value}
    try:
        take_input(channel, {**shown_values(channel), **typed}, forget)
    except FieldError as error:
        raise Invalid({"values": {error.field: [str(error)]}}) from None


class ChannelValueSerializer(Shown):
    """One value that a kind of channel has."""

    of = Field
    label: Any = serializers.CharField()
    help = serializers.CharField(allow_blank=True)


@example(
    {
        "kind": "ntfy",
        "name": "ntfy",
        "values": [{"name": "topic", "label": "Topic", "help": "", "secret": False, "required": True}],
    }
)
class ChannelFormSerializer(serializers.Serializer[Any]):
    """One kind of channel, and the values that a channel of this kind has."""

    kind = serializers.ChoiceField(choices=ChannelKind.choices)
    name = serializers.CharField()
    values: Any = ChannelValueSerializer(many=True)


@example({"answer": "ntfy took the message."})
class TestedSerializer(serializers.Serializer[Any]):
    """What came back of a test."""

    answer = serializers.CharField()


class ChannelFilters(Filters):
    kind = django_filters.ChoiceFilter(choices=ChannelKind.choices)
    enabled = Switch()
    ordering = Ordering({"name": "name", "last_sent_at": "last_sent_at"})


class Channels(Editable):
    """Where notifications go."""

    nouns = ("a channel", "channels")
    look, change = MANAGE, IN_PERSON
    needs = {"test": MANAGE}
    queryset = Channel.objects.prefetch_related("connections")
    serializer_class = ChannelSerializer
    filterset_class = ChannelFilters

    def perform_destroy(self, instance: Channel) -> None:
        services.delete_channel(instance)

    @extend_schema(responses=ChannelFormSerializer(many=True), filters=False)
    @action(detail=False, filterset_class=None, pagination_class=None)
    def kinds(self, request: Request) -> Response:  # noqa: ARG002
        """List the kinds of channels with what each needs."""
        kinds = [
            {"kind": kind.value, "name": kind.label, "values": form.fields} for kind, form in FORMS.items()
        ]
        return Response(ChannelFormSerializer(kinds, many=True).data)

    @extend_schema(request=None, responses=TestedSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def test(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Send a real message through a channel now.

        422 with what came back where it was not taken.
        """
        return Response(TestedSerializer({"answer": services.send_test(self.get_object())}).data)


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
        if not retry_item(item):
            raise Conflict(f"This delivery has not failed: it is {item.state}.")
        return Response(self.get_serializer(self.get_object()).data, status.HTTP_202_ACCEPTED)
