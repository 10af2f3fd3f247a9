"""What all apps' pages in Django's admin share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from core.errors import TaggarrError

if TYPE_CHECKING:
    from accounts.models import User

admin.site.site_header = admin.site.site_title = "Taggarr"
admin.site.index_title = "Administration"


def actor_of(request: HttpRequest) -> User:
    """Return who acts; the admin lets nobody in who has not signed in."""
    return cast("User", request.user)


class ActingAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tells what an action came to, for each row it was asked for."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        """Whether somebody may act on rows that they cannot edit."""
        return actor_of(request).is_superuser

    def each(self, request: HttpRequest, queryset: QuerySet[Any], act: Callable[[Any], str]) -> None:
        """Do something with every chosen row and say what came of it, in one line each."""
        for row in queryset:
            try:
                self.message_user(request, f"{row}: {act(row)}", messages.SUCCESS)
            except TaggarrError as error:
                named = str(row) in str(error)
                self.message_user(request, str(error) if named else f"{row}: {error}", messages.ERROR)


class ReadOnlyAdmin(ActingAdmin):
    """Shows rows that nobody edits here."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False
