"""Error pages: 503 in one clear sentence while the database is away or hangs; and no secret on any."""

from __future__ import annotations

import logging
import re
import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils import translation
from django.views import defaults
from django.views.debug import SafeExceptionReporterFilter

from api.problems import MEDIA_TYPE, problem
from core.sql import AWAY_SENTENCE, DATABASE_AWAY, TRY_AGAIN_AFTER
from web.context import theme_of
from web.page_language import is_page

logger = logging.getLogger(__name__)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer for an error that nobody expected; Django calls it while that error is handled."""
    error = sys.exc_info()[1]
    if not isinstance(error, DATABASE_AWAY):
        return defaults.server_error(request)
    logger.warning("%s %s: the database is away: %s", request.method, request.path, error)
    answer = database_is_away(request)
    # That line is enough: Django would log the whole trace, for every request until it is back.
    answer._has_been_logged = True  # type: ignore[attr-defined]
    return answer


def database_is_away(request: HttpRequest) -> HttpResponse:
    """Return the answer of this kind of address: problem details, a line of text, or a page."""
    answer: HttpResponse
    if is_page(request):
        # Who asks is not known now, but which language the browser wants, or got last.
        with translation.override(translation.get_language_from_request(request)):
            answer = HttpResponse(
                loader.get_template("503.html").render({"theme": theme_of(request)}), status=503
            )
    elif request.path_info.startswith("/api/"):
        answer = JsonResponse(problem(503, AWAY_SENTENCE), status=503, content_type=MEDIA_TYPE)
    else:
        answer = HttpResponse(f"{AWAY_SENTENCE}\n", status=503, content_type="text/plain; charset=utf-8")
    answer.headers["Retry-After"] = str(TRY_AGAIN_AFTER)
    answer.headers["Cache-Control"] = "no-store"
    return answer


class SecretsFilter(SafeExceptionReporterFilter):
    """Masks what Django masks, and the addresses of our servers, which hold their passwords."""

    hidden_settings = re.compile(
        f"{SafeExceptionReporterFilter.hidden_settings.pattern}|URL|LOCATION", flags=re.I
    )
