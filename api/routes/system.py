"""The system: its state, health, settings and log files."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import IN_PERSON, MANAGE
from api.resource import Answering, Resource
from api.schema import example
from api.shown import Shown
from api.strict import Strict
from core.errors import ConfigError
from core.issues import Action, Issue
from system import log_files, log_level, retention
from system.downloads import send_pieces
from system.environment import ShownSetting, shown_settings
from system.health import find_issues
from system.status import SystemStatus, system_status


@example(
    {
        "name": "Taggarr",
        "version": "0.1.0",
        "python": "3.11.9",
        "django": "5.2.8",
        "postgresql": "18.0",
        "time": "2026-01-15T12:00:00Z",
        "time_zone": "Europe/Berlin",
        "instances": 2,
        "live_jobs": 1,
    }
)
class StatusSerializer(Shown):
    """What runs here, and how much it holds."""

    of = SystemStatus


class ActionSerializer(serializers.Serializer[Action]):
    """Where an issue is mended: a page, or what a button there posts to; and the same as a command."""

    text = serializers.CharField()
    address = serializers.CharField(help_text="The path of the page.")
    posts = serializers.BooleanField(help_text="A button that does something, else a link.")
    command = serializers.CharField(help_text="Empty where no command does it.")


class Status(Answering):
    """What runs here."""

    @extend_schema(operation_id="system_status", responses=StatusSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Show versions, time and size."""
        return Response(StatusSerializer(system_status()).data)


@example(
    {
        "source": "Sonarr",
        "severity": "error",
        "what": "Sonarr at http://nas:8989 did not answer within 30 seconds.",
        "meaning": "It is tried again by itself; scans and tags wait until it answers.",
        "remedy": "Check that it runs, and that its address is right.",
        "action": {
            "text": "Test it now",
            "address": "/settings/connections/1/test",
            "posts": True,
            "command": "manage.py test_connection Sonarr",
        },
        "since": None,
    }
)
class IssueSerializer(Shown):
    """One thing that is wrong: what, what it means, and what to do."""

    of = Issue
    action = ActionSerializer()
    leaves_out = frozenset({"code"})


