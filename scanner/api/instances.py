"""Instances: the connected Sonarr and Radarr servers."""

from __future__ import annotations

from typing import Any, ClassVar

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.rights import CHANGE, MANAGE
from api.auth import may, user_of
from api.filters import Filters, Ordering, Switch
from api.problems import Conflict
from api.resource import Editable
from api.routes.jobs import JobSerializer, accepted, answer_start
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from connections.models import Breaker, Connection
from core.errors import ConfigError
from library import webhooks
from library.models import Kind, PathMapping
from library.path_mappings import set_path_mappings
from scanner import instance_settings, joining, webhook_setup
from scanner.models import FactsFrom, Policy
from scanner.scan import adopting, starting

from .scans import ScanOptions

LONGEST = 2**31 - 1
ADDRESS = r"^https?://[A-Za-z0-9._:\[\]-]+(/[!-~]*)?$"


class SecretField(serializers.CharField):
    """A secret: it may be written, and is read as `****` and, by admins, its last four characters.

    What is read may be sent back: it leaves the secret as it is.
    """

    def to_representation(self, value: str) -> str:
        """The mask; a short secret shows nothing of itself, and none does to viewers."""
        shown = len(value) >= 16 and may(self.context["request"], MANAGE)
        return f"****{value[-4:] if shown else ''}"

    def to_internal_value(self, data: Any) -> str:
        """The new secret, empty where the mask came back."""
        text = str(super().to_internal_value(data))
        return "" if text.startswith("****") else text


class ApiKeyField(SecretField):
    def get_attribute(self, instance: Connection) -> str:
        """The key; empty where no encryption key opens it, which health tells of."""
        try:
            return instance.reveal("api_key")
        except ConfigError:
            return ""


_INSTANCE = {
    "name": "Sonarr",
    "kind": "sonarr",
    "url": "http://nas:8989",
    "api_key": "****3f9a",
    "enabled": True,
    "policy": 1,
    "facts_from": "auto",
    "deep_scan_every": 604800,
    "brake_verdicts_percent": 20,
    "brake_orphans_percent": 10,
}


@example(
    {
        "id": 1,
        **_INSTANCE,
        "app_version": "4.0.15.2941",
        "last_sync_at": "2026-01-15T12:00:00Z",
        "last_full_scan_at": "2026-01-15T12:00:00Z",
        "last_deep_scan_at": None,
        "held_since": None,
        "held_reason": "",
        "breaker": "closed",
        "breaker_reason": "",
        "has_webhook_token": True,
        "created_at": "2026-01-01T12:00:00Z",
        "updated_at": "2026-01-15T12:00:00Z",
    },
    {**_INSTANCE, "api_key": "the key from Settings → General"},
)
class InstanceSerializer(Strict, serializers.ModelSerializer[Connection]):
    """One Sonarr, Radarr or plain folder that Taggarr is connected to; of a folder, `url` is its path."""

    api_key = ApiKeyField(
        max_length=200, required=False, allow_blank=True, help_text="A new address needs it again."
    )
    kind = serializers.ChoiceField(choices=Kind.choices)
    policy: Any = serializers.PrimaryKeyRelatedField(
        source="scan_settings.policy", queryset=Policy.objects.all()
    )
    facts_from = serializers.ChoiceField(
        source="scan_settings.facts_from", choices=FactsFrom.choices, default=FactsFrom.AUTO
    )
    breaker = serializers.ChoiceField(choices=Breaker.choices, read_only=True)
    deep_scan_every = serializers.IntegerField(
        source="scan_settings.deep_scan_every",
        min_value=0,
        max_value=LONGEST,
        default=7 * 24 * 3600,
        help_text="Seconds.",
    )
    brake_verdicts_percent = serializers.IntegerField(
        source="scan_settings.brake_verdicts_percent", min_value=0, max_value=100, default=20
    )
    brake_orphans_percent = serializers.IntegerField(
        source="scan_settings.brake_orphans_percent", min_value=0, max_value=100, default=10
    )
    app_version = serializers.CharField(source="version", read_only=True)
    last_sync_at = serializers.DateTimeField(source="source.last_sync_at", read_only=True, allow_null=True)
    last_full_scan_at = serializers.DateTimeField(
        source="scan_settings.last_full_scan_at", read_only=True, allow_null=True
    )
    last_deep_scan_at = serializers.DateTimeField(
        source="scan_settings.last_deep_scan_at", read_only=True, allow_null=True
    )
    held_since = serializers.DateTimeField(source="scan_settings.held_since", read_only=True, allow_null=True)
    held_reason = serializers.CharField(source="scan_settings.held_reason", read_only=True)
    has_webhook_token = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        read_only_fields = (
            "app_version",
            "last_sync_at",
            "last_full_scan_at",
            "last_deep_scan_at",
            "held_since",
            "held_reason",
            "breaker",
            "breaker_reason",
            "has_webhook_token",
            "created_at",
            "updated_at",
        )
        fields = ("id", *_INSTANCE, *read_only_fields)
        extra_kwargs: ClassVar[dict[str, Any]] = {"name": {"validators": []}}

    def get_has_webhook_token(self, connection: Connection) -> bool:
        """Whether the instance may call our webhook."""
        return bool(connection.source.webhook_token)

    def validate_kind(self, value: str) -> str:
        if self.instance is not None and value != self.instance.kind:
            raise serializers.ValidationError("The kind of an instance cannot change: add another instance.")
        return value

    def create(self, validated_data: dict[str, Any]) -> Connection:
        given = {"api_key": "", **_flat(validated_data)}
        return instance_settings.add(**given)

    def update(self, instance: Connection, validated_data: dict[str, Any]) -> Connection:
        """Change it; a new address or key is connected to first."""
        given = _flat(validated_data)
        given.pop("kind", None)
        return instance_settings.edit(instance, user=user_of(self.context["request"]), **given)


