"""Every error as problem details (RFC 9457), field errors included."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.errors import ApiError, ConfigError, StorageError
from core.sql import AWAY_SENTENCE, DATABASE_AWAY, TRY_AGAIN_AFTER

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
CHECK_INPUT = "The request holds something that cannot be accepted: see errors."
UNEXPECTED = "Something went wrong here that is not your fault: the log tells more."


class Conflict(exceptions.APIException):
    """What is asked for does not go together with what is there now. `members` are added to the problem."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "conflict"

    def __init__(self, detail: str, **members: Any) -> None:
        super().__init__(detail)
        self.members = members


class Changed(exceptions.APIException):
    """What is to be changed is no longer what the caller read."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_code = "changed"
    default_detail = "It has been changed since you read it: read it again, then change that."


class Invalid(exceptions.ValidationError):
    """The input cannot be accepted (422, not the framework's 400: the request itself is well-formed)."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY


class TooLarge(exceptions.APIException):
    """The body of the request is larger than is taken."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"

    def __init__(self, most: int) -> None:
        super().__init__(f"The request is larger than {most} bytes, which is the most that is taken.")


class Unavailable(exceptions.APIException):
    """A disk or a folder that is needed cannot be used now."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"


class DatabaseAway(Unavailable):
    """The database does not answer now."""

    default_detail = AWAY_SENTENCE
    wait = TRY_AGAIN_AFTER


def respond(error: Exception, context: dict[str, Any]) -> Response:
    """Return the answer to an error that left a view; the framework's exception handler.

    An error that nobody expected is logged with its trace, and answered without it.
    """
    told = _as_api_error(error)
    if told is None:
        request = context["request"]
        logger.error("unexpected error in %s %s", request.method, request.path, exc_info=error)
        told = exceptions.APIException(UNEXPECTED)
    set_rollback()
    code = status.HTTP_422_UNPROCESSABLE_ENTITY if _is_invalid(told) else told.status_code
    errors = list(_field_errors(told.detail)) if _is_invalid(told) else []
    detail = CHECK_INPUT if errors else str(told.detail)
    if len(errors) == 1:
        detail = errors[0]["message"]
    body = problem(code, detail, errors=errors, **getattr(told, "members", {}))
    return Response(body, status=code, headers=_headers(told), content_type=MEDIA_TYPE)


def problem(
    code: int, detail: str, *, errors: list[dict[str, str]] | None = None, **members: Any
) -> dict[str, Any]:
    body: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(code).phrase, "status": code}
    return {**body, "detail": detail, **({"errors": errors} if errors else {}), **members}


@csrf_exempt
def not_found(request: HttpRequest) -> JsonResponse:
    body = problem(404, f"There is nothing at {request.path}: /api/v1/docs/ lists what there is.")
    return JsonResponse(body, status=404, content_type=MEDIA_TYPE)


def _as_api_error(error: Exception) -> exceptions.APIException | None:
    told: exceptions.APIException | None = None
    match error:
        case exceptions.APIException():
            told = error
        case Http404():
            told = exceptions.NotFound("There is no such thing, or no longer.")
        case PermissionDenied():
            told = exceptions.PermissionDenied()
        case ProtectedError():
            told = Conflict("It is still in use: see what uses it, and change that first.")
        case _ if isinstance(error, DATABASE_AWAY):
            logger.warning("the database is away: %s", error)
            told = DatabaseAway()
        case StorageError():
            told = Unavailable(str(error))
        case ConfigError() | ApiError():
            field = getattr(error, "field", "")
            told = Invalid({field: [str(error)]} if field else [str(error)])
    return told


def _is_invalid(error: exceptions.APIException) -> bool:
    return isinstance(error, exceptions.ValidationError)


def _field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """Every message of a validation error with its field, such as `labels.dub` or `items.0.url`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = path if name == "non_field_errors" else f"{path}.{name}".lstrip(".")
            yield from _field_errors(inner, own)
    elif isinstance(detail, list):
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _field_errors(inner, f"{path}.{position}".lstrip(".") if nested else path)
    else:
        yield {"field": path, "message": str(detail)}


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    return headers
