"""HTTP towards one Sonarr or Radarr: the session, the API key, the time-outs, and what is tried again."""

from __future__ import annotations

import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Literal, TypedDict

import requests
from urllib3.exceptions import LocationParseError

from core import outbound
from core.errors import ApiError, ApiPermanentError, ApiTransientError, ConfigError
from core.outbound import answers, records
from core.outbound.shapes import WireError

Method = Literal["GET", "PUT", "POST"]
OnResult = Callable[[ApiError | None, float], None]
"""Hears of the error that left a call, or None, and how many seconds it took."""

BeforeCall = Callable[[], None]
"""Takes the slot of one request where calls are limited, and raises `Later` where there is none."""

Read = Callable[[Iterator[bytes]], Any]
"""Makes of the pieces of a body what the caller wants. Raises ValueError where they are no whole JSON,
WireError where they are another program's.
"""

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

TRIES = 3
WITHIN = 20.0
"""Seconds in which a call is tried again. A longer Retry-After goes to the caller."""

_VALID_KEY = re.compile(r"[\x21-\x7e]{1,200}")
LONGEST_PAUSE = 5.0


def checked_key(api_key: str) -> str:
    """The API key without surrounding space.

    Raises ConfigError (which does not show it) where it cannot be one.
    """
    key = api_key.strip()
    if not _VALID_KEY.fullmatch(key):
        raise ConfigError("The API key is empty or holds characters that no API key has: copy it anew.")
    return key


class Options(TypedDict, total=False):
    name: str
    read_only: bool
    on_result: OnResult | None
    before_call: BeforeCall | None
    timeout: float
    tries: int


class Transport:
    """Sends one instance's requests.

    `name` stands in every error's text. `before_call` is called before each request, `on_result` once for
    every call. With `read_only` nothing but GET is sent: whatever a dry run does, it cannot write.
    """

    def __init__(
        self,
        app: str,
        url: str,
        api_key: str,
        *,
        name: str = "",
        read_only: bool = False,
        on_result: OnResult | None = None,
        before_call: BeforeCall | None = None,
        timeout: float = TIMEOUT,
        tries: int = TRIES,
    ) -> None:
        self.app = app
        self.url = url.rstrip("/")
        self.name = name or app
        self.read_only = read_only
        self._api_key = checked_key(api_key)
        self._on_result = on_result or (lambda _error, _seconds: None)
        self._before_call = before_call or (lambda: None)
        self._timeout = timeout
        self._tries = tries

    def __repr__(self) -> str:
        return f"<{self.app} {self.name!r} at {self.url}>"

    def request(
        self,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str | int] | None = None,
        body: Any = None,
        timeout: float | None = None,
        tries: int | None = None,
        final: frozenset[int] = frozenset(),
        raw: bool = False,
        read: Read = records.read_whole,
        largest: int | None = None,
    ) -> Any:
        """What `read` makes of the JSON that the instance answers, with `raw` the bytes.

        `path` follows the address (`/ping`, `/api/v3/tag`). More than `largest` bytes (`LARGEST_ANSWER`) are
        refused.

        What fails transiently is tried again within 20 seconds, up to `tries` times in all, unless its
        status is one of `final`. Raises ApiTransientError, ApiAuthError or ApiPermanentError.
        """
        if self.read_only and method != "GET":
            raise ApiPermanentError(f"{self.name}: a dry run sends nothing, so {method} {path} was not sent.")
        most = LARGEST_ANSWER if largest is None else largest
        take = _Take(read, most, timeout or self._timeout, raw=raw)
        started = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            try:
                answer = self._send(method, path, params, body, take)
            except ApiError as error:
                took = time.monotonic() - started
                pause = _pause(error, attempt)
                is_last = attempt >= (tries or self._tries) or took + pause >= WITHIN
                if is_last or not isinstance(error, ApiTransientError) or error.status in final:
                    self._on_result(error, took)
                    raise
                time.sleep(pause)
            else:
                self._on_result(None, time.monotonic() - started)
                return answer

    def _send(
        self, method: Method, path: str, params: Mapping[str, str | int] | None, body: Any, take: _Take
    ) -> Any:
        self._before_call()
        try:
            with _session(os.getpid()).request(
                method,
                self.url + path,
                params=params,
                json=body,
                headers={"X-Api-Key": self._api_key, "Accept": "application/json"},
                timeout=take.timeout,
                allow_redirects=False,
                stream=True,
            ) as response:
                return self._answer(response, take)
        except ApiError as error:
            told = error
        except ConfigError as error:  # an address that we never connect to
            told = ApiPermanentError(str(error))
        except (requests.RequestException, LocationParseError, UnicodeError) as error:
            told = answers.no_answer(self.app, self.url, error, take.timeout)
        told.args = (self._sentence(str(told)),)
        # Raised here, not above: the original error holds the request with its headers, the API key among
        # them.
        raise told

    def _answer(self, response: requests.Response, take: _Take) -> Any:
        seconds = WHOLE_ANSWER * take.timeout
        if not 200 <= response.status_code < 300:
            raise answers.refusal(self.app, self.url, response, _first_bytes(response, seconds))
        pieces = outbound.read_pieces(response, most=take.largest, seconds=seconds)
        try:
            if take.raw:
                return b"".join(pieces)
            kind = response.headers.get("Content-Type", "")
            return answers.read_json(response.status_code, kind, pieces, take.read)
        except outbound.TooLargeError:
            raise ApiPermanentError(
                f"the answer is larger than {take.largest // 2**20} MiB and was not read to its end.",
                status=response.status_code,
            ) from None
        except WireError as error:
            raise answers.not_the_api(self.app, error) from None

    def _sentence(self, text: str) -> str:
        # A server may repeat what it was sent.
        told = text if self.name == self.app else f"{self.name}: {text}"
        return told.replace(self._api_key, "****")


@dataclass(frozen=True, slots=True)
class _Take:
    read: Read
    largest: int
    timeout: float
    raw: bool


def _first_bytes(response: requests.Response, seconds: float) -> bytes:
    first = bytearray()
    for piece in outbound.read_pieces(response, most=LARGEST_ANSWER, seconds=seconds):
        first += piece
        if len(first) >= LARGEST_REFUSAL:
            break
    return bytes(first[:LARGEST_REFUSAL])


def _pause(error: ApiError, attempt: int) -> float:
    """Seconds until the next try: what the server asks for, or more; up to twice as long each time."""
    longest = min(0.5 * 2 ** (attempt - 1), LONGEST_PAUSE)
    return max(getattr(error, "retry_after", None) or 0.0, random.uniform(0, longest))  # noqa: S311


@lru_cache(maxsize=2)
def _session(_pid: int) -> requests.Session:
    """The pooled connections of this process (a forked child must not share its parent's).

    It holds no secret.
    """
    session = outbound.session(pool_connections=16, pool_maxsize=8)
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session
