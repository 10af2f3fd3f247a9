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
`padding`      `megabytes` of fields that nobody knows stand in the first object of the answer
`nulls`        null stands in the place of every one of `fields`, wherever in the answer it is
=============  ======================================================================================

With `after` the request is carried out first and only its answer suffers: the client cannot know that it
was done.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import orjson

FaultKind = Literal[
    "latency", "status", "drop", "partial", "truncate", "html", "other-app", "padding", "nulls"
]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

# These spoil an answer that must exist first.
_NEED_ANSWER = ("partial", "truncate", "padding", "nulls")


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
    megabytes: int = 10
    fields: list[str] = field(default_factory=list)
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
        return {name: getattr(self, name) for name in (*names, "after", "megabytes", "fields")}

    def spoiled(self, body: bytes) -> bytes:
        """What comes in place of a whole answer."""
        match self.kind:
            case "truncate":
                return body[: max(1, len(body) // 2)]
            case "padding":
                return orjson.dumps(_padded(orjson.loads(body), self.megabytes))
            case "nulls":
                return orjson.dumps(_nulled(orjson.loads(body), frozenset(self.fields)))
            case "html":
                return HTML_PAGE
            case "other-app":
                return OTHER_APP
        return body


def _padded(data: Any, megabytes: int) -> Any:
    """The data with so many unknown fields, one MB each, in its first object."""
    unknown = {f"unknown{number}": "x" * 1_000_000 for number in range(megabytes)}
    if isinstance(data, list):
        return [{**entry, **unknown} if number == 0 else entry for number, entry in enumerate(data)]
    return {**data, **unknown}


def _nulled(data: Any, names: frozenset[str]) -> Any:
    """The data with null in the place of every field of these names."""
    if isinstance(data, list):
        return [_nulled(entry, names) for entry in data]
    if isinstance(data, dict):
        return {name: None if name in names else _nulled(value, names) for name, value in data.items()}
    return data


HTML_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
OTHER_APP = b'{"name": "Media Shelf", "version": "1.2.3", "status": "running"}'
