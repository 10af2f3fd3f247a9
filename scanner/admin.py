"""Instances, media and policies in Django's admin, with what can be done about them."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from connections.admin import KindFilter
from core.admin import ReadOnlyAdmin
from library.admin import MediaAdminBase
from library.models import HARMLESS, File, Media, included
from scanner.models import ManagedLabel, Verdict
from scanner.scan.starting import start_media_scan

from . import media_settings
from .explain import explain, why
from .forms import MediaForm
from .instance_admin import ActingAdmin, InstanceAdmin
from .policy_admin import PolicyAdmin, actor_of

__all__ = ["InstanceAdmin", "MediaAdmin", "PolicyAdmin"]


class MediaKindFilter(KindFilter):
    """Media by the kind of their connection."""

    path = "connection__kind"
    parameter_name = "kind"


class VerdictFilter(admin.SimpleListFilter):
    """Media by verdict."""

    title = "verdict"
    parameter_name = "verdict__exact"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """The five."""
        return [(value, str(label)) for value, label in Verdict.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:  # noqa: ARG002
        """Those."""
        return queryset.filter(verdict=self.value()) if self.value() in Verdict.values else queryset


class TroubleFilter(admin.SimpleListFilter):
    """Media with which something is wrong."""

    title = "trouble"
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """What can be wrong."""
        return [
            ("scan", "Could not be scanned"),
            ("write", "Could not be written"),
            ("files", "Has files that cannot be read"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Media]) -> QuerySet[Media]:  # noqa: ARG002
        """Those."""
        bad = File.objects.filter(media=OuterRef("pk")).exclude(problem__in=HARMLESS)
        match self.value():
            case "scan":
                return queryset.exclude(scan_error="")
            case "write":
                return queryset.exclude(reconcile_error="")
            case "files":
                return queryset.filter(Exists(bad))
        return queryset


class ExcludedFilter(admin.SimpleListFilter):
    """Media that are left out."""

    title = "excluded"
    parameter_name = "left_out"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:  # noqa: ARG002
        """By what."""
        return [("no", "No"), ("hand", "By hand"), ("rule", "By a rule")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Media]) -> QuerySet[Media]:  # noqa: ARG002
        """Those."""
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
    list_display = ("__str__", "connection", "verdict", "tags", "is_excluded", "scanned_at", "why")
    list_filter = (
        "connection",
        MediaKindFilter,
        VerdictFilter,
        "monitored",
        ExcludedFilter,
        TroubleFilter,
        "dirty",
        "policy_override",
    )
    actions = ("scan_now", "leave_out", "take_back_in")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Media]:
        """Media with their instances, whose API keys the pages do not need."""
        found: QuerySet[Media] = super().get_queryset(request)
        return found.select_related("connection__scan_settings__policy", "policy_override")

    def get_fieldsets(self, request: HttpRequest, obj: Media | None = None) -> Any:
        """What a person decides, why the verdict is as it is, and all that is known."""
        known = [name for name in self.get_fields(request, obj) if name not in self.editable]
        return (
            (None, {"fields": self.editable}),
            ("Why this verdict", {"fields": ("explanation",)}),
            ("All that is known", {"fields": known, "classes": ("collapse",)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:
        """Everything but what a person decides."""
        return [*super().get_readonly_fields(request, obj), "explanation"]

    def save_model(self, request: HttpRequest, obj: Media, form: MediaForm, change: bool) -> None:  # noqa: ARG002
        """Save what a person decided, and decide the media anew."""
        given = {name: form.cleaned_data[name] for name in form.changed_data}
        saved = media_settings.change(obj, user=actor_of(request), **given)
        self.message_user(request, f"{saved}: {saved.verdict}. {why(saved)}")

    @admin.display(description="Why")
    def why(self, media: Media) -> str:
        """Why it has its verdict, in one sentence."""
        return why(media)

    @admin.display(description="Rule and files")
    def explanation(self, media: Media) -> SafeString:
        """Every file, its tracks, and the rule that decided."""
        return render_to_string("scanner/explanation.html", {"explanation": explain(media)})

    @admin.action(description="Scan now", permissions=["change"])
    def scan_now(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        """Scan the chosen media soon."""
        self.each(request, queryset, lambda media: _scan_media(request, media))

    @admin.action(description="Exclude", permissions=["change"])
    def leave_out(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        """Leave the chosen media out of scans and tagging."""
        self._set_excluded(request, queryset, excluded=True)

    @admin.action(description="Take back in", permissions=["change"])
    def take_back_in(self, request: HttpRequest, queryset: QuerySet[Media]) -> None:
        """Scan and tag the chosen media again."""
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


@admin.register(ManagedLabel)
class ManagedLabelAdmin(ReadOnlyAdmin):
    """The labels that are ours, or wait to be adopted."""

    list_display = ("label", "connection", "found", "of_language", "created_at")
    list_filter = ("connection", "found")
    search_fields = ("label",)
    list_select_related = ("connection",)
    ordering = ("connection__name", "label")
