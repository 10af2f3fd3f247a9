"""Instances, media and policies in Django's admin, with what can be done about them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import Exists, Model, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from connections.admin import KindFilter
from core.admin import ActingAdmin, ReadOnlyAdmin, actor_of
from library.admin import FileAdminBase, MediaAdminBase, SeasonAdminBase
from library.models import File, Media, Season, included
from scanner.models import HARMLESS, FileScanState, ManagedLabel, Verdict
from scanner.scan.starting import start_media_scan

from . import media_settings
from .explain import explain, why
from .forms import MediaForm
from .instance_admin import ScanSettingsAdmin
from .policy_admin import PolicyAdmin

__all__ = ["MediaAdmin", "PolicyAdmin", "ScanSettingsAdmin"]


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
class MediaAdmin(ActingAdmin, MediaAdminBase):
    """Series and movies: their verdicts, why, and what a person decides of them."""

    form = MediaForm
    editable = (*MediaAdminBase.editable, "policy_override")
    list_display = ("__str__", "connection", "verdict", "tags", "is_excluded", "scanned_at", "why")
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
    actions = ("scan_now", "leave_out", "take_back_in")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Media]:
        """Media with their instances, whose API keys the pages do not need."""
        found: QuerySet[Media] = super().get_queryset(request)
        return found.select_related("connection__scan_settings__policy", "scan_state__policy_override")

    @admin.display(description="Verdict", ordering="scan_state__verdict")
    def verdict(self, media: Media) -> str:
        return media.scan_state.verdict

    @admin.display(description="Scanned", ordering="scan_state__scanned_at")
    def scanned_at(self, media: Media) -> datetime | None:
        return media.scan_state.scanned_at

    def get_fieldsets(self, request: HttpRequest, obj: Media | None = None) -> Any:
        known = [name for name in self.get_fields(request, obj) if name not in self.editable]
        return (
            (None, {"fields": self.editable}),
            ("Why this verdict", {"fields": ("explanation",)}),
            ("All that is known", {"fields": [*known, "state"], "classes": ("collapse",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), "explanation", "state"]

    def save_model(self, request: HttpRequest, obj: Media, form: MediaForm, change: bool) -> None:  # noqa: ARG002
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        saved = media_settings.change(obj, user=actor_of(request), **given)
        self.message_user(request, f"{saved}: {saved.scan_state.verdict}. {why(saved)}")

    @admin.display(description="Why")
    def why(self, media: Media) -> str:
        return why(media)

    @admin.display(description="Rule and files")
    def explanation(self, media: Media) -> SafeString:
        return render_to_string("scanner/explanation.html", {"explanation": explain(media)})

    @admin.display(description="State of its scans")
    def state(self, media: Media) -> SafeString:
        return _listed(media.scan_state, but=self.editable)

    @admin.action(description="Scan now", permissions=["change"])
    def scan_now(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        self.each(request, queryset, lambda media: _scan_media(request, media))

    @admin.action(description="Exclude", permissions=["change"])
    def leave_out(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        self._set_excluded(request, queryset, excluded=True)

    @admin.action(description="Include again", permissions=["change"])
    def take_back_in(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        self._set_excluded(request, queryset, excluded=False)

    def _set_excluded(self, request: HttpRequest, queryset: QuerySet[Media], *, excluded: bool) -> None:
        def act(media: Media) -> str:
            media = media_settings.change(media, user=actor_of(request), excluded=excluded)
            if media.is_excluded:
                return f"excluded by {media.excluder}."
            return "taken back in."

        self.each(request, queryset, act)


def _scan_media(request: HttpRequest, media: Media) -> str:
    return f"is scanned by {start_media_scan(media, user=actor_of(request)).job}."


class _WithState(ReadOnlyAdmin):
    """Rows that are shown with the scanner's side of them."""

    @admin.display(description="Verdict", ordering="scan_state__verdict")
    def verdict(self, row: Season | File) -> str:
        return row.scan_state.verdict

    @admin.display(description="State of its scans")
    def state(self, row: Season | File) -> SafeString:
        return _listed(row.scan_state)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_fields(request, obj), "state"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), "state"]


@admin.register(Season)
class SeasonAdmin(_WithState, SeasonAdminBase):
    list_display = (*SeasonAdminBase.list_display, "verdict", "counts")
    list_select_related = (*SeasonAdminBase.list_select_related, "scan_state")

    @admin.display(description="Counts")
    def counts(self, season: Season) -> dict[str, int]:
        return dict(season.scan_state.counts)


@admin.register(File)
class FileAdmin(_WithState, FileAdminBase):
    list_display = (*FileAdminBase.list_display, "languages", "verdict", "problem", "engine", "probed_at")
    list_filter = (
        "scan_state__problem",
        "scan_state__engine",
        "scan_state__stale",
        *FileAdminBase.list_filter,
    )
    list_select_related = (*FileAdminBase.list_select_related, "scan_state")

    @admin.display(description="Languages")
    def languages(self, file: File) -> list[str]:
        return file.scan_state.languages

    @admin.display(description="Problem", ordering="scan_state__problem")
    def problem(self, file: File) -> str:
        return file.scan_state.get_problem_display() if file.scan_state.problem else ""

    @admin.display(description="Engine", ordering="scan_state__engine")
    def engine(self, file: File) -> str:
        return file.scan_state.engine

    @admin.display(description="Read", ordering="scan_state__probed_at")
    def probed_at(self, file: File) -> datetime | None:
        return file.scan_state.probed_at


def _listed(state: Model, *, but: Collection[str] = ()) -> SafeString:
    fields = [field for field in state._meta.fields if not field.primary_key and field.name not in but]
    shown = ((field.verbose_name, getattr(state, field.name)) for field in fields)
    return format_html_join("", "<div>{}: {}</div>", shown)


@admin.register(ManagedLabel)
class ManagedLabelAdmin(ReadOnlyAdmin):
    """The labels that are ours, or wait to be adopted."""

    list_display = ("label", "connection", "found", "of_language", "created_at")
    list_filter = ("connection", "found")
    search_fields = ("label",)
    list_select_related = ("connection",)
    ordering = ("connection__name", "label")
