"""What can be imported, and an empty table for what no program knows yet."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resource import Answering
from api.schema import example
from catalogue import sending
from catalogue.formats import ours
from catalogue.formats.recognising import SECTIONS
from catalogue.pages.names import PROGRAMS

DOCUMENT = "docs/imports.md"


@example({"key": "goodreads", "name": "Goodreads", "document": "docs/imports.md#goodreads"})
class FormatSerializer(serializers.Serializer[Any]):
    """A format: what imports call it, and where it is described."""

    key = serializers.CharField()
    name = serializers.CharField()
    document = serializers.CharField()


class Formats(Answering):
    """What can be imported."""

    @extend_schema(responses=FormatSerializer(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """List what can be imported; which of these a file is, is told by what is in it."""
        told = [
            {"key": key, "name": PROGRAMS[key], "document": f"{DOCUMENT}#{section}"}
            for key, section in SECTIONS.items()
        ]
        return Response(FormatSerializer(told, many=True).data)


class Template(Answering):
    """An empty table."""

    @extend_schema(
        responses={
            (200, "text/csv"): OpenApiResponse(
                OpenApiTypes.STR, examples=[OpenApiExample("Table", value="media_type,title,year…")]
            )
        }
    )
    def get(self, request: Request) -> HttpResponse:  # noqa: ARG002
        """Send an empty table to fill in: a row for each thing, of which the title will do."""
        return sending.table(ours.write_template, sending.TEMPLATE)
