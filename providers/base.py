"""What the clients of all providers share: what is kept of their answers, and how they are called."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any, ClassVar, TypeVar, Unpack
from urllib.parse import urlsplit

from connections.rate import BUSY
from core.errors import ApiError, ApiPermanentError, ApiTransientError, Later
from core.outbound import answers as outcomes
from core.outbound import records
from core.outbound.answers import MissingError
from core.outbound.shapes import WireError
from core.outbound.transport import Auth, Options, Tagged, Transport
from providers import freshness, reading
from providers.answers import Answers, Request, body_of, is_fresh
from providers.contract import Changes, Found, Ids, Kind, Source, Title
from providers.models import Answer

T = TypeVar("T")
E = TypeVar("E", bound=ApiError)

CONNECT, READ, TRIES = 5.0, 20.0, 2
LARGEST = 32 * 2**20
MOST_VALUES = 2_000_000
"""Of a series with thousands of episodes and pictures."""

MOST_PAGES = 500
BUSY_STATUS = frozenset({HTTPStatus.TOO_MANY_REQUESTS})
"""Not tried again at once: all leave the provider in peace for a while."""

Read = Callable[[Any], T]
Fresh = Callable[[T], timedelta]


class Service:
    """One provider at one address. Without `answers` nothing is kept, as for a test.

    `host` is that of its API, `picture_host` where its pictures lie; a stand-in has all at one address.
    """

    app: ClassVar[str]
    host: ClassVar[str]
    picture_host: ClassVar[str]
    root: ClassVar[str]
    """The version in the path of every call."""

    keys: ClassVar[Mapping[Kind, Source]]

    def __init__(
        self,
        url: str,
        auth: Auth,
        *,
        answers: Answers | None = None,
        params: Mapping[str, str] | None = None,
        **options: Unpack[Options],
    ) -> None:
        options.setdefault("connect", CONNECT)
        options.setdefault("timeout", READ)
        options.setdefault("tries", TRIES)
        self.transport = Transport(self.app, url, auth, **options)
        self._options = options
        self._answers = answers
        self._params = dict(params or {})

    def __repr__(self) -> str:
        return repr(self.transport)

    @classmethod
    def picture_root(cls, url: str) -> str:
        """Where the pictures lie that the API at an address names."""
        return cls.picture_host if urlsplit(url).hostname == urlsplit(cls.host).hostname else url

    def at_pictures(self, address: str) -> str:
        """The address of a picture where that lies at the provider's own host, else nothing."""
        root = self.picture_root(self.transport.url)
        if address.startswith("/") and not address.startswith("//"):
            address = root + address
        return address if address.startswith(f"{root}/") and address.isprintable() else ""

    def _own_id(self, kind: Kind, ids: Ids) -> str:
        """The id that the provider itself gave, empty where that is none."""
        id = ids.get(self.keys[kind], "")
        return id if reading.is_id(id) else ""

    # Asking

    def _ask(self, request: Request, read: Read[T], fresh: Fresh[T]) -> T:
        """What `read` makes of an answer, of a kept one where that is still true.

        `read` raises WireError where it is another's; only what it can read is kept, for as long as `fresh`
        says. Raises MissingError where there is no such thing.
        """
        if self._answers and (data := self._answers.seen(request)) is not None:
            return self._read(read, data)
        kept = self._answers.find(request) if self._answers else None
        if kept is not None and is_fresh(kept) and (found := self._kept(request, kept, read)) is not None:
            return found
        try:
            came = self._call(request, kept.etag if kept else "")
        except MissingError:
            if self._answers:
                self._answers.keep(request, None, freshness.MISSING)
            raise
        if came is None and kept is not None:
            if (found := self._kept(request, kept, read)) is None:
                came = self._call(request, "")
            elif self._answers:
                self._answers.confirm(kept, fresh(found))
                return found
        if came is None:  # said to be unchanged, and nobody asked whether
            raise self._error(ApiTransientError, "provider.unchanged")
        raw, data = came.answer
        found = self._read(read, data)
        if self._answers:
            self._answers.keep(request, raw, fresh(found), came.etag)
            self._answers.see(request, data)
        return found

    def _kept(self, request: Request, kept: Answer, read: Read[T]) -> T | None:
        """What `read` makes of a kept answer, None where another version kept what it cannot read."""
        body = body_of(kept)
        if body is None:
            raise self._error(MissingError, "provider.missing")
        data = json.loads(body)
        try:
            found = read(data)
        except WireError:
            return None
        if self._answers:
            self._answers.see(request, data)
        return found

    def _call(self, request: Request, etag: str) -> Tagged | None:
        params = {**self._params, **request.params}
        found: Tagged | None = self._busy(
            partial(self._get, self.root + request.path, params=params, read=_both, etag=etag)
        )
        return found

    def _get(self, path: str, **options: Any) -> Any:
        return self._get_by(self.transport, path, **options)

    def _get_by(self, transport: Transport, path: str, **options: Any) -> Any:
        return transport.request("GET", path, largest=LARGEST, final=BUSY_STATUS, **options)

    def _busy(self, call: Callable[[], T]) -> T:
        """Make a call; `Later` where the provider says that it is asked too often."""
        try:
            return call()
        except ApiTransientError as error:
            if error.status in BUSY_STATUS and self._answers:
                raise Later(BUSY if error.retry_after is None else error.retry_after) from None
            raise

    def _read(self, read: Read[T], data: Any) -> T:
        try:
            return read(data)
        except WireError as error:
            raise self._named(outcomes.not_the_api(self.app, error)) from None

    def _named(self, error: E) -> E:
        error.say(self.transport.named(error.phrase))
        return error

    def _error(self, kind: type[E], code: str, **parts: Any) -> E:
        return self._named(kind(code, app=self.app, **parts))

    # Lists of changes

    def _listed(self, path: str, params: Mapping[str, str], read: Read[tuple[set[str], bool]]) -> set[str]:
        """The ids of all pages of a list; `read` says of a page whether there is another after it."""
        found: set[str] = set()
        for page in range(self.first_page, self.first_page + MOST_PAGES):
            asked = Request(path, {**params, "page": str(page)})
            ids, more = self._ask(asked, read, lambda _: freshness.LIST)
            found |= ids
            if not more:
                return found
        raise self._error(ApiPermanentError, "provider.too-many-pages", number=MOST_PAGES)

    first_page: ClassVar[int] = 1


def changes(since: datetime, until: datetime, ids: Mapping[Kind, set[str]]) -> Changes:
    return Changes(since, max(since, until), {kind: frozenset(found) for kind, found in ids.items()})


def found_of(kind: Kind, id: str, title: Title) -> Found:
    """A title as a search finds it."""
    year = title.premiered.year if title.premiered else None
    return Found(kind, id, title.title, title.original_title, year, next(iter(title.plots.values()), ""))


def today() -> datetime:
    """The beginning of this day, in UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _both(pieces: Any) -> tuple[bytes, Any]:
    """The bytes of an answer as they came, and their JSON."""
    raw = b"".join(pieces)
    return raw, records.read_whole(iter([raw]), MOST_VALUES)


def languages_of(languages: Sequence[str]) -> list[str]:
    """The languages, each once. Raises ValueError where one is none."""
    for language in languages:
        if not (2 <= len(language) <= 5 and language.replace("-", "").isalpha() and language.isascii()):
            raise ValueError(f"{language!r} is no language")
    return list(dict.fromkeys(languages))
