"""The log files, for admins."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.rights import IN_PERSON, MANAGE
from api.resource import Resource
from api.schema import example
from api.shown import Shown
from core.errors import ConfigError
from system import log_files
from system.downloads import send_pieces

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
        """All but the text."""
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
