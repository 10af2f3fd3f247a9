"""Faults on demand: what goes wrong between an application and its clients.

A fault names the requests it strikes (method, and a regular expression on the path), how often,
and what happens:

=============  ======================================================================================
`latency`      the answer comes `seconds` later
`status`       the answer is `status` (500, 503, 429 ...), with Retry-After where `retry_after` is given
`drop`         the connection is reset without an answer
`partial`      the connection breaks in the middle of the body
`truncate`     a whole answer comes whose JSON is cut in half
`html`         a proxy's HTML page comes with status 200
`other-app`    another application's JSON comes with status 200
=============  ======================================================================================

With `after` the request is carried out first and only its answer suffers: the client cannot know that it
was done.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any, Literal

FaultKind = Literal["latency", "status", "drop", "partial", "truncate", "html", "other-app"]
KINDS: tuple[FaultKind, ...] = ("latency", "status", "drop", "partial", "truncate", "html", "other-app")

# These spoil an answer that must exist first.
_NEED_ANSWER = ("partial", "truncate")


@dataclass(slots=True)
class Fault:
    """One fault: over after `count` strikes (None: never); the first `skip` matching requests are spared."""

    kind: FaultKind
    path: str = ".*"
    method: str = ".*"
    count: int | None = 1
    skip: int = 0
    probability: float = 1.0
    seed: int = 0
    status: int = 500
    retry_after: int | None = None
    seconds: float = 0.0
    after: bool = False
    _random: random.Random = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"'{self.kind}' is no kind of fault; there are {', '.join(KINDS)}")
        for pattern in (self.method, self.path):
            try:
                re.compile(pattern)
            except re.error as error:
                raise ValueError(f"'{pattern}' is no regular expression: {error}") from error
        self.after = self.after or self.kind in _NEED_ANSWER
        # Not for secrets: the same seed must strike the same requests in every run.
        self._random = random.Random(self.seed)  # noqa: S311

    def strikes(self, method: str, path: str) -> bool:
        """Whether this request is struck; counts it."""
        if self.count == 0 or not re.fullmatch(self.method, method) or not re.search(self.path, path):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self._random.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True

    def to_json(self) -> dict[str, Any]:
        """The fault as the control endpoint lists it; `count` is what is left of it."""
        names = (
            "kind",
            "path",
            "method",
            "count",
            "skip",
            "probability",
            "seed",
            "status",
            "retry_after",
            "seconds",
        )
        return {name: getattr(self, name) for name in (*names, "after")}


HTML_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
OTHER_APP = b'{"name": "Media Shelf", "version": "1.2.3", "status": "running"}'