class Health(Answering):
    """What is wrong now."""

    @extend_schema(operation_id="system_health", responses=IssueSerializer(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """List what is wrong now, errors first."""
        return Response(IssueSerializer(find_issues(), many=True).data)


TEXT = "text/plain"
SHOWN = OpenApiExample("Log", value="2026-01-15T12:00:00Z [info     ] started", media_type=TEXT)


@example({"name": "web.log", "size": 102400, "changed_at": "2026-01-15T12:00:00Z"})
class LogFileSerializer(Shown):
    """One log file."""

    of = log_files.LogFile
    size = serializers.IntegerField(help_text="Bytes.")


@example({"level": "warning", "text": "2026-01-15T12:00:00.000000Z [warning  ] redis does not answer"})
class LogLineSerializer(serializers.Serializer[Any]):
    """One line; a line of a traceback has the level of the message it belongs to."""

    level = serializers.ChoiceField(choices=log_files.LEVELS)
    text = serializers.CharField(allow_blank=True)


class LinesWanted(serializers.Serializer[Any]):
    """Which lines."""

    level = serializers.ChoiceField(choices=log_files.LEVELS, default="debug")
    search = serializers.CharField(default="", allow_blank=True, max_length=200)
    lines = serializers.IntegerField(default=log_files.TAIL, min_value=1, max_value=log_files.MOST_LINES)


class Logs(Resource):
    """What the programs wrote down, without secrets. In containers there are no files."""

    nouns = ("a log file", "log files")
    look = MANAGE
    needs = {"download": IN_PERSON}
    serializer_class = LogFileSerializer
    pagination_class = None
    filter_backends = ()
    lookup_field = "name"
    lookup_value_converter = "str"
    parameters = {"retrieve": ("level", "search", "lines")}

    def list(self, request: Request) -> Response:  # noqa: ARG002
        """List the log files."""
        return Response(LogFileSerializer(log_files.list_logs(), many=True).data)

    @extend_schema(
        operation_id="system_logs_retrieve",
        responses=LogLineSerializer(many=True),
        parameters=[
            OpenApiParameter(
                "level", enum=log_files.LEVELS, default="debug", description="From this level on."
            ),
            OpenApiParameter("search", description="A part of the line."),
            OpenApiParameter(
                "lines",
                {"type": "integer", "minimum": 1, "maximum": log_files.MOST_LINES, "default": log_files.TAIL},
                description="How many at most.",
            ),
        ],
    )
    def retrieve(self, request: Request, name: str) -> Response:
        """Show the last lines of a log file."""
        wanted = LinesWanted(data=request.query_params.dict())
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        found = log_files.find_lines(
            _known(name), level=given["level"], text=given["search"], count=given["lines"]
        )
        return Response(LogLineSerializer(found, many=True).data)

    def no_texts(self) -> set[str]:
        return super().no_texts() - {"search"}

    @extend_schema(responses={(200, TEXT): OpenApiResponse(OpenApiTypes.STR, examples=[SHOWN])})
    @action(detail=True)
    def download(self, request: Request, name: str) -> Any:
        """Send a log file as a whole."""
        pieces = log_files.pieces(_known(name))
        return send_pieces(pieces, name, f"{TEXT}; charset=utf-8", kind="log", head=request.method == "HEAD")


def _known(name: str) -> str:
    try:
        return log_files.path_of(name).name
    except ConfigError as error:
        raise NotFound(str(error)) from None


_KEPT = {"keep": 7, "keep_days": 90, "items": 7, "jobs": 30, "history": 365, "logs": 30}


class EnvironmentSerializer(Shown):
    """A setting of the environment; `given` is whether it was set; the value of a secret is never shown."""

    of = ShownSetting
    value = serializers.CharField(allow_blank=True)


def _days(help_text: str) -> Any:
    return serializers.IntegerField(
        min_value=1, max_value=retention.LONGEST, required=False, help_text=help_text
    )


class RetentionSerializer(Strict):
    """How long things are kept, in days; of backups also how many."""

    keep = _days("Backups: how many.")
    keep_days = _days("Backups.")
    items = _days("Items of jobs that were done.")
    jobs = _days("Jobs that have ended.")
    history = _days("History and audit log.")
    logs = _days("Log files.")


@example(
    {
        "log_level": "info",
        "retention": _KEPT,
        "environment": [
            {
                "name": "TAGGARR_PORT",
                "group": "Web",
                "value": "8484",
                "given": False,
                "secret": False,
                "about": "The port the web server listens on.",
            }
        ],
    },
    {"log_level": "debug", "retention": {"history": 730}},
)
class SettingsSerializer(Strict):
    """The settings of this installation. Those of instances and policies stand with them."""

    log_level = serializers.ChoiceField(
        choices=log_level.LEVELS, required=False, help_text="Followed by every program within ten seconds."
    )
    retention: Any = RetentionSerializer(required=False)
    environment = EnvironmentSerializer(many=True, read_only=True)


class Settings(Answering):
    """What can be changed while Taggarr runs, and what the environment sets."""

    look, change = MANAGE, MANAGE

    @extend_schema(operation_id="settings_retrieve", responses=SettingsSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Show the settings."""
        return Response(SettingsSerializer(_settings()).data)

    @extend_schema(
        operation_id="settings_partial_update", request=SettingsSerializer, responses=SettingsSerializer
    )
    def patch(self, request: Request) -> Response:
        """Change the settings (what is given)."""
        wanted = SettingsSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        given = wanted.validated_data
        with transaction.atomic():
            if "log_level" in given:
                log_level.set_level(given["log_level"])
            if given.get("retention"):
                retention.change(given["retention"])
        return Response(SettingsSerializer(_settings()).data)


def _settings() -> dict[str, Any]:
    return {
        "log_level": log_level.current(),
        "retention": retention.current(),
        "environment": shown_settings(),
    }
