"""Channels and messages in Django's admin: shown, and tested; what changes a channel is its page."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from core.admin import ReadOnlyAdmin
from core.errors import TaggarrError

from .models import Channel, Message
from .services import send_test


@admin.register(Channel)
class ChannelAdmin(ReadOnlyAdmin):
    list_display = ("name", "kind", "enabled", "last_sent_at", "failures", "last_error")
    list_filter = ("kind", "enabled")
    search_fields = ("name",)
    exclude = ("address", "secret")
    actions = ("test",)

    @admin.action(description="Send a test message")
    def test(self, request: HttpRequest, queryset: QuerySet[Channel]) -> None:
        for channel in queryset:
            try:
                answer = send_test(channel)
            except TaggarrError as error:
                self.message_user(request, f"{channel}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{channel}: {answer}", messages.SUCCESS)


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    """What was told; its delivery is a job."""

    list_display = ("created_at", "topic", "title", "connection", "delivery")
    list_filter = ("topic", "connection", "created_at")
    search_fields = ("title", "text")
    list_select_related = ("connection", "delivery")
