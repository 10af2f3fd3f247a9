"""Django behind its front door, as the settings say: what the web server serves."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

import django
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler, ASGIRequest
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from core import refusals
from taggarr.front import PER_ADDRESS, FrontDoor, Patience, Scope, Send
from taggarr.pool import TIMEOUT


class OneThread(ASGIHandler):
    """Django's handler, but a request stays in one thread from the first middleware to the view and back.

    Its own goes to another thread and back for most of the middleware: that took three quarters of the time
    in which a hook is accepted. What is streamed is read as before.
    """

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: ARG002
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)


def front_door() -> FrontDoor:
    django.setup(set_prefix=False)
    handler: Any = OneThread()
    # It imports models, which may be done only now.
    from api.uploads import addresses, allowance
    from system.views import database_answers

    there = sync_to_async(database_answers, thread_sensitive=False)
    return FrontDoor(
        Patience(handler, seconds=TIMEOUT, is_there=there, excuse=_say_that_it_hangs),
        proxies=settings.TRUSTED_PROXIES,
        base_path=settings.BASE_PATH,
        identity_header=settings.FORWARD_AUTH_HEADER,
        takes_files=tuple(addresses()),
        uploads=allowance,
        told=partial(refusals.note, "requests", PER_ADDRESS),
    )


async def _say_that_it_hangs(scope: Scope, send: Send) -> None:
    from taggarr.error_pages import database_is_away

    answer = database_is_away(ASGIRequest(dict(scope), BytesIO()))
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
