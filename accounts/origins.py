"""Where somebody who signs in comes from: whence a name signed in before, its guesses are counted apart.

Five wrong passwords for one name, from wherever, close that name for five minutes. Without this, whoever
keeps guessing would keep its owner out as well.
"""

from __future__ import annotations

import secrets

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

COOKIE = "taggarr_known"
SALT = "accounts.origins"
YEAR = 365 * 24 * 3600
MOST_NAMES = 8
"""So many people may use one browser."""


def budget(request: HttpRequest, name: str) -> str:
    """Return with whom the wrong guesses of this request for `name` are counted together.

    A browser in which this name signed in, an address at which it is signed in now; "" for all others. The
    database is asked the same for every name: time does not tell which accounts exist.
    """
    browser, names = _cookie(request)
    address = get_adapter().get_client_ip(request)
    at_address = UserSession.objects.filter(user__username__iexact=name, ip=address).exists()
    if _digest(name) in names:
        return f"browser {browser}"
    return f"address {address}" if at_address else ""


def remember(request: HttpRequest, response: HttpResponse, name: str) -> None:
    """Let the browser keep, signed by us, that this name has signed in with it."""
    browser, names = _cookie(request)
    kept = [_digest(name), *(one for one in names if one != _digest(name))][:MOST_NAMES]
    response.set_signed_cookie(
        COOKIE,
        ".".join([browser or secrets.token_hex(8), *kept]),
        salt=SALT,
        max_age=YEAR,
        path=settings.SESSION_COOKIE_PATH,
        httponly=True,
        samesite="Strict",
    )


def _cookie(request: HttpRequest) -> tuple[str, list[str]]:
    """The browser's own id and the digests of the names it knows; nothing where we did not write it."""
    value = request.get_signed_cookie(COOKIE, "", salt=SALT, max_age=YEAR) or ""
    browser, *names = value.split(".")
    return browser, names


def _digest(name: str) -> str:
    """A name that nobody else who uses the browser reads in its cookie."""
    return salted_hmac(SALT, name.strip().lower(), algorithm="sha256").hexdigest()[:32]
