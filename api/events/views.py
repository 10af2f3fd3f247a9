"""`GET /api/v1/events`: what happens now, as server-sent events."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import get_user
from django.db import connection
from django.http import HttpRequest, StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey
from accounts.rights import LOOK, MANAGE, refusal
from api.auth import may
from api.problems import Invalid
from api.resource import Answering
from core import live, refusals
from core.sql import DATABASE_AWAY

from .hub import PER_OWNER, LiveEvent, Seat, hub, position_of, seats

logger = logging.getLogger(__name__)

HEARTBEAT = 15.0
"""Seconds between two signs of life; with each it is checked that the watcher may still watch."""

RETRY_MS = 3000
"""How long a browser waits before it connects again."""

KINDS = ("job", "media", "health", "inbox", "log")
LEVELS = ("debug", "info", "warning", "error", "critical")


class TooManyStreams(exceptions.APIException):
    """Whoever asks has as many streams open as anybody may."""

    status_code = status.HTTP_429_TOO_MANY_REQUESTS
    default_code = "too_many_streams"
    default_detail = f"{PER_OWNER} streams of live events are open already: close one, and ask again."
    wait = 30


class EventStreamRenderer(JSONRenderer):
    """Lets a client that accepts `text/event-stream` alone in; errors come as JSON all the same."""

    media_type = "text/event-stream"
    format = "event-stream"


@dataclass(frozen=True, slots=True)
class Viewer:
    key_id: int | None
    session: str | None
    is_admin: bool
    kinds: frozenset[str]
    level: int

    def wants(self, event: LiveEvent) -> bool:
        """Whether an event is for this viewer: log lines are for admins."""
        if event.kind not in self.kinds:
            return False
        if event.kind != "log":
            return True
        return self.is_admin and _level(event.data.get("level", "")) >= self.level


class Events(Answering):
    """What happens now."""

    renderer_classes = [EventStreamRenderer, JSONRenderer]
    parameters = {"get": ("kind", "level")}

    @extend_schema(
        operation_id="events",
        parameters=[
            OpenApiParameter("kind", str, many=True, enum=KINDS, description="These kinds only; else all."),
            OpenApiParameter(
                "level", str, enum=LEVELS, description="Log lines from this level on; else info."
            ),
            OpenApiParameter(
                "Last-Event-ID",
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="Go on after this event. One that is not kept any more is answered by `reset`.",
            ),
        ],
        responses={
            (200, "text/event-stream"): OpenApiResponse(
                OpenApiTypes.STR,
                description="Events without end; a comment every 15 seconds.",
                examples=[
                    OpenApiExample(
                        "Progress of a job",
                        value='id: 1768478400000-0\nevent: job\ndata: {"id": 7, "state": "running"}\n\n',
                    )
                ],
            ),
            429: OpenApiResponse(description="Too many streams are open."),
        },
    )
    def get(self, request: Request) -> StreamingHttpResponse:
        """Watch what happens now.

        Server-sent events: `job` (state and progress), `media` (a verdict changed), `health` (something got
        wrong, or well again), `inbox` (what waits for a decision changed), `log` (log lines, for admins).
        `reset` says that events were missed: read anew what you show.
        """
        viewer, last_id = _viewer(request), _last_id(request)
        seat = _seat(request)
        # Where this watcher begins is settled before it is answered: what happens from here on is sent.
        begin = "" if last_id else live.newest()
        if not connection.in_atomic_block:
            # The stream stays open for hours: it must not keep a database connection.
            connection.close()
        response = StreamingHttpResponse(
            stream(viewer, last_id, begin, seat), content_type="text/event-stream"
        )
        response["X-Accel-Buffering"] = "no"
        return response


async def stream(
    viewer: Viewer, last_id: str | None, begin: str = "", seat: Seat | None = None
) -> AsyncGenerator[str, None]:
    """Yield the events for a viewer, with heartbeats, until the client goes or may not watch any more.

    Those after `last_id`, where the client knows one; else those after `begin`, the newest there was when it
    asked; else those from now on.
    """
    watcher = None
    if seat is not None:
        seats.begin(seat)
    try:
        watcher = await hub().join()
        # The id is that of no event, but a client that is cut off before its first one goes on from there.
        yield f"retry: {RETRY_MS}\n" + (f"id: {begin}\n\n" if begin else "\n")
        reached = (0, 0)
        if known := last_id or begin:
            missed = await hub().since(known, just_seen=not last_id)
            if missed is None:
                yield "event: reset\ndata: {}\n\n"
            for event in missed or ():
                reached = event.position
                if viewer.wants(event):
                    yield event.written
        async for text in _from_now(viewer, watcher.queue, reached):
            yield text
    finally:
        if watcher is not None:
            hub().leave(watcher)
        if seat is not None:
            seats.leave(seat)


async def _from_now(
    viewer: Viewer, queue: asyncio.Queue[LiveEvent], reached: tuple[int, int]
) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    beat = loop.time() + HEARTBEAT
    while True:
        try:
            async with asyncio.timeout_at(beat):
                event = await queue.get()
        except TimeoutError:
            beat = loop.time() + HEARTBEAT
            if not await sync_to_async(may_watch)(viewer):
                return
            yield ": still here\n\n"
            continue
        if event.kind == live.RIGHTS and not await sync_to_async(may_watch)(viewer):
            return
        if event.position > reached and viewer.wants(event):
            yield event.written


def may_watch(viewer: Viewer) -> bool:
    """Whether the key or session still stands, with the rights that it had."""
    need = MANAGE if viewer.is_admin else LOOK
    try:
        if viewer.key_id is not None:
            key = keys.valid_key(viewer.key_id)
            return key is not None and refusal(need, key.owner, key=key) is None
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(viewer.session)
        return refusal(need, get_user(request)) is None
    except DATABASE_AWAY as error:
        # Whoever watches connects again, and is told 503 until the database is back.
        logger.info("ended a stream of live events: the database is away: %s", error)
        return False
    finally:
        if not connection.in_atomic_block:
            connection.close()


def _viewer(request: Request) -> Viewer:
    kinds = request.query_params.getlist("kind")
    if unknown := set(kinds) - set(KINDS):
        raise Invalid({"kind": [f"There is no kind {sorted(unknown)[0]}: choose {', '.join(KINDS)}."]})
    level = request.query_params.get("level", "info")
    if level not in LEVELS:
        raise Invalid({"level": [f"There is no level {level}: choose {', '.join(LEVELS)}."]})
    key = request.auth if isinstance(request.auth, ApiKey) else None
    return Viewer(
        key_id=key.pk if key else None,
        session=None if key else request.session.session_key,
        is_admin=may(request, MANAGE),
        kinds=frozenset(kinds or KINDS),
        level=_level(level),
    )


def _seat(request: Request) -> Seat:
    key = request.auth if isinstance(request.auth, ApiKey) else None
    seat = seats.take(f"key {key.pk}" if key else f"user {request.user.pk}")
    if seat is None:
        refusals.note("streams", PER_OWNER, key.name if key else request.user.get_username())
        raise TooManyStreams
    return seat


def _last_id(request: Request) -> str | None:
    text = request.headers.get("Last-Event-ID")
    if not text:
        return None
    try:
        position_of(text)
    except ValueError:
        raise Invalid({"Last-Event-ID": ["This is no id of an event: leave the header out."]}) from None
    return str(text)


def _level(name: Any) -> int:
    return logging.getLevelNamesMapping().get(str(name).upper(), 0)
