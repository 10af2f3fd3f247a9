"""The library in Django's admin.

Bases for instances, media and policies, which the app that scans them registers with its own actions; and the
read-only views of what syncs and scans have written.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from library import instances
from library.instances import InstanceError
from library.models import Breaker, File, Instance, ManagedLabel, Media, PathMapping, Policy, Season, Tag
from library.models.policy import valid_language_code
from library.paths import check_mapping

admin.site.site_header = admin.site.site_title = "Taggarr"
admin.site.index_title = "Administration"


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows that only the program itself writes."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody adds."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nobody changes."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Nobody deletes."""
        return False


class InstanceForm(forms.ModelForm):  # type: ignore[type-arg]
    """An instance's settings. The API key can be set, and is never shown."""

    new_api_key = forms.CharField(
        label="API key",
        required=False,
        max_length=200,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
    )
    checked: instances.Checked

    class Meta:
        """The fields that a person sets; the key has a field of its own."""

        model = Instance
        fields = (
            "name",
            "kind",
            "url",
            "enabled",
            "policy",
            "facts_from",
            "deep_scan_every",
            "brake_verdicts_percent",
            "brake_orphans_percent",
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "new_api_key" in self.fields:
            self.fields["new_api_key"].required = self.instance.pk is None
            self.fields["new_api_key"].help_text = key_hint(self.instance)

    def clean(self) -> dict[str, Any]:
        """Check the settings as a whole; an enabled instance is connected to where address or key are new."""
        data = super().clean() or self.cleaned_data
        if self.errors:
            return data
        known = self.instance if self.instance.pk else None
        try:
            self.checked = instances.check_settings(
                name=data["name"],
                kind=data.get("kind", self.instance.kind),
                url=data["url"],
                api_key=data["new_api_key"],
                known=known,
                connect=data["enabled"],
            )
        except InstanceError as error:
            self.add_error("new_api_key" if error.field == "api_key" else error.field, str(error))
            return data
        return {**data, "name": self.checked.name, "url": self.checked.url}


def key_hint(instance: Instance) -> str:
    """Return what may be shown of a stored API key: its last four characters, of a long one only."""
    if instance.pk is None:
        return "In Sonarr and Radarr under Settings → General."
    shown = instance.api_key[-4:] if len(instance.api_key) >= 16 else ""
    return f"Stored: ****{shown}. Leave it empty to keep it; a new address needs it again."


class PathMappingForm(forms.ModelForm):  # type: ignore[type-arg]
    """One path mapping."""

    class Meta:
        """Both folders."""

        model = PathMapping
        fields = ("remote_prefix", "local_prefix")

    def clean(self) -> dict[str, Any]:
        """Refuse what leads nowhere on any machine."""
        data = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                instances.check_mapping_shape(data["remote_prefix"], data["local_prefix"])
            except InstanceError as error:
                self.add_error(error.field, str(error))
        return data


class PathMappingInline(admin.TabularInline):  # type: ignore[type-arg]
    """The path mappings of an instance, each with what is wrong with it on this machine."""

    model = PathMapping
    form = PathMappingForm
    fields = ("remote_prefix", "local_prefix", "seen_here")
    readonly_fields = ("seen_here",)
    extra = 1

    @admin.display(description="Seen from here")
    def seen_here(self, mapping: PathMapping) -> str:
        """Whether the folder is visible to this process."""
        if mapping.pk is None:
            return ""
        return check_mapping(mapping.remote_prefix, mapping.local_prefix) or "Visible"


class InstanceAdminBase(admin.ModelAdmin):  # type: ignore[type-arg]
    """Instances: list, settings, path mappings, connection test."""

    form = InstanceForm
    inlines = (PathMappingInline,)
    list_display: tuple[str, ...] = (
        "name",
        "kind",
        "url",
        "enabled",
        "app_version",
        "calls",
        "held",
        "last_sync_at",
        "media_count",
    )
    list_filter = ("kind", "enabled", "breaker")
    search_fields = ("name", "url")
    list_select_related = ("policy",)
    actions: tuple[str, ...] = ("test_connection",)
    fieldsets = (
        (None, {"fields": ("name", "kind", "url", "new_api_key", "enabled", "policy", "facts_from")}),
        ("Care", {"fields": ("deep_scan_every", "brake_verdicts_percent", "brake_orphans_percent")}),
        ("State", {"fields": ("app_version", "calls", "held", "last_sync_at", "last_full_scan_at")}),
    )
    readonly_fields = ("app_version", "calls", "held", "last_sync_at", "last_full_scan_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Instance | None = None) -> tuple[str, ...]:
        """The state; and of a known instance the kind, because its media would make no sense."""
        fields = tuple(str(name) for name in super().get_readonly_fields(request, obj))
        return (*fields, "kind") if obj else fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Instance]:
        """Instances with the number of their media."""
        counted: QuerySet[Instance] = super().get_queryset(request).annotate(media_total=Count("media"))
        return counted

    def save_model(self, request: HttpRequest, obj: Instance, form: InstanceForm, change: bool) -> None:
        """Save what the form has checked, and let calls through again."""
        obj.api_key = form.checked.api_key
        if change:
            # Only what the form holds: the breaker and the brake may have moved meanwhile.
            given = [name for name in form.fields if name != "new_api_key"]
            obj.save(update_fields=[*given, "api_key", "updated_at"])
        else:
            super().save_model(request, obj, form, change)
        form.checked.note(obj)

    @admin.action(description="Test connection", permissions=["change"])
    def test_connection(self, request: HttpRequest, queryset: QuerySet[Instance]) -> None:
        """Connect to the chosen instances and say what answered."""
        for instance in queryset:
            try:
                found = instances.test_instance(instance)
            except InstanceError as error:
                self.message_user(request, f"{instance.name}: {error}", messages.ERROR)
            else:
                folders = ", ".join(folder.path for folder in found.root_folders) or "none"
                text = f"{instance.name}: {found.app_name} {found.version} answers; root folders: {folders}."
                self.message_user(request, text, messages.SUCCESS)

    @admin.display(description="Calls", ordering="breaker")
    def calls(self, instance: Instance) -> str:
        """Whether calls are let through, and if not, why."""
        if instance.breaker == Breaker.CLOSED:
            return "Let through"
        return f"{instance.get_breaker_display()}: {instance.breaker_reason}"

    @admin.display(description="Held", ordering="held_since")
    def held(self, instance: Instance) -> str:
        """Why the brake holds the instance, if it does."""
        return instance.held_reason or "No"

    @admin.display(description="Media", ordering="media_total")
    def media_count(self, instance: Instance) -> SafeString | str:
        """How many media it has, with a link to them."""
        return _rows_link("media", f"instance__id__exact={instance.pk}", instance.media_total)  # type: ignore[attr-defined]


class MediaAdminBase(admin.ModelAdmin):  # type: ignore[type-arg]
    """Series and movies. They come and go with the app; a person sets what is theirs to decide."""

    list_display: tuple[str, ...] = (
        "title",
        "year",
        "instance",
        "verdict",
        "tags",
        "monitored",
        "is_excluded",
        "dirty",
        "scan_error",
        "scanned_at",
    )
    list_filter: ClassVar[tuple[Any, ...]] = (
        "instance",
        "verdict",
        "excluded",
        "dirty",
        "monitored",
        "policy_override",
    )
    search_fields = ("title", "path", "imdb_id", "=tvdb_id", "=tmdb_id")
    list_select_related = ("instance",)
    list_per_page = 50
    show_full_result_count = False
    editable = ("excluded", "original_language_override", "policy_override")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Only a sync adds."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Only a sync forgets."""
        return False

    def get_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:  # noqa: ARG002
        """What a person decides first, then all that is known."""
        known = [field.name for field in Media._meta.fields if field.name not in self.editable]
        return [*self.editable, *known, "files_link"]

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:
        """Everything but what a person decides."""
        return [name for name in self.get_fields(request, obj) if name not in self.editable]

    @admin.display(description="Excluded", boolean=True)
    def is_excluded(self, media: Media) -> bool:
        """By hand or by a rule."""
        return media.is_excluded

    @admin.display(description="Files")
    def files_link(self, media: Media) -> SafeString | str:
        """A link to its files."""
        return _rows_link("file", f"media__id__exact={media.pk}", "Show")


POLICY_FIELDSETS: Any = (
    (None, {"fields": ("name", "target_languages", "dry_run")}),
    ("Labels", {"fields": ("label_dub", "label_semi_dub", "label_wrong_dub")}),
    (
        "Labels of languages",
        {
            "fields": (
                "language_labels",
                "language_label_pattern",
                "language_label_rule",
                "label_sub_only",
                "label_unknown_audio",
            )
        },
    ),
    (
        "Rules",
        {
            "fields": (
                "undetermined",
                "extra_languages",
                "native_titles",
                "include_specials",
                "only_monitored",
                "quick",
            )
        },
    ),
    (
        "Which media",
        {"fields": ("genres", "exclude_tags", "exclude_genres", "exclude_paths", "untag_excluded")},
    ),
    ("NFO files", {"fields": ("write_nfo", "dub_genre")}),
    ("Acting on it", {"fields": ("allow_search", "allow_unmonitor")}),
)


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]
    """A policy, with a plain sentence for a language that is none."""

    class Meta:
        """All that a person sets."""

        model = Policy
        fields = flatten_fieldsets(POLICY_FIELDSETS)

    def clean_target_languages(self) -> list[str]:
        """The target languages as they are stored, in the order given, each once."""
        return list(dict.fromkeys(self.language(text) for text in self.cleaned_data["target_languages"]))

    def language(self, text: str) -> str:
        """The code under which a language is stored. Raises ValidationError."""
        code = text.strip().lower()
        try:
            valid_language_code(code)
        except ValidationError:
            raise ValidationError(f"{text} is no language code: write jpn, eng or por-br.") from None
        return code


