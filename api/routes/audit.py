"""The audit log, for admins: who changed which setting, and who was refused."""

from __future__ import annotations

from typing import Any

import django_filters
from rest_framework import serializers

from accounts.rights import MANAGE
from api.filters import TimeFilters
from api.resource import Readable
from api.schema import example
from history.models import AuditEntry

_ENTRY = {
    "id": 12,
    "time": "2026-01-15T12:00:00Z",
    "actor": 1,
    "actor_name": "admin",
    "address": "192.168.1.20",
    "action": "changed",
    "kind": "connection",
    "target": "Sonarr",
    "before": {"url": "http://nas:8989"},
    "after": {"url": "http://nas:9989"},
}


@example(_ENTRY)
class AuditEntrySerializer(serializers.ModelSerializer[AuditEntry]):
    """One line of the audit log. `before` and `after` hold what changed; a secret stands as `****`."""

    class Meta:
        model = AuditEntry
        fields = tuple(_ENTRY)
        read_only_fields = fields


class AuditFilters(TimeFilters):
    action = django_filters.CharFilter()
    kind = django_filters.CharFilter(help_text="What was changed: `instance`, `policy`, `user`, …")
    actor = django_filters.CharFilter(field_name="actor_name")
    address = django_filters.CharFilter()
    search = django_filters.CharFilter(
        field_name="target", lookup_expr="icontains", help_text="A part of the name of what was changed."
    )


class Audit(Readable):
    """Who changed what, before and after, and who was refused; the newest first."""

    nouns = ("a line of the audit log", "the audit log")
    look = MANAGE
    queryset: Any = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilters
