"""Instances in Django's admin: their settings, path mappings, and what can be asked of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.forms.models import fields_for_model
from django.http import HttpRequest
from django.utils.safestring import SafeString

from connections import services
from connections.admin import ConnectionAdminBase
from connections.models import Connection
from core.errors import ConfigError, FieldError, TaggarrError
from jobs.models import Job
from library.admin import PathMappingInline, rows_link
from library.models import Kind
from library.path_mappings import set_path_mappings
from scanner.models import ScanSettings
from scanner.scan.adopting import adopt
from scanner.scan.params import ScanParams
from scanner.scan.starting import release, start_scan

from . import instance_settings
from .policy_admin import actor_of


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


_SETTINGS: dict[str, Any] = fields_for_model(ScanSettings, fields=instance_settings.SETTINGS)


class InstanceForm(forms.ModelForm):  # type: ignore[type-arg]
    """An instance's settings. The API key can be set, and is never shown."""

    kind = forms.ChoiceField(choices=Kind.choices)
    new_api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=200,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
    )
    policy = _SETTINGS["policy"]
    facts_from = _SETTINGS["facts_from"]
    deep_scan_every = _SETTINGS["deep_scan_every"]
    brake_verdicts_percent = _SETTINGS["brake_verdicts_percent"]
    brake_orphans_percent = _SETTINGS["brake_orphans_percent"]
    checked: services.Checked

    class Meta:
        model = Connection
        fields = ("name", "kind", "url", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.instance.pk is not None
        if known:
            for name in instance_settings.SETTINGS:
                self.initial.setdefault(name, getattr(self.instance.scan_settings, name))
        if "new_api_key" in self.fields:
            self.fields["new_api_key"].help_text = key_hint(self.instance)

    def clean(self) -> dict[str, Any]:
        """Check the settings as a whole; an enabled instance is connected to where address or key are new."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        try:
            self.checked = services.check(
                kind=data.get("kind", self.instance.kind),
                name=data["name"],
                url=data["url"],
                secrets={"api_key": data["new_api_key"]},
                known=self.instance if self.instance.pk else None,
                connect=data["enabled"],
            )
        except FieldError as error:
            self.add_error("new_api_key" if error.field == "api_key" else error.field, str(error))
            return data
        return {**data, "name": self.checked.name, "url": self.checked.url}

    @property
    def given(self) -> dict[str, Any]:
        """What `scanner.instance_settings` takes beside what was checked."""
        return {name: self.cleaned_data[name] for name in ("enabled", *instance_settings.SETTINGS)}


def key_hint(connection: Connection) -> str:
    """Return what may be shown of a stored API key: its last four characters, of a long one only."""
    if connection.pk is None:
        return "In Sonarr and Radarr under Settings → General; a folder has none."
    try:
        key = connection.reveal("api_key")
    except ConfigError as error:
        return str(error)
    shown = key[-4:] if len(key) >= 16 else ""
    return f"Stored: ****{shown}. Leave it empty to keep it; a new address needs it again."


@admin.register(Connection)
class InstanceAdmin(ActingAdmin, ConnectionAdminBase):
    form = InstanceForm
    inlines = (PathMappingInline,)
    list_display = (
        "name",
        "kind_shown",
        "url",
        "enabled",
        "version",
        "calls",
        "held",
        "last_sync_at",
        "media_count",
    )
    list_select_related = ("scan_settings__policy", "source")
    actions = ("scan_now", "dry_run", "test_connection", "release", "adopt_labels")
    fieldsets = (
        (None, {"fields": ("name", "kind", "url", "new_api_key", "enabled", "policy", "facts_from")}),
        ("Care", {"fields": ("deep_scan_every", "brake_verdicts_percent", "brake_orphans_percent")}),
        ("State", {"fields": ("version", "calls", "held", "last_sync_at", "last_full_scan_at")}),
    )
    readonly_fields = ("version", "calls", "held", "last_sync_at", "last_full_scan_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Connection]:
        found: QuerySet[Connection] = super().get_queryset(request)
        return found.filter(scan_settings__isnull=False).annotate(media_total=Count("media"))

    def save_model(self, request: HttpRequest, obj: Connection, form: InstanceForm, change: bool) -> None:
        if change:
            before = obj.scan_settings.policy_id
            instance_settings.edit_checked(obj, form.checked, user=actor_of(request), **form.given)
            if obj.scan_settings.policy_id != before:
                self.message_user(request, f"{obj}: its media are decided anew by the policy.")
        else:
            added = instance_settings.add_checked(form.checked, **form.given)
            obj.pk, obj._state.adding = added.pk, False

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002
        """Save the path mappings together; what is told in the admin's own log the formset knows."""
        formset.save(commit=False)
        rows = [one.cleaned_data for one in formset.forms if one not in formset.deleted_forms]
        set_path_mappings(form.instance, [(row["remote_prefix"], row["local_prefix"]) for row in rows if row])

    def delete_model(self, request: HttpRequest, obj: Connection) -> None:  # noqa: ARG002
        instance_settings.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        for connection in list(queryset):
            self.delete_model(request, connection)

    @admin.display(description="Kind", ordering="kind")
    def kind_shown(self, connection: Connection) -> str:
        return connection.kind_title

    @admin.display(description="Held", ordering="scan_settings__held_since")
    def held(self, connection: Connection) -> str:
        return connection.scan_settings.held_reason or "No"

    @admin.display(description="Last sync at", ordering="source__last_sync_at")
    def last_sync_at(self, connection: Connection) -> Any:
        return connection.source.last_sync_at

    @admin.display(description="Last full scan at")
    def last_full_scan_at(self, connection: Connection) -> Any:
        return connection.scan_settings.last_full_scan_at

    @admin.display(description="Media", ordering="media_total")
    def media_count(self, connection: Connection) -> SafeString | str:
        return rows_link("media", f"connection__id__exact={connection.pk}", connection.media_total)  # type: ignore[attr-defined]

    @admin.action(description="Scan now", permissions=["change"])
    def scan_now(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self.each(request, queryset, lambda connection: _scan(request, connection, ScanParams()))

    @admin.action(description="Dry run: say what a scan would write", permissions=["change"])
    def dry_run(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self.each(request, queryset, lambda connection: _scan(request, connection, ScanParams(dry_run=True)))

    @admin.action(description="Release: write what the brake held back", permissions=["change"])
    def release(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self.each(
            request,
            queryset,
            lambda connection: f"released; {_job(release(connection, user=actor_of(request)))}",
        )

    @admin.action(description="Adopt tags that were there before", permissions=["change"])
    def adopt_labels(self, request: HttpRequest, queryset: QuerySet[Connection]) -> None:
        self.each(
            request,
            queryset,
            lambda connection: f"adopted; {_job(adopt(connection, user=actor_of(request)))}",
        )


def _scan(request: HttpRequest, connection: Connection, params: ScanParams) -> str:
    job, is_new = start_scan(connection, params, user=actor_of(request))
    return f"started {job}." if is_new else f"{job} is under way already."


def _job(job: Job | None) -> str:
    return f"{job} writes what waited." if job else "the instance is disabled, so nothing is written."
