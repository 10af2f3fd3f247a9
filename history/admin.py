"""History in Django's admin: to be read, never changed."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core import features
from core.admin import ReadOnlyAdmin
from history.models import AuditEntry, Event


class KindFilter(admin.SimpleListFilter):
    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:  # noqa: ARG002
        return sorted(features.words("events").items(), key=lambda kind: str(kind[1]))

    def queryset(self, request: HttpRequest, queryset: QuerySet[Event]) -> QuerySet[Event]:  # noqa: ARG002
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ("time", "kind", "title", "text", "connection", "actor")
    list_filter = (KindFilter, "connection", "time")
    search_fields = ("title", "code", "connection__name")
    list_select_related = ("connection", "actor")
    date_hierarchy = "time"


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who changed what; the newest first. Admins alone see it."""

    list_display = ("time", "actor_name", "address", "action", "kind", "called")
    list_filter = ("action", "kind", "time")
    search_fields = ("actor_name", "address", "target", "params")
    date_hierarchy = "time"

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return bool(getattr(request.user, "is_superuser", False))