def _flat(given: dict[str, Any]) -> dict[str, Any]:
    settings = given.pop("scan_settings", {})
    return {**given, **settings}


@example(
    {"id": 1, "remote_prefix": "/tv", "local_prefix": "/mnt/media/tv"},
    {"remote_prefix": "/tv", "local_prefix": "/mnt/media/tv"},
)
class PathMappingSerializer(Strict, serializers.ModelSerializer[PathMapping]):
    """Under which folder here a folder of the instance is found."""

    class Meta:
        model = PathMapping
        fields = ("id", "remote_prefix", "local_prefix")


@example(
    {
        "app_name": "Sonarr",
        "version": "4.0.15.2941",
        "folders": [{"path": "/tv", "local": "/tv", "problem": ""}],
    }
)
class ConnectionSerializer(serializers.Serializer[Any]):
    """What answered: the application, its version, and its root folders as they are seen from here."""

    class Folder(Shown):
        """A root folder; `problem` says why it is not visible here, empty where it is."""

        of = joining.SeenFolder

    app_name = serializers.CharField(source="found.app_name")
    version = serializers.CharField(source="found.version")
    folders = Folder(many=True)


@example({"token": "kQ2…", "url": "http://taggarr:8484/api/v1/webhook/1"})
class TokenSerializer(serializers.Serializer[Any]):
    """A webhook token, shown this once, and the address to call with it."""

    token = serializers.CharField()
    url = serializers.URLField()


@example({"url": "http://taggarr:8484/api/v1/webhook/1", "notification": 3}, {"url": "http://taggarr:8484"})
class WebhookSetupSerializer(Strict):
    """Where the application finds Taggarr; without `url` at the address that this request was sent to."""

    # Not the framework's field for addresses: that knows no host without a dot.
    url = serializers.RegexField(
        ADDRESS,
        max_length=500,
        required=False,
        help_text="Taggarr's address as the application sees it.",
        error_messages={"invalid": "Write the address like http://taggarr:8484."},
    )
    notification = serializers.IntegerField(read_only=True, help_text="Its id in the application.")


@example({"labels": []}, {"labels": ["dub"]})
class AdoptSerializer(Strict):
    """Labels that stood in the application before Taggarr wrote them; none names all that wait."""

    labels = serializers.ListField(child=serializers.CharField(max_length=50), max_length=20, required=False)