class PolicyAdminBase(admin.ModelAdmin):  # type: ignore[type-arg]
    """Policies."""

    form = PolicyForm
    list_display: tuple[str, ...] = (
        "name",
        "target_languages",
        "label_dub",
        "label_semi_dub",
        "label_wrong_dub",
        "used_by",
    )
    search_fields = ("name",)
    fieldsets = POLICY_FIELDSETS

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        """Policies with the names of the instances that use them."""
        return super().get_queryset(request).prefetch_related("instances")

    @admin.display(description="Used by")
    def used_by(self, policy: Policy) -> str:
        """The instances whose policy this is."""
        return ", ".join(instance.name for instance in policy.instances.all())


def _rows_link(model: str, query: str, shown: object) -> SafeString | str:
    address = reverse(f"admin:library_{model}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, query, shown)


@admin.register(Season)
class SeasonAdmin(ReadOnlyAdmin):
    """Seasons, with the verdicts of their files."""

    list_display = ("media", "number", "monitored", "verdict", "counts")
    list_filter = ("verdict", "monitored", "media__instance")
    search_fields = ("media__title",)
    list_select_related = ("media",)
    ordering = ("media__sort_title", "media_id", "number")


@admin.register(File)
class FileAdmin(ReadOnlyAdmin):
    """Video files, with what was read from them."""

    list_display = (
        "name",
        "media",
        "season",
        "languages",
        "verdict",
        "problem",
        "engine",
        "shown_size",
        "probed_at",
    )
    list_filter = ("verdict", "problem", "engine", "stale", "media__instance")
    search_fields = ("path", "media__title")
    list_select_related = ("media", "season")

    @admin.display(description="File", ordering="path")
    def name(self, file: File) -> str:
        """The last part of its path."""
        return str(file)

    @admin.display(description="Size", ordering="size")
    def shown_size(self, file: File) -> str:
        """Its size for people."""
        return filesizeformat(file.size)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The files of one media are linked to."""
        return lookup == "media__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    """The tags of the instances as the last sync saw them."""

    list_display = ("label", "instance", "arr_id")
    list_filter = ("instance",)
    search_fields = ("label",)
    list_select_related = ("instance",)
    ordering = ("instance__name", "label")


@admin.register(ManagedLabel)
class ManagedLabelAdmin(ReadOnlyAdmin):
    """The labels that are ours, or wait to be adopted."""

    list_display = ("label", "instance", "found", "of_language", "created_at")
    list_filter = ("instance", "found")
    search_fields = ("label",)
    list_select_related = ("instance",)
    ordering = ("instance__name", "label")
