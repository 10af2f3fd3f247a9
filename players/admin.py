"""Players in Django's admin: what is kept of them. What is done about it is on the pages."""

from __future__ import annotations

from django.contrib import admin

from core.admin import ReadOnlyAdmin

from .models import Link, Outage, Route


@admin.register(Link)
class LinkAdmin(ReadOnlyAdmin):
    list_display = ("subject", "player", "state", "cause", "grade", "due_at", "synced_at")
    list_filter = ("player", "state", "cause", "conflict")
    search_fields = ("subject__title", "subject__key")
    list_select_related = ("subject", "player")


@admin.register(Route)
class RouteAdmin(ReadOnlyAdmin):
    list_display = ("source", "player", "enabled", "form", "pattern", "seasons")
    list_filter = ("player", "enabled")
    list_select_related = ("source", "player")


@admin.register(Outage)
class OutageAdmin(ReadOnlyAdmin):
    list_display = ("player", "began_at", "ended_at", "calls", "reason")
    list_filter = ("player",)
    list_select_related = ("player",)
