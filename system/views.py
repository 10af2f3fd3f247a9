"""Answers about Taggarr itself."""

from __future__ import annotations

import redis
import structlog
from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def ping(_request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: 200 `{"status": "OK"}`, 503 without the database. Needs no key."""
    if not _database():
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
    missing = [name for name, answers in (("database", _database), ("redis", _redis)) if not answers()]
    if missing:
        return JsonResponse({"status": f"{' and '.join(missing)} unavailable"}, status=503)
    return JsonResponse({"status": "OK"})


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("not_ready", error=str(error).splitlines()[0])
        return False
    return True


def _redis() -> bool:
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=2, socket_timeout=2) as server:
            server.ping()
    except (redis.RedisError, ValueError) as error:
        log.warning("not_ready", error=str(error).splitlines()[0])
        return False
    return True
