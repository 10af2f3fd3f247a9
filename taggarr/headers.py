"""What every answer carries for the browser's sake, and a way back in for links from other sites."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import sync_and_async_middleware
from django.utils.html import format_html
from django.utils.http import escape_leading_slashes

SyncHandler = Callable[[HttpRequest], HttpResponseBase]
AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]

PERMISSIONS = (
    "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), "
    "microphone=(), midi=(), payment=(), usb=(), "
    "publickey-credentials-create=(self), publickey-credentials-get=(self)"
)
"""What pages may use of the browser: passkeys, and nothing else that asks."""

_STEP = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Taggarr</title>
<meta http-equiv="refresh" content="0;url={}"></head><body><p><a href="{}">Taggarr</a></p></body></html>"""


@sync_and_async_middleware
def browser_headers(get_response: SyncHandler | AsyncHandler) -> SyncHandler | AsyncHandler:
    """Middleware that limits what pages may do, and marks cookies Secure where they came over TLS."""
    if iscoroutinefunction(get_response):
        asynchronous = cast(AsyncHandler, get_response)

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return _finish(request, _step_in(request) or await asynchronous(request))

        return answer_async

    synchronous = cast(SyncHandler, get_response)

    def answer(request: HttpRequest) -> HttpResponseBase:
        return _finish(request, _step_in(request) or synchronous(request))

    return answer


def _finish(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
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
