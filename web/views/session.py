"""Signing in and out, and the theme."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import views as auth_views
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts import first_admin
from web.context import THEME_COOKIE, THEMES

YEAR = 365 * 24 * 3600


class LoginView(auth_views.LoginView):
    """The login; where there is nobody yet, the making of the first account."""

    template_name = "web/login.html"
    redirect_authenticated_user = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send the first visitor to the set-up."""
        if first_admin.is_needed():
            return redirect("setup")
        return super().dispatch(request, *args, **kwargs)


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Remember the theme for this browser and go back to the page."""
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    answer = redirect(back)
    theme = request.POST.get("theme", "")
    if theme in THEMES:
        answer.set_cookie(
            THEME_COOKIE, theme, max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure()
        )
    return answer
