"""History, and the audit log: what changed, why, by whom; and who was refused."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from accounts.rights import MANAGE
from api.filters import Number, TimeFilters, several
from api.resource import Readable
from api.schema import example
from core import features
from history import audit
from history.models import AuditEntry, Event
from history.services import search

KINDS = list(features.words("events").items())

_EVENT = {
    "id": 400,
    "time": "2026-01-15T12:00:00Z",
    "kind": "verdict",
    "actor": None,
    "instance": 1,
    "subject_kind": "media",
    "subject_id": 12,
    "job": 7,
    "title": "Lantern Harbour (2020)",
    "before": "dub",
    "after": "semi-dub",
    "code": "verdict.changed",
    "params": {"title": "Lantern Harbour"},
    "text": "Lantern Harbour: dub → semi-dub. 2 of 24 files have no English.",
}


@example(_EVENT)
class EventSerializer(serializers.ModelSerializer[Event]):
    """One line of history: `code` and `params` say what happened, `text` says it in English.

    `params`, `before` and `after` are JSON of any kind.
    """

    kind = serializers.ChoiceField(choices=KINDS)
    text = serializers.CharField(read_only=True)
    actor: Any = serializers.SlugRelatedField(slug_field="username", read_only=True, allow_null=True)
    instance: Any = serializers.PrimaryKeyRelatedField(source="connection", read_only=True, allow_null=True)

    class Meta:
        model = Event
        fields = tuple(_EVENT)
        read_only_fields = fields


class EventFilters(TimeFilters):
    kind = several(KINDS)
    instance = Number(field_name="connection_id")
    subject_kind = django_filters.CharFilter()
    subject_id = Number()
    job = Number(field_name="job_id")
    actor = django_filters.CharFilter(field_name="actor__username")
    search = django_filters.CharFilter(
        method="_search",
        help_text="A part of the title, of the instance's name or of what the kind is called.",
    )

    def _search(self, queryset: QuerySet[Event], _name: str, value: str) -> QuerySet[Event]:
        return queryset.filter(search(value))


class History(Readable):
    """What changed, why, by whom; the newest first."""

    nouns = ("an event", "events")
    queryset = Event.objects.select_related("actor")
    serializer_class = EventSerializer
    filterset_class = EventFilters


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

    target = serializers.CharField(source="called", read_only=True)

    class Meta:
        model = AuditEntry
        fields = tuple(_ENTRY)
        read_only_fields = fields


class AuditFilters(TimeFilters):
    action = django_filters.CharFilter()
    kind = django_filters.CharFilter(help_text="What was changed: `instance`, `policy`, `user`, …")
    actor = django_filters.CharFilter(field_name="actor_name")
    address = django_filters.CharFilter()
    search = django_filters.CharFilter(method="_search", help_text="A part of the name of what was changed.")

    def _search(self, queryset: QuerySet[AuditEntry], _name: str, value: str) -> QuerySet[AuditEntry]:
        return queryset.filter(audit.search(value))


class Audit(Readable):
    """Who changed what, before and after, and who was refused; the newest first."""

    nouns = ("a line of the audit log", "the audit log")
    look = MANAGE
    queryset: Any = AuditEntry.objects.all()
    serializer_class = AuditEntrySerializer
    filterset_class = AuditFilters
