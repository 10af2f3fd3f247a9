"""Users in Django's admin."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User
from accounts.sessions import sign_in_again, signed_in_recently
from core.admin import PagedAdmin


@admin.register(User)
class UserAdmin(PagedAdmin):
    """Users and their roles."""

    add_page, page = "users", "user"
    list_display = ("username", "role", "is_active", "last_login", "email")
    list_filter = ("role", "is_active")
    search_fields = ("username", "email")
    ordering = ("username",)


# Rights come from the role alone.
admin.site.unregister(Group)
# Second factors, sessions and OIDC identities are their owners' own business, on pages of their own; the OIDC
# client is a setting, and its secret no row.
for _model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)
# Whoever comes in here has come by the login of the pages, with its limits and second factors.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
_admin_view = admin.site.admin_view


def _in_person(view: Callable[..., Any], cacheable: bool = False) -> Callable[..., HttpResponseBase]:
    """A view of Django's admin, where users, keys and channels can be changed too: it asks for a recent
    sign-in.
    """
    guarded = _admin_view(view, cacheable)

    @wraps(guarded)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if admin.site.has_permission(request) and not signed_in_recently(request):
            return sign_in_again(request, back=request.get_full_path())
        return guarded(request, *args, **kwargs)  # type: ignore[no-any-return]

    return answer


admin.site.admin_view = _in_person  # type: ignore[method-assign, assignment]
