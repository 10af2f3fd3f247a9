"""Static files as they are installed, compressed on the way: there is no copy of them to compress before."""

from __future__ import annotations

import gzip
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from whitenoise.middleware import WhiteNoiseMiddleware

WORTH_IT = ("text/", "application/manifest+json", "application/json", "image/svg+xml")
KEPT = 64
"""So many compressed files are kept in memory."""


@lru_cache(KEPT)
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponseBase:
        answer: Any = WhiteNoiseMiddleware.serve(static_file, request)
        if answer.status_code != 200 or not answer["Content-Type"].startswith(WORTH_IT):
            return answer  # type: ignore[no-any-return]
        patch_vary_headers(answer, ("Accept-Encoding",))
        if request.method != "GET" or "gzip" not in request.headers.get("Accept-Encoding", ""):
            return answer  # type: ignore[no-any-return]
        body = _compressed(b"".join(answer))
        answer.close()
        packed = HttpResponse(body, headers=dict(answer.headers))
        packed.headers["Content-Encoding"] = "gzip"
        packed.headers["Content-Length"] = str(len(body))
        return packed
