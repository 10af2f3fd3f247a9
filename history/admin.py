"""History in Django's admin: to be read, never changed."""

from __future__ import annotations

from django.contrib import admin

from history.models import Event
from library.admin import ReadOnlyAdmin


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    """What changed, why, by whom; the newest first."""

    list_display = ("time", "kind", "title", "text", "instance", "actor")
    list_filter = ("kind", "instance", "time")
    search_fields = ("title", "text")
    list_select_related = ("instance", "actor")
    date_hierarchy = "time"
