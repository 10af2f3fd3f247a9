"""Connections in Django's admin: at a glance, to be tested and deleted. The one form is on the pages."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.admin import ReadOnlyAdmin, actor_of

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
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind_shown", "url", "enabled", "version", "calls")
    list_filter = (KindFilter, "enabled", "breaker")
    search_fields = ("name", "url")
    exclude = ("secret",)
    actions = ("test_connection",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_operate_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.has_operate_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        return redirect("connection_add")

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:  # noqa: ARG002
        """The connections alone: with them goes all that is known through them, whoever may delete that."""
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:
        services.delete(obj, user=actor_of(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in list(queryset):
            self.delete_model(request, connection)

    @admin.action(description="Test connection", permissions=["operate"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self.each(request, queryset, _test)

    @admin.display(description="Kind", ordering="kind")
    def kind_shown(self, connection: Connection) -> str:
        return connection.kind_title

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
