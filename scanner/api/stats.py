"""Statistics: counts over the whole library."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resource import Answering
from api.schema import example
from library.models import Kind
from scanner.statistics import statistics

_VERDICTS = {"dub": 700, "semi-dub": 40, "wrong-dub": 3, "original": 60, "unknown": 9}


class InstanceStatsSerializer(serializers.Serializer[Any]):
    """How much of an instance is known."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Kind.choices)
    media = serializers.IntegerField()
    scanned = serializers.IntegerField()
    excluded = serializers.IntegerField()
    failed = serializers.IntegerField()
    files = serializers.IntegerField()
    probed = serializers.IntegerField()
    verdicts = serializers.DictField(child=serializers.IntegerField())


class LanguageStatsSerializer(serializers.Serializer[Any]):
    """How many files have an audio track in a language."""

    language = serializers.CharField()
    name = serializers.CharField()
    files = serializers.IntegerField()


class ScanStatsSerializer(serializers.Serializer[Any]):
    """One finished scan of an instance, and what it found."""

    job = serializers.IntegerField()
    instance = serializers.IntegerField(allow_null=True)
    finished_at = serializers.DateTimeField()
    verdicts = serializers.DictField(child=serializers.IntegerField())
    changed = serializers.IntegerField()


@example(
    {
        "media": 812,
        "files": 30120,
        "verdicts": _VERDICTS,
        "instances": [
            {
                "id": 1,
                "name": "Sonarr",
                "kind": "sonarr",
                "media": 812,
                "scanned": 810,
                "excluded": 2,
                "failed": 0,
                "files": 30120,
                "probed": 30100,
                "verdicts": _VERDICTS,
            }
        ],
        "languages": [{"language": "jpn", "name": "Japanese", "files": 29000}],
        "scans": [
            {
                "job": 7,
                "instance": 1,
                "finished_at": "2026-01-15T12:00:00Z",
                "verdicts": _VERDICTS,
                "changed": 3,
            }
        ],
    }
)
class StatisticsSerializer(serializers.Serializer[Any]):
    """Counts over the whole library. `scans` are the last ones, the oldest first."""

    media = serializers.IntegerField()
    files = serializers.IntegerField()
    verdicts = serializers.DictField(child=serializers.IntegerField())
    instances = InstanceStatsSerializer(many=True)
    languages = LanguageStatsSerializer(many=True)
    scans = ScanStatsSerializer(many=True)


class Stats(Answering):
    """Counts over the whole library."""

    @extend_schema(responses=StatisticsSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Count verdicts, coverage and languages, with the trend of scans."""
        return Response(StatisticsSerializer(statistics()).data)
