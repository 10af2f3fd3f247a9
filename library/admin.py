"""The library in Django's admin.

Tags; and the bases for titles, seasons and files, which the app that scans them registers
with what it knows of them.
"""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.admin import ReadOnlyAdmin
from library.models import File, Media, Tag


class MediaAdminBase(admin.ModelAdmin):  # type: ignore[type-arg]
    """Series and movies. They come and go with the app; a person sets what is theirs to decide."""

    list_display: tuple[str, ...] = ("title", "year", "connection", "tags", "monitored", "is_excluded")
    list_filter: ClassVar[tuple[Any, ...]] = ("connection", "excluded", "monitored")
    search_fields = ("title", "path", "imdb_id", "=tvdb_id", "=tmdb_id")
    list_select_related = ("connection",)
    list_per_page = 50
    show_full_result_count = False
    editable: tuple[str, ...] = ("excluded", "original_language_override")

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Only a sync adds."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        """Only a sync forgets."""
        return False

    def get_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:  # noqa: ARG002
        known = [field.name for field in Media._meta.fields if field.name not in self.editable]
        return [*self.editable, *known, "files_link"]

    def get_readonly_fields(self, request: HttpRequest, obj: Media | None = None) -> list[Any]:
        return [name for name in self.get_fields(request, obj) if name not in self.editable]

    @admin.display(description="Excluded", boolean=True)
    def is_excluded(self, media: Media) -> bool:
        return media.is_excluded

    @admin.display(description="Files")
    def files_link(self, media: Media) -> SafeString | str:
        return rows_link("file", f"media__id__exact={media.pk}", "Show")


def rows_link(model: str, query: str, shown: object) -> SafeString | str:
    address = reverse(f"admin:library_{model}_changelist")
    return format_html('<a href="{}?{}">{}</a>', address, query, shown)


class SeasonAdminBase(ReadOnlyAdmin):
    list_display: tuple[str, ...] = ("media", "number", "monitored")
    list_filter = ("monitored", "media__connection")
    search_fields = ("media__title",)
    list_select_related: ClassVar[tuple[Any, ...]] = ("media",)
    ordering = ("media__sort_title", "media_id", "number")


class FileAdminBase(ReadOnlyAdmin):
    list_display: tuple[str, ...] = ("name", "media", "season", "shown_size")
    list_filter: ClassVar[tuple[Any, ...]] = ("media__connection",)
    search_fields = ("path", "media__title")
    list_select_related: ClassVar[tuple[Any, ...]] = ("media", "season")

    @admin.display(description="File", ordering="path")
    def name(self, file: File) -> str:
        return str(file)

    @admin.display(description="Size", ordering="size")
    def shown_size(self, file: File) -> str:
        return filesizeformat(file.size)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """The files of one title are linked to."""
        return lookup == "media__id__exact" or super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    """The tags of the instances as the last sync saw them."""

    list_display = ("label", "connection", "arr_id")
    list_filter = ("connection",)
    search_fields = ("label",)
    list_select_related = ("connection",)
    ordering = ("connection__name", "label")
