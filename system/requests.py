"""A number for each request, in its log lines and its answer; and the level of the logs, kept up to date."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import cast

import structlog
from asgiref.sync import iscoroutinefunction, sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from history import audit

from . import log_level

REFUSED = (401, 403)
_OF_WATCHERS = ("/health/", "/ping")
HEADER = "X-Request-ID"
_GIVEN = re.compile(r"[A-Za-z0-9._-]{8,64}")
log = structlog.get_logger(__name__)

SyncHandler = Callable[[HttpRequest], HttpResponseBase]
AsyncHandler = Callable[[HttpRequest], Awaitable[HttpResponseBase]]


@sync_and_async_middleware
def request_ids(get_response: SyncHandler | AsyncHandler) -> SyncHandler | AsyncHandler:
    """Middleware that gives every request an id: the one that a proxy sent, or a new one.

    The jobs that a request starts are logged with it (`jobs.services.start`), and so it joins what web and
    workers log.
    """
    if iscoroutinefunction(get_response):
        asynchronous = cast(AsyncHandler, get_response)

        async def answer_async(request: HttpRequest) -> HttpResponseBase:
            if not _is_of_watcher(request):
                await sync_to_async(log_level.follow)()
            with _bound(request) as number:
                response = await asynchronous(request)
                _finish(request, response, number)
                if response.status_code in REFUSED:
                    await sync_to_async(_note_refusal)(request, response)
                return response

        return answer_async

    synchronous = cast(SyncHandler, get_response)

    def answer(request: HttpRequest) -> HttpResponseBase:
        if not _is_of_watcher(request):
            log_level.follow()
        with _bound(request) as number:
            response = synchronous(request)
            _finish(request, response, number)
            if response.status_code in REFUSED:
                _note_refusal(request, response)
            return response

    return answer


def _is_of_watcher(request: HttpRequest) -> bool:
    """Whether somebody asks if we live: that must not wait for a database that is away."""
    return request.path_info.startswith(_OF_WATCHERS)


@contextmanager
def _bound(request: HttpRequest) -> Iterator[str]:
    given = request.headers.get(HEADER, "")
    number = given if _GIVEN.fullmatch(given) else uuid.uuid4().hex
    request.META["taggarr.request_id"] = number
    request.META["taggarr.began"] = time.monotonic()
    token = audit.request_now.set(request)
    try:
        with structlog.contextvars.bound_contextvars(request_id=number):
            yield number
    finally:
        audit.request_now.reset(token)


def _finish(request: HttpRequest, response: HttpResponseBase, number: str) -> None:
    response[HEADER] = number
    took_ms = int((time.monotonic() - request.META["taggarr.began"]) * 1000)
    write = log.info if response.status_code >= 500 else log.debug
    write("request", method=request.method, path=request.path, status=response.status_code, took_ms=took_ms)


def _note_refusal(request: HttpRequest, response: HttpResponseBase) -> None:
    audit.note_failure("refused", f"{request.method} {request.path} ({response.status_code})")
