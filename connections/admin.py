"""Connections in Django's admin: what all kinds share. A feature registers it with a form of its own."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.errors import ConfigError

from . import services
from .kinds import kinds
from .models import Breaker, Connection


class KindFilter(admin.SimpleListFilter):
    """By kind; `path` leads to the kind from the listed model."""

    title = "kind"
    path = "kind"
    parameter_name = "kind__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(kind.slug, str(kind.title)) for kind in kinds()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        return queryset.filter(**{self.path: self.value()}) if self.value() else queryset


class ConnectionAdminBase(admin.ModelAdmin):  # type: ignore[type-arg]
    """Connections: list, state, test. What changes them goes through `connections.services`."""

    list_display: tuple[str, ...] = ("name", "kind", "url", "enabled", "version", "calls")
    list_filter = (KindFilter, "enabled", "breaker")
    search_fields = ("name", "url")
    actions: tuple[str, ...] = ("test_connection",)

    def get_readonly_fields(self, request: HttpRequest, obj: Connection | None = None) -> tuple[str, ...]:
        """The state; and of a known connection the kind, because nothing that it holds would make sense."""
        fields = tuple(str(name) for name in super().get_readonly_fields(request, obj))
        return (*fields, "kind") if obj else fields

    @admin.action(description="Test connection", permissions=["change"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in queryset:
            try:
                found = services.test(connection)
            except ConfigError as error:
                self.message_user(request, f"{connection.name}: {error}", messages.ERROR)
            else:
                folders = ", ".join(found.folders) or "none"
                text = (
                    f"{connection.name}: {found.app_name} {found.version} answers; root folders: {folders}."
                )
                self.message_user(request, text, messages.SUCCESS)

    @admin.display(description="Calls", ordering="breaker")
    def calls(self, connection: Connection) -> str:
        """Whether calls are let through, and if not, why."""
        if connection.breaker == Breaker.CLOSED:
            return "Let through"
        return f"{connection.get_breaker_display()}: {connection.breaker_reason}"
