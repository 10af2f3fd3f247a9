"""Instances as they are scanned, in Django's admin, and what can be asked of them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from core.admin import ReadOnlyAdmin, actor_of
from jobs.models import Job
from library.admin import rows_link
from scanner.models import ScanSettings
from scanner.scan.answers import adopt, release
from scanner.scan.starting import ScanParams, start_scan

Rows = QuerySet[ScanSettings]


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
    def media_count(self, settings: ScanSettings) -> SafeString | str:
        return rows_link("media", f"connection__id__exact={settings.pk}", settings.media_total)  # type: ignore[attr-defined]

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
