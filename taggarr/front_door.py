"""Django behind its front door, as the settings say: what the web server serves."""

from __future__ import annotations

from functools import partial
from io import BytesIO
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest

from core import refusals
from taggarr.front import PER_ADDRESS, FrontDoor, Patience, Scope, Send
from taggarr.pool import TIMEOUT


def front_door() -> FrontDoor:
    django: Any = get_asgi_application()
    # It imports models, which may be done only now.
    from api.uploads import allowance
    from system.views import database_answers

    there = sync_to_async(database_answers, thread_sensitive=False)
    return FrontDoor(
        Patience(django, seconds=TIMEOUT, is_there=there, excuse=_say_that_it_hangs),
        proxies=settings.TRUSTED_PROXIES,
        base_path=settings.BASE_PATH,
        identity_header=settings.FORWARD_AUTH_HEADER,
        uploads=allowance,
        told=partial(refusals.note, "requests", PER_ADDRESS),
    )


async def _say_that_it_hangs(scope: Scope, send: Send) -> None:
    from taggarr.error_pages import database_is_away

    answer = database_is_away(ASGIRequest(dict(scope), BytesIO()))
    headers = [(name.lower().encode(), value.encode()) for name, value in answer.items()]
    await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": answer.content})
