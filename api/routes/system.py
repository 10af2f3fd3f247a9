"""The system: its state and its health."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.resource import Answering
from api.schema import example
from api.shown import Shown
from core.issues import Issue
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
        "remedy": "Check that it runs.",
        "since": None,
    }
)
class IssueSerializer(Shown):
    """One thing that is wrong: what, what it means, and what to do."""

    of = Issue
    leaves_out = frozenset({"code"})


class Health(Answering):
    """What is wrong now."""

    @extend_schema(operation_id="system_health", responses=IssueSerializer(many=True))
    def get(self, request: Request) -> Response:  # noqa: ARG002
        """List what is wrong now, errors first."""
        return Response(IssueSerializer(find_issues(), many=True).data)