class InstanceFilters(Filters):
    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    enabled = Switch()
    ordering = Ordering({"name": "name", "kind": "kind", "last_sync_at": "source__last_sync_at"})


class Instances(Editable):
    """The connected Sonarr and Radarr servers."""

    nouns = ("an instance", "instances")
    queryset = Connection.objects.filter(scan_settings__isnull=False).select_related(
        "scan_settings", "source"
    )
    change = MANAGE
    needs = {"scan": CHANGE, "release": CHANGE, "adopt": CHANGE}
    serializer_class = InstanceSerializer
    filterset_class = InstanceFilters

    def perform_destroy(self, connection: Connection) -> None:
        """Forget it with its media; its history stays, and so do the tags in the application."""
        instance_settings.delete(connection)

    @extend_schema(request=None, responses=ConnectionSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def test(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Connect to an instance and say what answers.

        An open breaker lets calls through again. What is wrong comes as 422, in one sentence.
        """
        return Response(ConnectionSerializer(joining.connect(self.get_object())).data)

    @extend_schema(request=ScanOptions, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def scan(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Start a scan of an instance.

        409 names the live scan where there is one already.
        """
        options = ScanOptions(data=request.data)
        options.is_valid(raise_exception=True)
        return answer_start(request, "scan", self.get_object(), options.validated_data)

    @extend_schema(request=None, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def release(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take off the brake of an instance and write what it held back.

        409 where it is not held.
        """
        connection = self.get_object()
        if connection.scan_settings.held_since is None:
            raise Conflict(f"{connection.name} is not held: there is nothing to release.")
        return accepted(starting.release(connection, user=user_of(request)))

    @extend_schema(request=AdoptSerializer, responses={202: JobSerializer, 204: None})
    @action(detail=True, methods=["post"], filterset_class=None)
    def adopt(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take over labels that stood in the application before.

        Answers the job that writes what they held up, 204 where the instance is disabled.
        """
        wanted = AdoptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        job = adopting.adopt(
            self.get_object(), wanted.validated_data.get("labels", []), user=user_of(request)
        )
        return accepted(job) if job else Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=PathMappingSerializer(many=True), filters=False)
    @action(
        detail=True, methods=["get"], url_path="path-mappings", filterset_class=None, pagination_class=None
    )
    def path_mappings(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List the path mappings of an instance."""
        rows = self.get_object().path_mappings.order_by("remote_prefix")
        return Response(PathMappingSerializer(rows, many=True).data)

    @extend_schema(request=PathMappingSerializer(many=True), responses=PathMappingSerializer(many=True))
    @path_mappings.mapping.put
    def set_path_mappings(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Replace the path mappings of an instance."""
        wanted = PathMappingSerializer(data=request.data, many=True)
        wanted.is_valid(raise_exception=True)
        pairs = [(one["remote_prefix"], one["local_prefix"]) for one in wanted.validated_data]
        rows = set_path_mappings(self.get_object(), pairs)
        return Response(PathMappingSerializer(rows, many=True).data)

    @extend_schema(request=None, responses=TokenSerializer)
    @action(detail=True, methods=["post"], url_path="webhook-token", filterset_class=None)
    def webhook_token(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Make a new webhook token for an instance.

        It is shown this once; the old one ends.
        """
        connection = self.get_object()
        token = webhooks.make_token(connection)
        return Response({"token": token, "url": webhook_address(request, connection)})

    @extend_schema(request=WebhookSetupSerializer, responses=WebhookSetupSerializer)
    @action(detail=True, methods=["post"], filterset_class=None)
    def webhook(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Create the webhook in the application itself.

        One that is there already is brought up to date, with a new token.
        """
        wanted = WebhookSetupSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        connection = self.get_object()
        base = wanted.validated_data.get("url", "").rstrip("/")
        address = f"{base}/api/v1/webhook/{connection.pk}" if base else webhook_address(request, connection)
        notification = webhook_setup.connect_webhook(connection, address, user=user_of(request))
        return Response({"url": address, "notification": notification})


def webhook_address(request: Request, connection: Connection) -> str:
    """Where the instance calls us, under the name that the request came to."""
    return str(reverse("webhook", args=[connection.pk], request=request))
