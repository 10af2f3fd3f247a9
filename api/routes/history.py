"""History: what changed, why, by whom."""

from __future__ import annotations

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import serializers

from api.filters import Number, TimeFilters, several
from api.resource import Readable
from api.schema import example
from core import features
from history.models import Event
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
