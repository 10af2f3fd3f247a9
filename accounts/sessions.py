"""The sessions of a user: who is signed in from where and since when, and ending that."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import BACKEND_SESSION_KEY, update_session_auth_hash
from django.contrib.sessions.models import Session
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import get_script_prefix, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.forward_auth import BACKEND as BY_PROXY
from accounts.forward_auth import named_by_proxy
from accounts.models import User
from core import live
from core.words import Phrase
from history import audit

_BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "SamsungBrowser/": "Samsung Internet",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
_SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "CrOS": "ChromeOS",
    "Mac OS X": "macOS",
    "Linux": "Linux",
}
"""By what tells them in a User-Agent, the first that does: later ones pretend to be those before them."""

SIGNED_IN_AT = "signed_in_at"
"""When somebody last showed who they are, in seconds of Unix time."""


def note_session(sender: Any, request: HttpRequest | None = None, **_: Any) -> None:  # noqa: ARG001
    """Remember from where and when somebody signed in. A receiver of Django's signal, so every way in counts.

    But a proxy's header comes with every request: that is no sign that somebody has just typed something.
    """
    if request is None:
        return
    if request.session.get(BACKEND_SESSION_KEY) != BY_PROXY:
        # An OIDC provider may tell that the sign-in there was longer ago.
        request.session[SIGNED_IN_AT] = min(time.time(), getattr(request, SIGNED_IN_AT, time.time()))
    if hasattr(request, "user") and "REMOTE_ADDR" in request.META:
        UserSession.objects.create_from_request(request)


def note_again(sender: Any, request: HttpRequest, *, reauthenticated: bool = False, **_: Any) -> None:  # noqa: ARG001
    """Remember that somebody gave a password or second factor anew. A receiver of allauth's signal."""
    if reauthenticated and request.user.is_authenticated:
        request.session[SIGNED_IN_AT] = time.time()


def signed_in_recently(request: Any) -> bool:
    """Whether whoever is signed in showed who they are within the last 15 minutes.

    Of somebody whom a proxy signs in, and who has neither password nor second factor here, there is nothing
    more to be had: the proxy's word for this very request counts.
    """
    age = time.time() - request.session.get(SIGNED_IN_AT, 0.0)
    if 0 <= age < settings.ACCOUNT_REAUTHENTICATION_TIMEOUT:
        return True
    return named_by_proxy(request) == request.user and not get_adapter().get_reauthentication_methods(
        request.user
    )


def sign_in_again(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """Send somebody to sign in once more, and then `back`: to the page they asked for, or came from."""
    back = back or _page_before(request)
    if request.method == "POST":
        messages.info(request, _("Nothing has been changed yet: sign in once more, then try again."))
    address = f"{reverse('account_reauthenticate')}?{urlencode({'next': back}, safe='/')}"
    if request.headers.get("HX-Request"):
        # A part of a page asks: the whole page goes there.
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def keep_signed_in(request: HttpRequest, user: User) -> None:
    """After a change of password: end every session of the user but this one."""
    update_session_auth_hash(request, user)
    UserSession.objects.create_from_request(request)


def sessions_of(user: User) -> list[UserSession]:
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda one: one.created_at, reverse=True)


def browser_of(agent: str) -> str:
    """What a User-Agent calls itself, in a person's words; as it came where it is none of the usual ones."""
    names = (
        next((name for sign, name in known.items() if sign in agent), "") for known in (_BROWSERS, _SYSTEMS)
    )
    browser, system = names
    if not browser:
        return agent
    return _("%(browser)s on %(system)s") % {"browser": browser, "system": system} if system else browser


def delete_ended() -> int:
    standing = Session.objects.filter(expire_date__gt=Now()).values("session_key")
    deleted: int = UserSession.objects.exclude(session_key__in=standing).delete()[0]
    return deleted


def end_sessions(user: User, *, keep: str | None, only: int | None = None) -> int:
    """End the session `only` of a user, or all of them; never that with the key `keep`. Return how many."""
    chosen = UserSession.objects.filter(user_id=user.pk).exclude(session_key=keep or "")
    if only is not None:
        chosen = chosen.filter(pk=only)
    ended: list[UserSession] = list(chosen)
    for session in ended:
        session.end()
    if ended:
        audit.note(
            "ended sessions", kind="session", target=Phrase("sessions.ended", number=len(ended), user=user)
        )
        live.rights_changed()
    return len(ended)


def follow_rights(
    sender: Any,  # noqa: ARG001
    instance: User,
    created: bool,
    update_fields: frozenset[str] | None = None,
    **_: Any,
) -> None:
    """After a user was saved: end all sessions of who may not sign in; have open streams look again.

    A receiver of Django's signal: whoever changes a user, it holds.
    """
    if created or set(update_fields or ()) == {"last_login"}:
        return
    if not instance.is_active:
        end_sessions(instance, keep=None)
    live.rights_changed()


def _page_before(request: HttpRequest) -> str:
    """The page whose form was sent, the front page where the browser does not say."""
    given = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(given, {request.get_host()}):
        return get_script_prefix()
    parts = urlsplit(given)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
