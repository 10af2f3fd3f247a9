"""What the scanner does with instances: scans, the brake, tags that stood there before, webhooks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from accounts.rights import CHANGE, MANAGE
from api.auth import user_of
from api.problems import Conflict
from api.resource import Resource
from api.routes.jobs import JobSerializer, accepted, answer_start
from api.schema import example
from api.strict import Strict
from connections.models import Connection
from library import webhooks
from scanner import webhook_setup
from scanner.scan import starting

from .scans import ScanOptions

LONGEST = 2**31 - 1
ADDRESS = r"^https?://[A-Za-z0-9._:\[\]-]+(/[!-~]*)?$"


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


class Instances(Resource):
    """What the scanner does with a connection that holds titles."""

    nouns = ("an instance", "instances")
    queryset = Connection.objects.filter(scan_settings__isnull=False).select_related(
        "scan_settings", "source"
    )
    change = MANAGE
    needs = {"scan": CHANGE, "release": CHANGE, "adopt": CHANGE}

    @extend_schema(request=ScanOptions, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"])
    def scan(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Start a scan of an instance.

        409 names the live scan where there is one already.
        """
        options = ScanOptions(data=request.data)
        options.is_valid(raise_exception=True)
        return answer_start(request, "scan", self.get_object(), options.validated_data)

    @extend_schema(request=None, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take off the brake of an instance and write what it held back.

        409 where it is not held.
        """
        connection = self.get_object()
        if connection.scan_settings.held_since is None:
            raise Conflict(f"{connection.name} is not held: there is nothing to release.")
        return accepted(starting.release(connection, user=user_of(request)))

    @extend_schema(request=AdoptSerializer, responses={202: JobSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take over labels that stood in the application before.

        Answers the job that writes what they held up, 204 where the instance is disabled.
        """
        wanted = AdoptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        job = starting.adopt(
            self.get_object(), wanted.validated_data.get("labels", []), user=user_of(request)
        )
        return accepted(job) if job else Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=None, responses=TokenSerializer)
    @action(detail=True, methods=["post"], url_path="webhook-token")
    def webhook_token(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Make a new webhook token for an instance.

        It is shown this once; the old one ends.
        """
        connection = self.get_object()
        token = webhooks.make_token(connection)
        return Response({"token": token, "url": webhook_address(request, connection)})

    @extend_schema(request=WebhookSetupSerializer, responses=WebhookSetupSerializer)
    @action(detail=True, methods=["post"])
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
