"""Connections of every kind: what each is asked for, adding, testing, changing and deleting them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, ClassVar

import django_filters
from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import MANAGE
from api.auth import may, user_of
from api.filters import Filters, Ordering, Switch
from api.problems import Invalid
from api.resource import Editable
from api.schema import example
from api.strict import Strict
from connections import fields, kinds, services
from connections.models import Breaker, Connection
from core.errors import ConfigError, FieldError
from core.masking import MASK, masked_but_end

_CONNECTION = {
    "name": "Sonarr",
    "kind": "sonarr",
    "url": "http://nas:8989",
    "enabled": True,
    "values": {
        "api_key": "****3f9a",
        "path_mappings": [{"remote": "/tv", "local": "/mnt/media/tv"}],
        "policy": 1,
        "facts_from": "auto",
        "deep_scan_every": 604800,
        "brake_verdicts_percent": 20,
        "brake_orphans_percent": 10,
    },
}


class ValuesField(serializers.DictField):
    """What a connection is given beside its address, by the names of its kind's fields.

    A secret is read as `****` and, by admins, its last four characters. What is left out, or sent back
    masked, stays as it is stored; null forgets a secret that need not be given.
    """

    child = serializers.JSONField(allow_null=True)

    def get_attribute(self, instance: Any) -> Any:
        return instance

    def to_representation(self, value: Any) -> dict[str, Any]:
        values = services.values_of(value)
        shown = {name: one.pk if isinstance(one, Model) else one for name, one in values.items()}
        return {**self._masks(value), **shown}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        given: dict[str, Any] = super().to_internal_value(data)
        return {name: "" if str(value).startswith(MASK) else value for name, value in given.items()}

    def _masks(self, connection: Connection) -> dict[str, str]:
        try:
            secrets = connection.secrets()
        except ConfigError:  # health tells of it
            secrets = {}
        ends = may(self.context["request"], MANAGE)
        return {
            field.name: masked_but_end(secret) if ends else MASK
            for field in kinds.kind_of(connection.kind).secrets
            if (secret := secrets.get(field.name, ""))
        }


@example(
    {
        "id": 1,
        **_CONNECTION,
        "app_version": "4.0.15.2941",
        "breaker": "closed",
        "breaker_reason": "",
        "state": {"last_sync_at": "2026-01-15T12:00:00Z", "held_since": None},
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-15T12:00:00Z",
    },
    {**_CONNECTION, "values": {"api_key": "the key from Settings → General", "policy": 1}},
)
class ConnectionSerializer(Strict, serializers.ModelSerializer[Connection]):
    """One program or service that Taggarr talks to. `GET /connections/kinds` names the values of each kind.

    Of a plain folder `url` is its path. `state` is what the parts of Taggarr that use it know of it.
    """

    kind = serializers.ChoiceField(choices=[(slug, slug) for slug in kinds.slugs(also_off=True)])
    values = ValuesField(required=False)
    app_version = serializers.CharField(source="version", read_only=True)
    breaker = serializers.ChoiceField(choices=Breaker.choices, read_only=True)
    state = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        read_only_fields = ("app_version", "breaker", "breaker_reason", "state", "created_at", "updated_at")
        fields = ("id", *_CONNECTION, *read_only_fields)
        extra_kwargs: ClassVar[dict[str, Any]] = {
            "name": {"validators": []},
            "url": {"required": False, "help_text": "Of a kind that has no address of its own."},
        }

    def get_state(self, connection: Connection) -> dict[str, Any]:
        """What the parts of Taggarr that use it know of it."""
        return {
            name: value
            for one in kinds.beside(connection.kind)
            for name, value in one.state(connection).items()
        }

    def validate_kind(self, value: str) -> str:
        if self.instance is not None and value != self.instance.kind:
            raise serializers.ValidationError("The kind of a connection cannot change: add another one.")
        return value

    def create(self, validated_data: dict[str, Any]) -> Connection:
        return self._save(validated_data.pop("kind"), validated_data, None)

    def update(self, instance: Connection, validated_data: dict[str, Any]) -> Connection:
        validated_data.pop("kind", None)
        return self._save(instance.kind, validated_data, instance)

    def _save(self, kind: str, given: dict[str, Any], known: Connection | None) -> Connection:
        values = given.pop("values", {})
        with _named():
            checked = services.check(kind, {**given, **values}, known=known)
            saved = checked.save(user=user_of(self.context["request"]))
        return services.there().get(pk=saved.pk)


@contextmanager
def _named() -> Iterator[None]:
    """Name a wrong field by where it stands in the request."""
    try:
        yield
    except FieldError as error:
        if error.field in ("kind", *services.OWN):
            raise
        raise Invalid({"values": {error.field: [str(error)]}}) from None


class ConnectionFieldSerializer(serializers.Serializer[Any]):
    """One thing that a kind of connection is asked for."""

    name = serializers.CharField()
    title: Any = serializers.CharField()
    help = serializers.CharField(allow_blank=True)
    type = serializers.CharField(help_text="text, secret, number, choice, switch, mappings or row.")
    required: Any = serializers.BooleanField()
    default: Any = serializers.JSONField()
    choices = serializers.SerializerMethodField()
    when = serializers.SerializerMethodField()

    def get_choices(self, field: fields.Field) -> list[str]:
        """The words that a choice takes; of mappings the names of both sides."""
        if isinstance(field, fields.MappingsField):
            return list(field.columns)
        return [word for word, _ in field.choices] if isinstance(field, fields.ChoiceField) else []

    def get_when(self, field: fields.Field) -> dict[str, list[Any]]:
        """The field that this one depends on, and the values of that where this one is asked for."""
        return {field.when[0]: list(field.when[1])} if field.when else {}


@example(
    {
        "kind": "sonarr",
        "name": "Sonarr",
        "address": "Address",
        "values": [
            {
                "name": "api_key",
                "title": "API key",
                "help": "",
                "type": "secret",
                "required": True,
                "default": "",
                "choices": [],
                "when": {},
            }
        ],
    }
)
class ConnectionKindSerializer(serializers.Serializer[Any]):
    """One kind of connection, what its address is, and what else it is asked for."""

    kind = serializers.CharField(source="slug")
    name = serializers.CharField(source="title")
    address = serializers.CharField(source="address_title")
    values = serializers.SerializerMethodField()

    @extend_schema_field(ConnectionFieldSerializer(many=True))
    def get_values(self, kind: kinds.ConnectionKind) -> Any:
        return ConnectionFieldSerializer(kinds.fields_of(kind), many=True).data


@example(
    {
        "app_name": "Sonarr",
        "version": "4.0.15.2941",
        "folders": ["/tv"],
        "notes": ["The folder /tv is empty: is it mounted?"],
    }
)
class AnswerSerializer(serializers.Serializer[Any]):
    """What answered; a folder has neither name nor version. `notes` say what may need a hand."""

    app_name = serializers.CharField(allow_blank=True)
    version = serializers.CharField(allow_blank=True)
    folders = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())


class ConnectionFilters(Filters):
    kind = django_filters.ChoiceFilter(choices=[(slug, slug) for slug in kinds.slugs(also_off=True)])
    enabled = Switch()
    ordering = Ordering({"name": "name", "kind": "kind", "created_at": "created_at"})


class Connections(Editable):
    """The programs, services and folders that Taggarr is connected to."""

    nouns = ("a connection", "connections")
    queryset = Connection.objects.all()
    change = MANAGE
    serializer_class = ConnectionSerializer
    filterset_class = ConnectionFilters

    def get_queryset(self) -> QuerySet[Connection]:
        return services.there()

    def perform_destroy(self, instance: Connection) -> None:
        services.delete(instance)

    @extend_schema(responses=ConnectionKindSerializer(many=True), filters=False)
    @action(detail=False, filterset_class=None, pagination_class=None)
    def kinds(self, request: Request) -> Response:  # noqa: ARG002
        """List the kinds of connections with what each is asked for."""
        return Response(ConnectionKindSerializer(kinds.kinds(), many=True).data)

    @extend_schema(request=None, responses=AnswerSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def test(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Connect to a connection and say what answers.

        An open breaker lets calls through again. What is wrong comes as 422, in one sentence.
        """
        connection = self.get_object()
        answer = services.test(connection)
        notes = services.notes_on(connection, answer)
        return Response(AnswerSerializer({**asdict(answer), "notes": notes}).data)
