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
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.contrib.auth.forms import UserChangeForm as DjangoUserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import Role, User
from accounts.sessions import sign_in_again, signed_in_recently


class UserAddForm(AdminUserCreationForm):  # type: ignore[type-arg]
    class Meta(AdminUserCreationForm.Meta):
        model = User
        fields = ("username", "role")


class UserChangeForm(DjangoUserChangeForm):  # type: ignore[type-arg]
    """A user's data. `is_self` says that a person edits their own."""

    is_self = False

    class Meta(DjangoUserChangeForm.Meta):
        model = User
        fields = "__all__"

    def clean(self) -> dict[str, Any]:
        """Refuse that admins shut themselves out: so there is always one left."""
        data = super().clean() or self.cleaned_data
        if self.is_self and (data.get("role") != Role.ADMIN or not data.get("is_active")):
            raise ValidationError("You cannot take away your own rights: ask another admin.")
        return data


@admin.register(User)
class UserAdmin(DjangoUserAdmin):  # type: ignore[type-arg]
    """Users and their roles; Django's own flags follow the role."""

    form = UserChangeForm
    add_form = UserAddForm
    list_display = ("username", "role", "is_active", "last_login", "email")
    list_filter = ("role", "is_active")
    search_fields = ("username", "email")
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("username", "password", "role", "is_active")}),
        ("About", {"fields": ("first_name", "last_name", "email")}),
        ("Times", {"fields": ("last_login", "date_joined")}),
    )
    readonly_fields = ("last_login", "date_joined")
    add_fieldsets = ((None, {"fields": ("username", "usable_password", "password1", "password2", "role")}),)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[Any]:
        form: type[Any] = super().get_form(request, obj, change=change, **kwargs)
        own = obj is not None and obj.pk == request.user.pk
        return type(form.__name__, (form,), {"is_self": own}) if own else form

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or obj.pk != request.user.pk)


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
