"""Counts over the whole library, and the few of them that dashboards such as Homepage show."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.resource import Answering
from api.schema import example
from api.shown import Shown
from library.models import Kind
from scanner.statistics import (
    InstanceStats,
    LanguageStats,
    ScanStats,
    Statistics,
    Summary,
    statistics,
    summary,
)

_VERDICTS = {"dub": 700, "semi-dub": 40, "wrong-dub": 3, "original": 60, "unknown": 9}


class InstanceStatsSerializer(Shown):
    """How much of an instance is known."""

    of = InstanceStats
    kind = serializers.ChoiceField(choices=Kind.choices)


class LanguageStatsSerializer(Shown):
    """How many files have an audio track in a language."""

    of = LanguageStats


class ScanStatsSerializer(Shown):
    """One finished scan of an instance, and what it found."""

    of = ScanStats


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
class StatisticsSerializer(Shown):
    """Counts over the whole library. `scans` are the last ones, the oldest first."""

    of = Statistics
    instances = InstanceStatsSerializer(many=True)
    languages = LanguageStatsSerializer(many=True)
    scans = ScanStatsSerializer(many=True)


class Stats(Answering):
    """Counts over the whole library."""

    @extend_schema(responses=StatisticsSerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Count verdicts, coverage and languages, with the trend of scans."""
        return Response(StatisticsSerializer(statistics()).data)


@example(
    {
        "media": 812,
        "files": 30120,
        "dub": 700,
        "semi_dub": 40,
        "wrong_dub": 3,
        "original": 60,
        "unknown": 9,
        "issues": 0,
        "live_jobs": 1,
        "last_scan_at": "2026-01-15T12:00:00Z",
    }
)
class SummarySerializer(Shown):
    """Series and movies, files, media of each verdict, health issues, live jobs, the end of the last scan."""

    of = Summary


class SummaryView(Answering):
    """All of Taggarr in a handful of numbers."""

    @extend_schema(operation_id="summary", responses=SummarySerializer)
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """Count media by verdict, files, health issues and live jobs, in one flat object."""
        return Response(SummarySerializer(summary()).data)
