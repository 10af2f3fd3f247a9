"""The tags of the instances, as the last sync saw them, in Django's admin."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin
from library.models import Tag


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("label", "connection", "arr_id")
    list_filter = ("connection",)
    search_fields = ("label",)
    list_select_related = ("connection",)
    ordering = ("connection__name", "label")
