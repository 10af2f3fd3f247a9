"""What happens to every request before Django's own middleware sees it, and to every answer after it.

A request gets a number and is refused under a foreign host name; an answer carries what browsers are to know.
"""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port
from django.utils.html import format_html
from django.utils.http import escape_leading_slashes

from core import logs
from core.servers import is_local_name, is_named
from history import audit

from . import log_level

REFUSED = (401, 403)
_OF_WATCHERS = ("/health/", "/ping")
HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
"""What pages may use of the browser: passkeys, and nothing else that asks."""

_STEP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Taggarr</title>
<meta http-equiv="refresh" content="0;url={}"></head><body><p><a href="{}">Taggarr</a></p></body></html>"""

logger = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponseBase]


def around_all(get_response: Handler) -> Handler:
    """Middleware with which all begins and ends.

    The id of a request is the one that a proxy sent, or a new one. The jobs that it starts are logged with it
    (`jobs.services.start`), and so it joins what web and workers log.
    """

    def answer(request: HttpRequest) -> HttpResponseBase:
        # Whoever asks if we live must not wait for a database that is away.
        if not request.path_info.startswith(_OF_WATCHERS):
            log_level.follow()
        with _bound(request):
            response = _early(request) or _for_browsers(request, get_response(request))
            _finish(request, response)
            if response.status_code in REFUSED:
                _note_refusal(request, response)
            return response

    return answer


def _early(request: HttpRequest) -> HttpResponseBase | None:
    if _is_foreign(request):
        return HttpResponse(
            "Taggarr does not answer to this host name: add it to TAGGARR_ALLOWED_HOSTS.\n",
            status=400,
            content_type="text/plain; charset=utf-8",
        )
    step = _step_in(request)
    return _for_browsers(request, step) if step else None


def _is_foreign(request: HttpRequest) -> bool:
    """Whether the host name is neither local nor named in TAGGARR_ALLOWED_HOSTS."""
    try:
        host, _port = split_domain_port(request.get_host())
    except DisallowedHost:  # not a host name at all
        return True
    return not host or not (is_local_name(host) or is_named(host, settings.TAGGARR_HOSTS))


def _for_browsers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Limit what pages may do, and mark cookies Secure where they came over TLS."""
    response.headers.setdefault("Permissions-Policy", PERMISSIONS)
    if request.is_secure():
        for cookie in response.cookies.values():
            cookie["secure"] = True
    return response


def _step_in(request: HttpRequest) -> HttpResponse | None:
    """A page that opens the same address again, for whom a link of another site has brought here.

    Browsers do not send a SameSite=Strict cookie along with such a link, so its visitor would look signed
    out, and a login at an OIDC provider could not come back. The second request comes from our own page. It
    can only be a GET, which changes nothing.
    """
    comes_over = (
        request.method == "GET"
        and request.headers.get("Sec-Fetch-Site") == "cross-site"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
        and request.headers.get("Sec-Fetch-Dest") == "document"
        and settings.SESSION_COOKIE_NAME not in request.COOKIES
    )
    if not comes_over or request.path_info.startswith("/api/"):
        return None
    # Two slashes at the front would name another host.
    here = escape_leading_slashes(request.get_full_path())
    answer = HttpResponse(format_html(_STEP, here, here))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    return answer


@contextmanager
def _bound(request: HttpRequest) -> Iterator[None]:
    given = request.headers.get(HEADER, "")
    number = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    request.META["taggarr.request_id"] = number
    request.META["taggarr.began"] = time.monotonic()
    token = audit.request_now.set(request)
    try:
        with logs.bound(request_id=number):
            yield
    finally:
        audit.request_now.reset(token)


def _finish(request: HttpRequest, response: HttpResponseBase) -> None:
    response[HEADER] = request.META["taggarr.request_id"]
    took_ms = int((time.monotonic() - request.META["taggarr.began"]) * 1000)
    level = logging.INFO if response.status_code >= 500 else logging.DEBUG
    told = (request.method, request.path, response.status_code)
    logger.log(level, "%s %s answered %d", *told, extra={"took_ms": took_ms})


def _note_refusal(request: HttpRequest, response: HttpResponseBase) -> None:
    audit.note_failure("refused", f"{request.method} {request.path} ({response.status_code})")
