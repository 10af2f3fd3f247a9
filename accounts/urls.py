"""The pages of one's own account, below /account/. The login itself is one of the other pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as account
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import include, path, re_path
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.generic import RedirectView

from accounts.models import User
from accounts.sessions import browser_of, end_sessions, sessions_of
from core.numbers import number_in


def by_mail(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a view that is there only where there is a mail server."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not settings.MAIL:
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def sessions(request: HttpRequest) -> HttpResponse:
    user = request.user
    assert isinstance(user, User)  # noqa: S101  (login_required sees to it)
    if request.method == "POST":
        chosen = request.POST.get("session", "")
        only = number_in(chosen)
        if chosen and only is None:
            return redirect("account_sessions")
        ended = end_sessions(user, keep=request.session.session_key, only=only)
        if ended:
            told = ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended)
            messages.success(request, told % {"count": ended})
        else:
            messages.info(request, _("That session had already ended."))
        return redirect("account_sessions")
    here = request.session.session_key
    found = [(one, browser_of(one.user_agent), one.session_key == here) for one in sessions_of(user)]
    return render(request, "account/sessions.html", {"sessions": found})


urlpatterns = [
    # The names under which allauth looks for the two pages that stand among the others.
    path("login/", RedirectView.as_view(pattern_name="login", query_string=True), name="account_login"),
    path("logout/", require_POST(account.logout), name="account_logout"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", by_mail(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", by_mail(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        by_mail(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        by_mail(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("sessions/", sessions, name="account_sessions"),
    path("2fa/", include("allauth.mfa.urls")),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("connections/", include("allauth.socialaccount.urls")),
]
