"""Answers about Taggarr itself."""

from __future__ import annotations

import logging

import psycopg
import redis
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.redis_server import connect_redis

PATIENCE = 2
"""Seconds that a server has to answer whether it is there."""

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def ping(_request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: 200 `{"status": "OK"}`, 503 without the database. Needs no key."""
    if not database_answers():
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "OK"})


@never_cache
@require_safe
def live(_request: HttpRequest) -> JsonResponse:
    """Whether this process answers: 200, whatever else is wrong. For restarts by an orchestrator."""
    return JsonResponse({"status": "OK"})


@never_cache
@require_safe
def ready(_request: HttpRequest) -> JsonResponse:
    """Whether work can be taken: 200, or 503 and what is missing. For load balancers. Needs no key."""
    missing = [name for name, answers in (("database", database_answers), ("redis", _redis)) if not answers()]
    if missing:
        return JsonResponse({"status": f"{' and '.join(missing)} unavailable"}, status=503)
    return JsonResponse({"status": "OK"})


def database_answers() -> bool:
    """Whether the database answers within `PATIENCE` seconds.

    By a connection of its own: one of the pool hangs for as long as a database does that hangs.
    """
    try:
        psycopg.connect(**{**connection.get_connection_params(), "connect_timeout": PATIENCE}).close()
    except psycopg.Error as error:
        logger.warning("not ready: %s", str(error).splitlines()[0])
        return False
    return True


def _redis() -> bool:
    try:
        with connect_redis(PATIENCE) as server:
            server.ping()
    except (redis.RedisError, ValueError) as error:
        logger.warning("not ready: %s", str(error).splitlines()[0])
        return False
    return True
