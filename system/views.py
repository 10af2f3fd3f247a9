"""Answers about Taggarr itself."""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

log = structlog.get_logger(__name__)


@never_cache
@require_safe
def ping(_request: HttpRequest) -> JsonResponse:
    """Whether requests can be served: 200 `{"status": "OK"}`, 503 without the database. Needs no key."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("ping_failed", error=str(error).splitlines()[0])
        return JsonResponse({"status": "database unavailable"}, status=503)
    return JsonResponse({"status": "OK"})
