"""Titles and policies in Django's admin, at a glance; their forms are on the pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from connections.admin import KindFilter
from core.admin import PagedAdmin, actor_of
from library.models import Media, included
from scanner.languages.names import named
from scanner.models import HARMLESS, FileScanState, Policy, Verdict
from scanner.scan.starting import start_media_scan

from .explain import why


class MediaKindFilter(KindFilter):
    path = "connection__kind"
    parameter_name = "kind"


class VerdictFilter(admin.SimpleListFilter):
    title = "verdict"
    parameter_name = "verdict__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [(value, str(label)) for value, label in Verdict.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        if self.value() in Verdict.values:
            return queryset.filter(scan_state__verdict=self.value())
        return queryset


class TroubleFilter(admin.SimpleListFilter):
    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [
            ("scan", "Could not be scanned"),
            ("write", "Could not be written"),
            ("files", "Has files that cannot be read"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Media]) -> QuerySet[Media]:  # noqa: ARG002
        bad = FileScanState.objects.filter(file__media=OuterRef("pk")).exclude(problem__in=HARMLESS)
        match self.value():
            case "scan":
                return queryset.exclude(scan_state__scan_error="")
            case "write":
                return queryset.exclude(scan_state__reconcile_error="")
            case "files":
                return queryset.filter(Exists(bad))
        return queryset


class ExcludedFilter(admin.SimpleListFilter):
    title = "excluded"
    parameter_name = "left_out"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        return [("no", "No"), ("hand", "By hand"), ("rule", "By a rule")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Media]) -> QuerySet[Media]:  # noqa: ARG002
        match self.value():
            case "no":
                return queryset.filter(included())
            case "hand":
                return queryset.filter(excluded=True)
            case "rule":
                return queryset.filter(~Q(excluded_by=""))
        return queryset


@admin.register(Media)
class MediaAdmin(PagedAdmin):
    """Series and movies. They come and go with the app."""

    page = "media"
    list_display = ("title", "year", "connection", "verdict", "tags", "is_excluded", "scanned_at", "why")
    list_filter = (
        "connection",
        MediaKindFilter,
        VerdictFilter,
        "monitored",
        ExcludedFilter,
        TroubleFilter,
        "scan_state__dirty",
        "scan_state__policy_override",
    )
    search_fields = ("title", "path", "imdb_id", "=tvdb_id", "=tmdb_id")
    list_select_related = ("connection__scan_settings__policy", "scan_state__policy_override")
    actions = ("scan_now",)

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    @admin.display(description="Verdict", ordering="scan_state__verdict")
    def verdict(self, media: Media) -> str:
        return media.scan_state.verdict

    @admin.display(description="Excluded", boolean=True)
    def is_excluded(self, media: Media) -> bool:
        return media.is_excluded

    @admin.display(description="Scanned", ordering="scan_state__scanned_at")
    def scanned_at(self, media: Media) -> datetime | None:
        return media.scan_state.scanned_at

    @admin.display(description="Why")
    def why(self, media: Media) -> str:
        return why(media)

    @admin.action(description="Scan now", permissions=["operate"])
    def scan_now(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        user = actor_of(request)
        self.each(request, queryset, lambda media: f"is scanned by {start_media_scan(media, user=user).job}.")


@admin.register(Policy)
class PolicyAdmin(PagedAdmin):
    add_page, page = "policy_add", "policy"
    list_display = ("name", "languages", "label_dub", "label_semi_dub", "label_wrong_dub", "used_by")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return super().get_queryset(request).prefetch_related("scan_settings__connection")

    @admin.display(description="Used by")
    def used_by(self, policy: Policy) -> str:
        return ", ".join(sorted(settings.connection.name for settings in policy.scan_settings.all()))

    @admin.display(description="Target languages")
    def languages(self, policy: Policy) -> str:
        return ", ".join(map(named, policy.target_languages))
