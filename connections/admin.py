"""Connections in Django's admin: at a glance, to be tested and deleted. The one form is on the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import DeletingAdmin

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


@admin.register(Connection)
class ConnectionAdmin(DeletingAdmin):
    add_page, page = "connection_add", "connection"
    delete = staticmethod(services.delete)
    list_display = ("name", "kind_shown", "url", "enabled", "version", "calls")
    list_filter = (KindFilter, "enabled", "breaker")
    search_fields = ("name", "url")
    actions = ("test_connection",)

    @admin.action(description="Test connection", permissions=["operate"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self.each(request, queryset, _test)

    @admin.display(description="Kind", ordering="kind")
    def kind_shown(self, connection: Connection) -> str:
        return connection.get_kind_display()

    @admin.display(description="Calls", ordering="breaker")
    def calls(self, connection: Connection) -> str:
        """Whether calls are let through, and if not, why."""
        if connection.breaker == Breaker.CLOSED:
            return "Let through"
        return f"{connection.get_breaker_display()}: {connection.breaker_reason}"


def _test(connection: Connection) -> str:
    found = services.test(connection)
    app = f"{found.app_name} {found.version} answers" if found.app_name else "it is there"
    return f"{app}; folders: {', '.join(found.folders) or 'none'}."
