"""Which host names the web server answers to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import cast

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.request import split_domain_port
from django.utils.decorators import sync_and_async_middleware

from core.servers import is_local_name, is_named

SyncHandler = Callable[[HttpRequest], HttpResponseBase]
AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


def refusal(request: HttpRequest) -> HttpResponse | None:
    """A 400 answer for a host name that is neither local nor named in TAGGARR_ALLOWED_HOSTS, else None."""
    try:
        host, _port = split_domain_port(request.get_host())
    except DisallowedHost:  # not a host name at all
        host = ""
    if host and (is_local_name(host) or is_named(host, settings.TAGGARR_HOSTS)):
        return None
    return HttpResponse(
        "Taggarr does not answer to this host name: add it to TAGGARR_ALLOWED_HOSTS.\n",
        status=400,
        content_type="text/plain; charset=utf-8",
    )


@sync_and_async_middleware
def host_check(get_response: SyncHandler | AsyncHandler) -> SyncHandler | AsyncHandler:
    """Middleware that refuses foreign host names before anything else looks at the request."""
    if iscoroutinefunction(get_response):
        asynchronous = cast(AsyncHandler, get_response)

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            return refusal(request) or await asynchronous(request)

        return answer_async

    synchronous = cast(SyncHandler, get_response)

    def answer(request: HttpRequest) -> HttpResponseBase:
        return refusal(request) or synchronous(request)

    return answer
