"""Policies in Django's admin: at a glance. The form, with the preview of a change, is on the pages."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import PagedAdmin
from scanner.languages.names import named
from scanner.models import Policy


@admin.register(Policy)
class PolicyAdmin(PagedAdmin):
    add_page, page = "policy_add", "policy"
    list_display = ("name", "languages", "label_dub", "label_semi_dub", "label_wrong_dub", "used_by")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Policy]:
        return super().get_queryset(request).prefetch_related("scan_settings__connection")

    @admin.display(description="Used by")
    def used_by(self, policy: Policy) -> str:
        return ", ".join(sorted(settings.connection.name for settings in policy.scan_settings.all()))

    @admin.display(description="Target languages")
    def languages(self, policy: Policy) -> str:
        return ", ".join(map(named, policy.target_languages))
