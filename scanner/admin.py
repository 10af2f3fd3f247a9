"""Instances, titles and policies in Django's admin: at a glance, to be scanned, released, left out.

Their forms are on the pages.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from connections.admin import KindFilter
from core.admin import PagedAdmin, ReadOnlyAdmin, actor_of
from jobs.models import Job
from library.models import Media, included
from scanner.languages.names import named
from scanner.models import HARMLESS, FileScanState, Policy, ScanSettings, Verdict
from scanner.scan.answers import adopt, release
from scanner.scan.starting import ScanParams, start_media_scan, start_scan

from . import media_settings
from .explain import why

Rows = QuerySet[ScanSettings]


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
    actions = ("scan_now", "leave_out", "take_back_in")

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

    @admin.action(description="Exclude", permissions=["operate"])
    def leave_out(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        self._set_excluded(request, queryset, excluded=True)

    @admin.action(description="Include again", permissions=["operate"])
    def take_back_in(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        self._set_excluded(request, queryset, excluded=False)

    def _set_excluded(self, request: HttpRequest, queryset: QuerySet[Media], *, excluded: bool) -> None:
        def act(media: Media) -> str:
            media = media_settings.change(media, user=actor_of(request), excluded=excluded)
            return f"excluded by {media.excluder}." if media.is_excluded else "taken back in."

        self.each(request, queryset, act)


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


@admin.register(ScanSettings)
class ScanSettingsAdmin(ReadOnlyAdmin):
    list_display = ("connection", "policy", "held", "last_sync_at", "last_full_scan_at", "media_count")
    list_filter = ("policy",)
    search_fields = ("connection__name",)
    list_select_related = ("connection__source", "policy")
    actions = ("scan_now", "dry_run", "release", "adopt_labels")

    def get_queryset(self, request: HttpRequest) -> Rows:
        found: Rows = super().get_queryset(request)
        return found.annotate(media_total=Count("connection__media"))

    @admin.display(description="Held", ordering="held_since")
    def held(self, settings: ScanSettings) -> str:
        return settings.held_reason or "No"

    @admin.display(description="Last sync at", ordering="connection__source__last_sync_at")
    def last_sync_at(self, settings: ScanSettings) -> Any:
        return settings.connection.source.last_sync_at

    @admin.display(description="Media", ordering="media_total")
    def media_count(self, settings: ScanSettings) -> int:
        return settings.media_total  # type: ignore[attr-defined,no-any-return]

    @admin.action(description="Scan now", permissions=["operate"])
    def scan_now(self, request: HttpRequest, queryset: Rows) -> None:
        self.each(request, queryset, lambda one: _scan(request, one, ScanParams()))

    @admin.action(description="Dry run: say what a scan would write", permissions=["operate"])
    def dry_run(self, request: HttpRequest, queryset: Rows) -> None:
        self.each(request, queryset, lambda one: _scan(request, one, ScanParams(dry_run=True)))

    @admin.action(description="Release: write what the brake held back", permissions=["operate"])
    def release(self, request: HttpRequest, queryset: Rows) -> None:
        self.each(
            request,
            queryset,
            lambda one: f"released; {_job(release(one.connection, user=actor_of(request)))}",
        )

    @admin.action(description="Adopt tags that were there before", permissions=["operate"])
    def adopt_labels(self, request: HttpRequest, queryset: Rows) -> None:
        self.each(
            request, queryset, lambda one: f"adopted; {_job(adopt(one.connection, user=actor_of(request)))}"
        )


def _scan(request: HttpRequest, settings: ScanSettings, params: ScanParams) -> str:
    job, is_new = start_scan(settings.connection, params, user=actor_of(request))
    return f"started {job}." if is_new else f"{job} is under way already."


def _job(job: Job | None) -> str:
    return f"{job} writes what waited." if job else "the instance is disabled, so nothing is written."
