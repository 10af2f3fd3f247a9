"""Who may send a large body: asked by headers alone, before any of it is taken."""

from __future__ import annotations

import logging
from collections.abc import Mapping, MutableMapping
from functools import cache
from io import BytesIO
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpResponse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.forward_auth import named_by_proxy
from accounts.rights import Allowance, Allowances, refusal
from core.features import brought
from core.sql import DATABASE_AWAY

from .auth import KeyAuthentication, may

logger = logging.getLogger(__name__)


@cache
def addresses() -> Mapping[str, Allowance]:
    """How the addresses end that take large files, of features that are off too."""
    found = (allowances for _, allowances in brought(Allowances, also_off=True))
    return {end: one for allowances in found for end, one in allowances.addresses.items()}


async def allowance(scope: MutableMapping[str, Any]) -> int:
    """How many bytes whoever makes this ASGI request may send beyond the usual."""
    return await sync_to_async(_allowance)(scope)


def _allowance(scope: MutableMapping[str, Any]) -> int:
    given = next((one for end, one in addresses().items() if scope["path"].endswith(end)), None)
    request = ASGIRequest(dict(scope), BytesIO())
    try:
        return _of_sender(request, given) if given else 0
    except DATABASE_AWAY as error:
        logger.warning("nobody can be told from an admin now: %s", error)
        return 0
    finally:
        connection.close()


def _of_sender(request: ASGIRequest, given: Allowance) -> int:
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    try:
        by_key = KeyAuthentication().authenticate(Request(request))
    except AuthenticationFailed:
        return 0
    if by_key:
        found, known = Request(request), by_key
        found.user, found.auth = known
        return given.of(known[0]) if may(found, given.need) else 0
    user: Any = named_by_proxy(request) or get_user(request)
    return given.of(user) if refusal(given.need, user) is None else 0
