"""Instances, media and policies in Django's admin, with what can be done about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from jobs.models import Job
from library.admin import InstanceAdminBase, InstanceForm, MediaAdminBase
from library.errors import TaggarrError
from library.models import HARMLESS, File, Instance, Media, included

from . import media_settings
from .adopting import adopt
from .explain import explain, why
from .forms import MediaForm
from .policies import follow_policy
from .policy_admin import PolicyAdmin, actor_of
from .requests import release, start_media_scan, start_scan
from .scan_params import ScanParams

__all__ = ["InstanceAdmin", "MediaAdmin", "PolicyAdmin"]


class ActingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tells what an action came to, for each row it was asked for."""

    def each(self, request: HttpRequest, queryset: QuerySet[Any], act: Callable[[Any], str]) -> None:
        """Do something with every chosen row and say what came of it, in one line each."""
        for row in queryset:
            try:
                self.message_user(request, f"{row}: {act(row)}", messages.SUCCESS)
            except TaggarrError as error:
                named = str(row) in str(error)
                self.message_user(request, str(error) if named else f"{row}: {error}", messages.ERROR)


@admin.register(Instance)
class InstanceAdmin(ActingAdmin, InstanceAdminBase):
    """Instances, with scan, dry run, release and adoption."""

    actions = ("scan_now", "dry_run", "test_connection", "release", "adopt_labels")

    def save_model(self, request: HttpRequest, obj: Instance, form: InstanceForm, change: bool) -> None:
        """Save it; with another policy its media are decided anew."""
        super().save_model(request, obj, form, change)
        if change and "policy" in form.changed_data:
            changed = follow_policy(obj, user=actor_of(request))
            self.message_user(request, f"{obj}: {changed} verdicts changed with the policy.")

    @admin.action(description="Scan now", permissions=["change"])
    def scan_now(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """Start a scan of the chosen instances."""
        self.each(request, queryset, lambda instance: _scan(request, instance, ScanParams()))

    @admin.action(description="Dry run: say what a scan would write", permissions=["change"])
    def dry_run(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """Start a dry run of the chosen instances."""
        self.each(request, queryset, lambda instance: _scan(request, instance, ScanParams(dry_run=True)))

    @admin.action(description="Release: write what the brake held back", permissions=["change"])
    def release(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """Take off the brake of the chosen instances."""
        self.each(
            request,
            queryset,
            lambda instance: f"released; {_job(release(instance, user=actor_of(request)))}",
        )

    @admin.action(description="Adopt tags that were there before", permissions=["change"])
    def adopt_labels(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """Let Taggarr add and remove the tags of ours that stood in the chosen instances before."""
        self.each(
            request,
            queryset,
            lambda instance: f"adopted; {_job(adopt(instance, user=actor_of(request)))}",
        )


def _scan(request: HttpRequest, instance: Instance, params: ScanParams) -> str:
    job, is_new = start_scan(instance, params, user=actor_of(request))
    return f"started {job}." if is_new else f"{job} is under way already."


def _job(job: Job | None) -> str:
    return f"{job} writes what waited." if job else "the instance is disabled, so nothing is written."


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
    list_display = ("__str__", "instance", "verdict", "tags", "is_excluded", "scanned_at", "why")
    list_filter = (
        "instance",
        "instance__kind",
        "verdict",
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
        return found.select_related("instance__policy", "policy_override").defer("instance__api_key")

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
