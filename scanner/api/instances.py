"""What the scanner does with instances: scans, the brake, tags that stood there before, webhooks."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
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
from api.shown import Shown
from api.strict import Strict
from connections.models import Connection
from core.words import Phrase
from library import webhooks
from scanner import webhook_setup
from scanner.models import Verdict
from scanner.scan import answers
from scanner.scan.answers import FoundLabel

from .scans import ScanOptions

LONGEST = 2**31 - 1
MOST = 500
"""So many titles are shown, or answered, at once."""
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


@example({}, {"titles": [12, 19]})
class TitlesSerializer(Strict):
    """The titles whose changes are answered; left out: all that wait."""

    titles = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1), max_length=MOST, required=False
    )


@example({"declined": 2})
class DeclinedSerializer(serializers.Serializer[Any]):
    """How many titles stay as they are."""

    declined = serializers.IntegerField()


class ProposedSerializer(serializers.Serializer[Any]):
    """What is to become of one title: its labels of ours before and after, and its verdict before and now."""

    media = serializers.IntegerField(source="media.pk")
    title = serializers.CharField(source="media")
    was = serializers.ChoiceField(choices=[*Verdict.values, ""])
    verdict = serializers.ChoiceField(choices=Verdict.choices, source="media.scan_state.verdict")
    before = serializers.ListField(child=serializers.CharField())
    after = serializers.ListField(child=serializers.CharField())


_PROPOSED = {
    "media": 12,
    "title": "Lantern Harbour (2020)",
    "was": "semi-dub",
    "verdict": "dub",
    "before": ["semi-dub"],
    "after": ["dub"],
}


@example(
    {
        "held_since": "2026-01-15T12:00:00Z",
        "reason": "The scan would change 9 of 20 verdicts, more than 20 %.",
        "number": 1,
        "orphans": 0,
        "titles": [_PROPOSED],
        "gone": [],
    }
)
class HeldSerializer(serializers.Serializer[Any]):
    """What the brake holds back; `titles` are the first of them, `orphans` counts those it keeps from being
    forgotten, and `gone` are the first of these.
    """

    held_since = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField()
    number = serializers.IntegerField()
    orphans = serializers.IntegerField()
    titles = ProposedSerializer(many=True)
    gone = ProposedSerializer(many=True)


class FoundLabelSerializer(Shown):
    """One label that stood there before, and how many titles carry it, keep it, lose it and get it."""

    of = FoundLabel


@example(
    {
        "labels": [{"label": "dub", "carried": 12, "kept": 10, "removed": 2, "added": 3}],
        "number": 1,
        "unread": 0,
        "blocked": 0,
        "titles": [_PROPOSED],
    }
)
class AdoptionSerializer(serializers.Serializer[Any]):
    """What would follow if labels that stood there before became ours; `titles` are the first that change."""

    labels = FoundLabelSerializer(many=True)
    number = serializers.IntegerField()
    unread = serializers.IntegerField(help_text="Titles that carry one of them and have no verdict yet.")
    blocked = serializers.IntegerField(help_text="Titles that carry one that is not chosen and wait on.")
    titles = ProposedSerializer(many=True)


class Instances(Resource):
    """What the scanner does with a connection that holds titles."""

    nouns = ("an instance", "instances")
    queryset = Connection.objects.filter(scan_settings__isnull=False).select_related(
        "scan_settings", "source"
    )
    change = MANAGE
    needs = dict.fromkeys(("scan", "release", "decline", "reconsider", "adopt", "leave"), CHANGE)
    parameters: ClassVar = {"adoption": ("label",)}

    @extend_schema(request=ScanOptions, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"])
    def scan(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Start a scan of an instance.

        409 names the live scan where there is one already.
        """
        options = ScanOptions(data=request.data)
        options.is_valid(raise_exception=True)
        return answer_start(request, "scan", self.get_object(), options.validated_data)

    @extend_schema(responses=HeldSerializer)
    @action(detail=True, methods=["get"])
    def held(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """List what the brake of an instance holds back."""
        connection = self.get_object()
        is_held = connection.scan_settings.held_since is not None
        titles = list(answers.held_changes(connection)) if is_held else []
        gone = answers.held_orphans(connection) if is_held else []
        body = {
            "held_since": connection.scan_settings.held_since,
            "reason": connection.scan_settings.held_reason,
            "number": len(titles),
            "orphans": len(gone),
            "titles": titles[:MOST],
            "gone": gone[:MOST],
        }
        return Response(HeldSerializer(body).data)

    @extend_schema(request=TitlesSerializer, responses={202: JobSerializer, 409: None})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Write what the brake of an instance holds back.

        Of all titles, which takes the brake off, or of some: then the others wait on. 409 where it is not
        held.
        """
        connection, titles = self._held(request)
        return accepted(answers.release(connection, titles, user=user_of(request)))

    @extend_schema(request=TitlesSerializer, responses={200: DeclinedSerializer, 409: None})
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Leave titles that the brake holds as they are.

        All of them, or some: then the others wait on. 409 where it is not held.
        """
        connection, titles = self._held(request)
        return Response({"declined": len(answers.decline(connection, titles, user=user_of(request)))})

    @extend_schema(request=None, responses={202: JobSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def reconsider(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Let titles that were left as they are follow their verdicts again.

        Answers the job that writes them, 204 where there is none to write.
        """
        job = answers.reconsider(self.get_object(), user=user_of(request))
        return accepted(job) if job else Response(status=status.HTTP_204_NO_CONTENT)

    def _held(self, request: Request) -> tuple[Connection, list[int] | None]:
        wanted = TitlesSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        connection = self.get_object()
        if connection.scan_settings.held_since is None:
            raise Conflict(Phrase("brake.not-held", name=connection.name))
        return connection, wanted.validated_data.get("titles")

    @extend_schema(responses=AdoptionSerializer, parameters=[OpenApiParameter("label", str, many=True)])
    @action(detail=True, methods=["get"])
    def adoption(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Show what would follow if labels that stood there before became ours.

        `label`, which may be repeated, names them; left out: all that stood there.
        """
        plan = answers.plan_adoption(self.get_object(), request.query_params.getlist("label") or None)
        body = {"number": len(plan.titles), "titles": plan.titles[:MOST]}
        given = {name: getattr(plan, name) for name in ("labels", "unread", "blocked")}
        return Response(AdoptionSerializer({**body, **given}).data)

    @extend_schema(request=AdoptSerializer, responses={204: None})
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Leave labels that stood in the application before to whoever made them.

        They are neither added nor removed, and nobody is asked of them any more.
        """
        wanted = AdoptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        answers.leave(self.get_object(), wanted.validated_data.get("labels", []), user=user_of(request))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(request=AdoptSerializer, responses={202: JobSerializer, 204: None})
    @action(detail=True, methods=["post"])
    def adopt(self, request: Request, pk: int) -> Response:  # noqa: ARG002
        """Take over labels that stood in the application before.

        Answers the job that writes what they held up, 204 where the instance is disabled.
        """
        wanted = AdoptSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        job = answers.adopt(self.get_object(), wanted.validated_data.get("labels", []), user=user_of(request))
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
