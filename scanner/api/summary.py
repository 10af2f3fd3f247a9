"""The summary: one flat object of numbers, for dashboards such as Homepage."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.resource import Answering
from api.schema import example
from api.shown import Shown
from scanner.summary import Summary, summary


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
