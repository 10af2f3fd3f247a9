"""What all apps' pages in Django's admin share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.errors import TaggarrError

if TYPE_CHECKING:
    from accounts.models import User

admin.site.site_header = admin.site.site_title = "Taggarr"
admin.site.index_title = "Administration"


def actor_of(request: HttpRequest) -> User:
    """Return who acts; the admin lets nobody in who has not signed in."""
    return cast("User", request.user)


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows rows that nobody edits here, and tells what an action came to for each."""

    show_full_result_count = False
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return False

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


class PagedAdmin(ReadOnlyAdmin):
    """Rows that are added and changed on the pages alone: `add_page` and `page` are the names of these.

    So there is one form and one way. Here they are listed, searched, filtered and acted upon.
    """

    add_page: ClassVar[str]
    page: ClassVar[str]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_operate_permission(request)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:  # noqa: ARG002
        if not self.has_add_permission(request):
            raise PermissionDenied
        return redirect(self.add_page)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002
        extra_context: Any = None,  # noqa: ARG002
    ) -> HttpResponse:
        """Lead to the page of a row. Raises Http404 where there is none."""
        row = self.get_object(request, object_id)
        if row is None:
            raise Http404
        return redirect(self.page, row.pk)


class DeletingAdmin(PagedAdmin):
    """The same of rows that can be deleted here too: `delete` is what does it everywhere."""

    delete: Callable[..., None]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:  # noqa: ARG002
        return self.has_operate_permission(request)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:  # noqa: ARG002
        """The rows alone: with them goes what belongs to them, whoever may delete that."""
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Model) -> None:  # noqa: ARG002
        self.delete(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for row in list(queryset):
            self.delete_model(request, row)
