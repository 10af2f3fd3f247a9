"""Faults on demand: what goes wrong between an application and its clients.

A fault names the requests it strikes (method, and a regular expression on the path), how often,
and what happens:

=============  ======================================================================================
`latency`      the answer comes `seconds` later
`status`       the answer is `status` (500, 503, 429 ...), with Retry-After where `retry_after` is given
`starting`     the answer is 503 with a page of HTML, as while a program starts
`drop`         the connection is reset without an answer
`drip`         the body comes in ten pieces within `seconds`
`partial`      the connection breaks in the middle of the body
`truncate`     a whole answer comes whose JSON is cut in half
`html`         a proxy's HTML page comes with status 200
`other-app`    another application's JSON comes with status 200
`padding`      `megabytes` of fields that nobody knows stand in the first object of the answer
`nulls`        null stands in the place of every one of `fields`, wherever in the answer it is
`total`        `number` stands in the place of every one of `fields`: a wrong count
`errors`       a list of `errors` stands beside the data, with status 200, as GraphQL has it
`repeat`       the answer to the request before comes again: a page twice, or another item's answer
`ignore`       the answer is that of a success, and nothing was done
`change`       the change `op` with `args` (see the programs) is carried out just before the request
=============  ======================================================================================

`path` is searched in the path; where one path serves all requests, what is asked for follows a "#"
("/jsonrpc#VideoLibrary.GetMovies").

With `after` the request is carried out first and only its answer suffers: the client cannot know that it
was done.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass, field
from dataclasses import fields as fields_of
from typing import Any, Literal, get_args

import orjson

FaultKind = Literal[
    "latency",
    "status",
    "starting",
    "drop",
    "drip",
    "partial",
    "truncate",
    "html",
    "other-app",
    "padding",
    "nulls",
    "total",
    "errors",
    "repeat",
    "ignore",
    "change",
]
KINDS: tuple[FaultKind, ...] = get_args(FaultKind)

# Whose answer must exist first: `SPOILS` make another body of it.
SPOILS = ("truncate", "padding", "nulls", "total", "errors", "repeat")
_NEED_ANSWER = ("latency", "drip", "partial", "change", *SPOILS)


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
    number: int = 0
    op: str = ""
    args: dict[str, Any] = field(default_factory=dict)
    _before: bytes = field(default=b"", init=False, repr=False)
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

    def strikes(self, method: str, target: str) -> bool:
        """Whether this request is struck; counts it."""
        if self.count == 0 or not re.fullmatch(self.method, method) or not re.search(self.path, target):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self._random.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True

    def heard(self, method: str, target: str, body: bytes) -> None:
        """Keeps the answer to a request that it may strike, for `repeat`."""
        if self.kind == "repeat" and re.fullmatch(self.method, method) and re.search(self.path, target):
            self._before = body

    def to_json(self) -> dict[str, Any]:
        """The fault as the control endpoint lists it; `count` is what is left of it."""
        return {one.name: getattr(self, one.name) for one in fields_of(self) if not one.name.startswith("_")}

    def spoiled(self, body: bytes) -> bytes:
        """What comes in place of a whole answer."""
        if self.kind in _PAGES:
            return _PAGES[self.kind]
        if self.kind == "truncate":
            return body[: max(1, len(body) // 2)]
        if self.kind == "repeat":
            return self._before or body
        data = orjson.loads(body)
        match self.kind:
            case "padding":
                data = _padded(data, self.megabytes)
            case "nulls":
                data = _replaced(data, frozenset(self.fields), None)
            case "total":
                data = _replaced(data, frozenset(self.fields), self.number)
            case "errors":
                data["errors"] = [{"message": "database is locked"}]
        return orjson.dumps(data)


def _padded(data: Any, megabytes: int) -> Any:
    """The data with so many unknown fields, one MB each, in its first object."""
    unknown = {f"unknown{number}": "x" * 1_000_000 for number in range(megabytes)}
    if isinstance(data, list):
        return [{**entry, **unknown} if number == 0 else entry for number, entry in enumerate(data)]
    return {**data, **unknown}


def _replaced(data: Any, names: frozenset[str], value: int | None) -> Any:
    """The data with the value in the place of every field of these names."""
    if isinstance(data, list):
        return [_replaced(entry, names, value) for entry in data]
    if isinstance(data, dict):
        return {
            name: value if name in names else _replaced(entry, names, value) for name, entry in data.items()
        }
    return data


HTML_PAGE = b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>"
OTHER_APP = b'{"name": "Media Shelf", "version": "1.2.3", "status": "running"}'
_PAGES = {"html": HTML_PAGE, "starting": HTML_PAGE, "other-app": OTHER_APP}
