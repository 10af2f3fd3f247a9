"""The language of the pages: chosen by the visitor, else as the browser asks; the API speaks English."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class PageLanguage(LocaleMiddleware):
    """Django's own, for pages. Programs that call the API are not to get another text by who calls."""

    def process_request(self, request: HttpRequest) -> None:
        """Set the language in which a request is answered."""
        if _is_page(request):
            super().process_request(request)
        else:
            translation.activate(settings.LANGUAGE_CODE)

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say in which language a page is; what this thread does next is in English again."""
        answer = super().process_response(request, response) if _is_page(request) else response
        translation.activate(settings.LANGUAGE_CODE)
        return answer


def _is_page(request: HttpRequest) -> bool:
    return not request.path_info.startswith("/api/")
