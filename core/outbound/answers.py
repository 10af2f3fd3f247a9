"""From an HTTP answer, or the lack of one, to JSON or to one of our errors.

Every text is one sentence for a person.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests

from core.errors import ApiAuthError, ApiError, ApiPermanentError, ApiTransientError
from core.outbound.shapes import WireError
from core.words import Phrase

T = TypeVar("T")

API = "/api/v3/"
LONGEST_RETRY_AFTER = 3600.0
"""Seconds: a server that names a longer time, or a wrong date, is asked again after this."""


_DOWN = (502, 503, 504)
_REFUSED = (401, 403)
_PASSING = (408, 429)
_SHOWN = 200
_BROKEN = (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)


class MissingError(ApiPermanentError):
    """The application itself says that there is no such thing (a 404 in JSON, not a proxy's page)."""


def read_json(
    status: int, content_type: str, pieces: Iterable[bytes], read: Callable[[Iterator[bytes]], T]
) -> T:
    """What `read` makes of the pieces of a successful answer's JSON.

    Raises ApiTransientError where it is something else: JSON that was cut short or damaged on its way, or a
    web page. A proxy answers with one, status 200, while what is behind it starts; where the address is that
    of another program, the same sentence stands in the end. The texts lack the name of the instance: the
    caller adds it.
    """
    kind = content_type.partition(";")[0].strip().lower()
    coming = iter(pieces)
    first = next(coming, b"")
    if "html" in kind or first.lstrip()[:1] == b"<":
        raise ApiTransientError(
            "answer.web-page",
            status=status,
        )
    if kind and "json" not in kind:
        raise ApiTransientError("answer.not-json", kind=kind[:50], status=status)
    length = 0

    def counted() -> Iterator[bytes]:
        nonlocal length
        for piece in chain([first], coming):
            length += len(piece)
            yield piece

    try:
        return read(counted())
    except requests.RequestException:
        raise
    except ValueError:
        raise ApiTransientError("answer.cut-short", length=length, status=status) from None


def not_the_api(app: str, error: WireError) -> ApiPermanentError:
    return ApiPermanentError("answer.not-api", app=app, what=str(error))


def refusal(
    app: str, url: str, response: requests.Response, body: bytes, refused: str = "answer.key-refused"
) -> ApiError:
    """The error that stands for an answer with a status other than 2xx. `url` is the program's address."""
    status = response.status_code
    parts = {"app": app, "answer": status}
    code = "answer.status"
    if said := _said(body):
        code, parts["said"] = "answer.status-said", said
    if status in _REFUSED:
        return ApiAuthError(refused, app=app, answer=status, status=status)
    if status in _PASSING or status >= 500:
        return ApiTransientError(
            code,
            status=status,
            retry_after=retry_after(response.headers.get("Retry-After")),
            counts_for_breaker=status in _DOWN,
            **parts,
        )
    if 300 <= status < 400:
        return ApiPermanentError(_redirect(app, url, response), status=status)
    if status == 404 and "json" in response.headers.get("Content-Type", ""):
        return MissingError(code, status=status, **parts)
    return ApiPermanentError(f"{code}-where", status=status, url=url, **parts)


def no_answer(app: str, url: str, error: Exception, seconds: float) -> ApiError:
    """The error that stands for a call that got no answer, or not all of it, within `seconds`."""
    if isinstance(error, ValueError):
        return ApiPermanentError("answer.address", url=url)
    if isinstance(error, requests.exceptions.SSLError):
        phrase = Phrase("answer.certificate", url=url)
    elif isinstance(error, requests.exceptions.Timeout) or "timed out" in str(error):
        phrase = Phrase("answer.late", app=app, url=url, seconds=round(seconds))
    elif isinstance(error, _BROKEN):
        phrase = Phrase("answer.broken", url=url)
    else:
        phrase = _unreachable(app, url, error)
    return ApiTransientError(phrase, counts_for_breaker=True)


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds to wait, from a Retry-After header: a number of seconds or an HTTP date (RFC 9110, 10.2.3).

    None where there is no header or it makes no sense.
    """
    if header is None:
        return None
    if header.strip().isdecimal():
        seconds = float(header)
    else:
        try:
            moment = parsedate_to_datetime(header)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        seconds = (moment - (now or datetime.now(UTC))).total_seconds()
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)


def _redirect(app: str, url: str, response: requests.Response) -> Phrase:
    """What to do about a redirect: they are never followed, because the API key would go along."""
    asked = urlsplit(response.url)
    target = urlsplit(urljoin(response.url, response.headers.get("Location", "")))
    same_host = asked.hostname == target.hostname
    own_base = urlsplit(url).path
    call = asked.path.removeprefix(own_base)
    if same_host and target.path.endswith(call) and target.path != asked.path:
        # The applications put their base before the whole path, a wrong base of ours included.
        base = target.path.removesuffix(call).removesuffix(own_base)
        if own_base:
            return Phrase("answer.other-base", app=app, base=base, given=own_base)
        return Phrase("answer.base", app=app, base=base)
    if same_host and (asked.scheme, target.scheme) == ("http", "https"):
        return Phrase("answer.https", url=url)
    where = f"{target.scheme}://{target.netloc.rpartition('@')[2]}{target.path}"[:_SHOWN]
    return Phrase("answer.redirects", app=app, url=url, where=where)


def _unreachable(app: str, url: str, error: Exception) -> Phrase:
    for cause in _causes(error):
        match cause:
            case socket.gaierror():
                return Phrase("answer.host", host=str(urlsplit(url).hostname))
            case ConnectionRefusedError():
                return Phrase("answer.nothing", app=app, url=url)
            case ConnectionResetError() | BrokenPipeError():
                break
            case OSError(strerror=str() as reason) if not isinstance(cause, requests.RequestException):
                return Phrase("answer.unreachable", url=url, reason=reason)
    return Phrase("answer.closed", url=url)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """The error and all that led to it: requests and urllib3 wrap the system's own error several times."""
    seen: set[int] = set()
    waiting = [error]
    while waiting:
        current = waiting.pop()
        if current is None or id(current) in seen:
            continue
        seen.add(id(current))
        yield current
        inner = [*current.args, getattr(current, "reason", None), current.__cause__, current.__context__]
        waiting += [cause for cause in inner if isinstance(cause, BaseException)]


def _said(body: bytes) -> str:
    """What the application says about its refusal, empty where it says nothing.

    It answers with a list of {propertyName, errorMessage}, with {message}, or as its web framework does with
    {title, errors}.
    """
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    texts: list[Any] = []
    if isinstance(data, list):
        texts = [entry.get("errorMessage") for entry in data[:3] if isinstance(entry, dict)]
    elif isinstance(data, dict):
        texts = [data.get("message") or data.get("title") or data.get("error")]
    said = "; ".join(" ".join(entry.split()) for entry in texts if isinstance(entry, str) and entry.strip())
    return said[:_SHOWN].rstrip(".")
