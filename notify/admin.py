"""Channels in Django's admin. The form of a channel is on the pages."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import DeletingAdmin

from .models import Channel
from .services import delete_channel, send_test


@admin.register(Channel)
class ChannelAdmin(DeletingAdmin):
    add_page, page = "channel_add", "channel"
    delete = staticmethod(delete_channel)
    list_display = ("name", "kind", "enabled", "last_sent_at", "failures", "last_error")
    list_filter = ("kind", "enabled")
    search_fields = ("name",)
    actions = ("test",)

    @admin.action(description="Send a test message", permissions=["operate"])
    def test(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        self.each(request, queryset, send_test)
