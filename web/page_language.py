"""The language of the pages: the user's, else the browser's. What programs read is in English."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation

# The API, and the addresses that watchers ask: they answer without the database too.
_OF_PROGRAMS = ("/api/", "/health/", "/metrics", "/ping")


def chosen_by(request: HttpRequest) -> str:
    language = str(getattr(request.user, "language", ""))
    return language if language in dict(settings.LANGUAGES) else ""


class PageLanguage(LocaleMiddleware):
    """Django's own, but the choice of the user goes before what the browser remembers or asks for."""

    def process_request(self, request: HttpRequest) -> None:
        if not is_page(request):
            translation.activate(settings.LANGUAGE_CODE)
        elif language := chosen_by(request):
            translation.activate(language)
            request.LANGUAGE_CODE = language
        else:
            super().process_request(request)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say in which language a page is; what this thread does next is in English again."""
        answer = super().process_response(request, response) if is_page(request) else response
        translation.activate(settings.LANGUAGE_CODE)
        return answer


def is_page(request: HttpRequest) -> bool:
    """Whether people look at what is answered, and not programs."""
    return not request.path_info.startswith(_OF_PROGRAMS)
