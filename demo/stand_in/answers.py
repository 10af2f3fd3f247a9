"""JSON answers, and refusals as errors."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.responses import Response


class Refused(Exception):  # noqa: N818
    """A request is answered with an error: no failure of the stand-in. `body` is the JSON of the answer."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


def answer(body: Any, status: int = 200) -> Response:
    """A JSON response as the applications send it."""
    return Response(orjson.dumps(body), status, media_type="application/json; charset=utf-8")
