"""Signing in and out, and how pages look: the theme and the language."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from allauth.account import views as account_views
from allauth.core import ratelimit
from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts import first_admin, users
from web.access import user_of
from web.context import THEME_COOKIE, THEMES
from web.forms import FirstAdminForm, errors_at

YEAR = 365 * 24 * 3600


class LoginView(account_views.LoginView):  # type: ignore[misc]
    """The login; where there is nobody yet, the making of the first account."""

    template_name = "web/login.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if first_admin.is_needed():
            return redirect("setup")
        answer: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return answer


sign_out = require_POST(account_views.logout)
"""Sign out; or break off a login of which the second factor is still to come."""


@never_cache
def first_account(request: HttpRequest) -> HttpResponse:
    if not first_admin.is_needed():
        return redirect("home")
    if refused := ratelimit.consume_or_429(request, action="setup"):
        answer: HttpResponse = refused
        return answer
    form = FirstAdminForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with errors_at(form):
            user = first_admin.create(data["token"], data["username"], data["password"])
            login(request, user)
            return redirect("home")
    return render(request, "web/setup.html", {"form": form})


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    return _remember(request, THEME_COOKIE, request.POST.get("theme", ""), THEMES)


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES) and request.user.is_authenticated:
        users.choose_language(user_of(request), chosen)
    return _remember(request, settings.LANGUAGE_COOKIE_NAME, chosen, dict(settings.LANGUAGES))


def _remember(request: HttpRequest, cookie: str, chosen: str, allowed: Collection[str]) -> HttpResponse:
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = resolve_url("home")
    answer = redirect(back)
    if chosen in allowed:
        answer.set_cookie(
            cookie,
            chosen,
            max_age=YEAR,
            path=settings.SESSION_COOKIE_PATH,
            httponly=True,
            samesite="Strict",
        )
    return answer
