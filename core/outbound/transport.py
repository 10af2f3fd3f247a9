"""HTTP towards one program: the session, its key, the time-outs, and what is tried again."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from http.cookiejar import DefaultCookiePolicy
from itertools import chain
from typing import Any, Literal, TypedDict

import requests
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay
from tenacity.wait import wait_random_exponential
from urllib3.exceptions import LocationParseError

from core import outbound
from core.errors import ApiError, ApiPermanentError, ApiTransientError, ConfigError
from core.outbound import answers, records
from core.outbound.shapes import WireError
from core.words import Phrase

Method = Literal["GET", "PUT", "POST", "DELETE"]
Params = Mapping[str, str | int] | Sequence[tuple[str, str | int]]
"""The query; as pairs where a name comes more than once."""

OnResult = Callable[[ApiError | None, float], None]
"""Hears of the error that left a call, or None, and how many seconds it took."""

BeforeCall = Callable[[], None]
"""Takes the slot of one request where calls are limited, and raises `Later` where there is none."""

Read = Callable[[Iterator[bytes]], Any]
"""Makes of the pieces of a body what the caller wants. Raises ValueError where they are no whole JSON,
WireError where they are another program's.
"""


@dataclass(frozen=True, slots=True)
class Tagged:
    """An answer with the tag by which to ask later whether it still holds; empty where it has none."""

    answer: Any
    etag: str


TIMEOUT = 30.0
"""Seconds for the connection, and again between two pieces of an answer."""

WHOLE_ANSWER = 4
"""So many time-outs may pass until the whole answer is there.

