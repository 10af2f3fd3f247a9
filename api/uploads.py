"""Who may send a large body: asked by headers alone, before any of it is taken."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
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
from accounts.rights import MANAGE, refusal
from core.sql import DATABASE_AWAY
from system.backup.services import LARGEST_UPLOAD

from .auth import KeyAuthentication, may

logger = logging.getLogger(__name__)


async def allowance(scope: MutableMapping[str, Any]) -> int:
    """How many bytes whoever makes this ASGI request may send beyond the usual: none but for admins."""
    return await sync_to_async(_allowance)(scope)


def _allowance(scope: MutableMapping[str, Any]) -> int:
    request = ASGIRequest(dict(scope), BytesIO())
    try:
        return LARGEST_UPLOAD if _is_from_admin(request) else 0
    except DATABASE_AWAY as error:
        logger.warning("nobody can be told from an admin now: %s", error)
        return 0
    finally:
        connection.close()


def _is_from_admin(request: ASGIRequest) -> bool:
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    try:
        by_key = KeyAuthentication().authenticate(Request(request))
    except AuthenticationFailed:
        return False
    if by_key:
        found, known = Request(request), by_key
        found.user, found.auth = known
        return may(found, MANAGE)
    user = named_by_proxy(request) or get_user(request)
    return refusal(MANAGE, user) is None
