"""The page of one's own sessions."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.sessions import end_sessions, sessions_of
from core.numbers import number_in


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
    found = [(one, one.session_key == here) for one in sessions_of(user)]
    return render(request, "account/sessions.html", {"sessions": found})