A server that drips must not hold us for ever.
"""

LARGEST_ANSWER = 16 * 2**20
"""Bytes, unpacked, of an answer that is taken in as a whole."""

LARGEST_REFUSAL = 64 * 1024
"""Bytes, unpacked, that are read of an answer with an error: it says why in the first of them."""

LONGEST_TAG = 200

TRIES = 3
WITHIN = 20.0
"""Seconds in which a call is tried again. A longer Retry-After goes to the caller."""

_VALID_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_backoff = wait_random_exponential(multiplier=0.5, max=5)


def checked_key(api_key: str) -> str:
    """The API key without surrounding space.

    Raises ConfigError (which does not show it) where it cannot be one.
    """
    key = api_key.strip()
    if not _VALID_KEY.fullmatch(key):
        raise ConfigError("connection.key-invalid")
    return key


@dataclass(frozen=True, slots=True)
class Auth:
    """What shows a program who calls: headers, and the secrets in them, which no error ever holds.

    `refused` is the code of what is told where the program refuses them; its parts are `app` and `answer`.
    """

    headers: Mapping[str, str]
    secrets: tuple[str, ...]
    refused: str = "answer.key-refused"

    def __repr__(self) -> str:
        return f"<{', '.join(self.headers)}>"


def key_in(header: str, api_key: str) -> Auth:
    """A key that stands alone in a header. Raises ConfigError where it cannot be one."""
    key = checked_key(api_key)
    return Auth({header: key}, (key,))


class Options(TypedDict, total=False):
    name: str
    read_only: bool
    on_result: OnResult | None
    before_call: BeforeCall | None
    timeout: float
    connect: float | None
    tries: int


class Transport:
    """Sends the requests to one program.

    `name` stands in every error's text. `before_call` is called before each request, `on_result` once for
    every call. With `read_only` nothing but GET is sent: whatever a dry run does, it cannot write. `connect`
    bounds the connection alone, where it is shorter than `timeout`.
    """

    def __init__(
        self,
        app: str,
        url: str,
        auth: Auth,
        *,
        name: str = "",
        read_only: bool = False,
        on_result: OnResult | None = None,
        before_call: BeforeCall | None = None,
        timeout: float = TIMEOUT,
        connect: float | None = None,
        tries: int = TRIES,
    ) -> None:
        self.app = app
        self.url = url.rstrip("/")
        self.name = name or app
        self.read_only = read_only
        self._auth = auth
        self._on_result = on_result or (lambda _error, _seconds: None)
        self._before_call = before_call or (lambda: None)
        self._timeout = timeout
        self._connect = connect
        self._tries = tries

    def __repr__(self) -> str:
        return f"<{self.app} {self.name!r} at {self.url}>"

    def request(
        self,
        method: Method,
        path: str,
        *,
        params: Params | None = None,
        body: Any = None,
        kind: str = "",
        timeout: float | None = None,
        tries: int | None = None,
        final: frozenset[int] = frozenset(),
        raw: bool = False,
        empty: bool = False,
        writes: bool | None = None,
        read: Read | None = None,
        largest: int | None = None,
        etag: str | None = None,
    ) -> Any:
        """What `read` makes of the JSON that the program answers, with `raw` of its bytes, whatever they are.

        `path` follows the address (`/ping`, `/api/v3/tag`). A `body` goes as JSON; bytes go as they
        are, and are of the `kind` that is named. With `empty` an answer without a body is None, and no error.
        `writes` is whether the call changes something, where the method does not say it. More than `largest`
        bytes (`LARGEST_ANSWER`) are refused. With an `etag`, empty where none is known, the answer is
        `Tagged`, and None where what had that tag still holds.

        What fails transiently is tried again within 20 seconds, up to `tries` times in all, unless its
        status is one of `final`. Raises ApiTransientError, ApiAuthError or ApiPermanentError.
        """
        if self.read_only and (method != "GET" if writes is None else writes):
            raise ApiPermanentError("answer.dry-run", name=self.name, call=f"{method} {path}")
        retrying = Retrying(
            retry=retry_if_exception_type(ApiTransientError) & _unless(final),
            stop=stop_after_attempt(tries or self._tries) | stop_before_delay(WITHIN),
            wait=_pause,
            reraise=True,
        )
        started = time.monotonic()
        try:
            most = LARGEST_ANSWER if largest is None else largest
            read = read or (b"".join if raw else records.read_whole)
            take = _Take(read, most, timeout or self._timeout, raw=raw, empty=empty, tagged=etag is not None)
            sent = _Sent(method, path, params, body, kind, etag or "")
            answer = retrying(self._send, sent, take)
        except ApiError as error:
            self._on_result(error, time.monotonic() - started)
            raise
        self._on_result(None, time.monotonic() - started)
        return answer

    def _send(self, sent: _Sent, take: _Take) -> Any:
        self._before_call()
        connect = min(self._connect or take.timeout, take.timeout)
        try:
            with _session(os.getpid()).request(
                sent.method,
                self.url + sent.path,
                params=sent.params,
                **sent.content(),
                headers={"Accept": "application/json", **self._auth.headers, **sent.headers()},
                timeout=(connect, take.timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._answer(response, take)
        except ApiError as error:
            told = error
        except ConfigError as error:  # an address that we never connect to
            told = ApiPermanentError(error.phrase)
        except (requests.RequestException, LocationParseError, UnicodeError) as error:
            late = connect if isinstance(error, requests.exceptions.ConnectTimeout) else take.timeout
            told = answers.no_answer(self.app, self.url, error, late)
        told.say(self.named(told.phrase))
        # Raised here, not above: the original error holds the request with its headers, the key among them.
        raise told

    def _answer(self, response: requests.Response, take: _Take) -> Any:
        seconds = WHOLE_ANSWER * take.timeout
        if take.tagged and response.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        if not 200 <= response.status_code < 300:
            first = _first_bytes(response, seconds)
            raise answers.refusal(self.app, self.url, response, first, refused=self._auth.refused)
        pieces = outbound.read_pieces(response, most=take.largest, seconds=seconds)
        try:
            if take.empty:
                first = next(pieces, b"")
                if not first:
                    return None
                pieces = chain([first], pieces)
            if take.raw:
                return take.read(pieces)
            kind = response.headers.get("Content-Type", "")
            found = answers.read_json(response.status_code, kind, pieces, take.read)
            return Tagged(found, response.headers.get("ETag", "")[:LONGEST_TAG]) if take.tagged else found
        except outbound.TooLargeError:
            raise ApiPermanentError(
                "answer.too-large",
                size=take.largest // 2**20,
                status=response.status_code,
            ) from None
        except WireError as error:
            raise answers.not_the_api(self.app, error) from None

    def named(self, phrase: Phrase) -> Phrase:
        """What is told of the program, with its name and without its secrets."""
        named = phrase if self.name == self.app else Phrase("service.of", name=self.name, what=phrase)
        # A server may repeat what it was sent.
        for secret in self._auth.secrets:
            named = named.without(secret)
        return named


@dataclass(frozen=True, slots=True)
class _Take:
    read: Read
    largest: int
    timeout: float
    raw: bool
    empty: bool
    tagged: bool


@dataclass(frozen=True, slots=True)
class _Sent:
    method: Method
    path: str
    params: Params | None
    body: Any
    kind: str
    etag: str

    def content(self) -> dict[str, Any]:
        return {"data": self.body} if isinstance(self.body, bytes) else {"json": self.body}

    def headers(self) -> dict[str, str]:
        kind = {"Content-Type": self.kind} if self.kind else {}
        return kind | ({"If-None-Match": self.etag} if self.etag else {})


def _first_bytes(response: requests.Response, seconds: float) -> bytes:
    first = bytearray()
    for piece in outbound.read_pieces(response, most=LARGEST_ANSWER, seconds=seconds):
        first += piece
        if len(first) >= LARGEST_REFUSAL:
            break
    return bytes(first[:LARGEST_REFUSAL])


def _unless(final: frozenset[int]) -> Callable[[RetryCallState], bool]:
    def repeatable(state: RetryCallState) -> bool:
        error = state.outcome.exception() if state.outcome else None
        return getattr(error, "status", None) not in final

    return repeatable


def _pause(state: RetryCallState) -> float:
    """Seconds until the next try: what the server asks for, or more."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None) or 0.0
    return max(float(asked), _backoff(state))


@lru_cache(maxsize=2)
def _session(_pid: int) -> requests.Session:
    """The pooled connections of this process (a forked child must not share its parent's).

    It holds no secret.
    """
    session = outbound.session(pool_connections=16, pool_maxsize=8)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session
