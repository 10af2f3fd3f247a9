"""Who may open a page: every view of this app is one of the kinds made here."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.rights import ADD, IN_PERSON, LOOK, MANAGE, OWN, Need, Refusal, refusal
from accounts.sessions import sign_in_again, signed_in_recently
from system.health import forget_issues

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def page(view: View[P]) -> View[P]:
    """Make a view that shows something to everybody who is signed in."""
    return _guarded(view, ("GET", "HEAD"), LOOK)


def picture(view: View[P]) -> View[P]:
    """Make a view of a picture for everybody who is signed in; it says itself how long it may be kept."""
    guarded: Any = require_http_methods(("GET", "HEAD"))(_letting_in(view, LOOK))
    return guarded  # type: ignore[no-any-return]


def admin_page(view: View[P]) -> View[P]:
    """Make a view with a form, for admins: shown by GET, taken by POST."""
    return _guarded(view, ("GET", "HEAD", "POST"), MANAGE)


def action(view: View[P]) -> View[P]:
    """Make a view that changes something when an admin posts to it."""
    return _guarded(view, ("POST",), MANAGE)


def own_action(view: View[P]) -> View[P]:
    """Make a view that changes what is the visitor's own when they post to it, whoever they are."""
    return _guarded(view, ("POST",), OWN)


def member_page(view: View[P]) -> View[P]:
    """Make a view for who may add things: shown by GET, and taken by POST where it has a form."""
    return _guarded(view, ("GET", "HEAD", "POST"), ADD)


def member_action(view: View[P]) -> View[P]:
    """Make a view that changes something when somebody posts to it who may add things."""
    return _guarded(view, ("POST",), ADD)


def personal_page(view: View[P]) -> View[P]:
    """Make a view with a form, for an admin who has signed in a moment ago."""
    return _guarded(view, ("GET", "HEAD", "POST"), IN_PERSON)


def personal_action(view: View[P]) -> View[P]:
    """Make a view that changes something when an admin who has signed in a moment ago posts to it."""
    return _guarded(view, ("POST",), IN_PERSON)


def download(view: View[P]) -> View[P]:
    """Make a view that sends a file to an admin who has signed in a moment ago: as it is, neither kept on the
    way nor compressed.
    """
    guarded: Any = never_cache(require_http_methods(("GET", "HEAD"))(_letting_in(view, IN_PERSON)))
    return guarded  # type: ignore[no-any-return]


def member_download(view: View[P]) -> View[P]:
    """Make a view that sends a file to who may add things, as `download` does."""
    guarded: Any = never_cache(require_http_methods(("GET", "HEAD"))(_letting_in(view, ADD)))
    return guarded  # type: ignore[no-any-return]


def user_of(request: HttpRequest) -> User:
    """Return who is signed in; for views of this module's kinds only."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("this view lets in people who are not signed in")
    return user


def looker_download(view: View[P]) -> View[P]:
    """Make a view that sends a file to everybody who is signed in, as `download` does."""
    guarded: Any = never_cache(require_http_methods(("GET", "HEAD"))(_letting_in(view, LOOK)))
    return guarded  # type: ignore[no-any-return]


def _guarded(view: View[P], methods: tuple[str, ...], need: Need) -> View[P]:
    # Pages hold a masked CSRF token and are padded at random, which is what compression over TLS needs.
    inner = _letting_in(view, need, shown="GET" in methods)
    guarded: Any = gzip_page(never_cache(require_http_methods(methods)(inner)))
    return guarded  # type: ignore[no-any-return]


def _letting_in(view: View[P], need: Need, *, shown: bool = True) -> Any:
    """Return the view with who may not see it kept out; `shown` says that it is a page to come back to."""

    @wraps(view)
    def answer(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        recent = need.in_person and request.user.is_authenticated and signed_in_recently(request)
        match refusal(need, request.user, recent=recent):
            case None:
                told = view(request, *args, **kwargs)
                if request.method == "POST":
                    forget_issues()
                return told
            case Refusal.STRANGER:
                return _to_login(request)
            case Refusal.OLD_SIGN_IN:
                return sign_in_again(request, back=request.get_full_path() if shown else "")
            case _:
                return render(request, "web/forbidden.html", status=403)

    return answer


def _to_login(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        # A part of a page asks: the whole page goes to the login.
        return HttpResponse(status=204, headers={"HX-Redirect": resolve_url(settings.LOGIN_URL)})
    return redirect_to_login(request.get_full_path())
