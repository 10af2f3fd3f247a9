"""Before Django sees a request: what proxies say, the base path, the size of its body. No Django.

Headers that say who the client is are believed from listed proxies only, and removed otherwise: nothing
behind this has to ask again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import re
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from core.servers import is_listed, plain_address

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Allowance = Callable[[Scope], Awaitable[int]]
"""How many bytes whoever asks may send."""

Headers = list[tuple[bytes, bytes]]

PER_ADDRESS = 100
"""Requests at once, and connections, of one client. A browser has six, of which live events take one."""

LARGEST_BODY = 2_621_440
"""Bytes of a request. The largest honest ones are bulk edits, with a few hundred KB."""

PROXY_HEADERS = frozenset(
    {
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-port",
        b"x-forwarded-prefix",
        b"x-forwarded-proto",
        b"x-real-ip",
    }
)
_HOST = re.compile(rb"[A-Za-z0-9.:\[\]_-]{1,255}")


def share_of(address: str) -> str:
    """Whose share of the server an address takes: its own, for IPv6 that of its network.

    A household has a whole /64, and may speak from any address of it.
    """
    plain = plain_address(address)
    if isinstance(plain, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((plain, 64), strict=False))
    return str(plain or address)


class BodyTooLargeError(Exception):
    """The client sends more than is taken."""


class FrontDoor:
    """An ASGI application around Django's.

    `proxies` are IP addresses and networks; `base_path` is "" or such as /taggarr; `identity_header` is the
    header in which a listed proxy names who is signed in, "" for none. `takes_files` is how the
    addresses end that take large files, and `uploads` says how much may be sent there; it is asked before any
    of the body is read. `told` hears of a client that
    asks for too much at once.
    """

    def __init__(
        self,
        app: App,
        *,
        proxies: Sequence[str] = (),
        base_path: str = "",
        identity_header: str = "",
        largest_body: int = LARGEST_BODY,
        takes_files: tuple[str, ...] = (),
        uploads: Allowance | None = None,
        told: Callable[[str], None] | None = None,
    ) -> None:
        self.app = app
        self.proxies = [ipaddress.ip_network(one, strict=False) for one in proxies]
        self.base_path = base_path
        self.identity = identity_header.lower().encode()
        self.largest_body = largest_body
        self.takes_files = takes_files
        self.uploads = uploads
        self.told = told
        self._running: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        scope = {**scope, **self._client_of(scope), "path": self._path_of(scope["path"])}
        # Behind a proxy the connections are the proxy's: only here it is known whose request this is.
        address = (scope.get("client") or ("", 0))[0]
        share = share_of(address)
        if self._running[share] >= PER_ADDRESS:
            if self.told is not None:
                self.told(address)
            await self._refuse(
                scope, send, 429, "Too Many Requests", "Too many requests at once come from your address."
            )
            return
        self._running[share] += 1
        try:
            await self._answer(scope, receive, send)
        finally:
            self._running[share] -= 1
            if not self._running[share]:
                del self._running[share]

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = await self._most(scope)
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            _check_length(scope["headers"], most)
            await self.app(scope, _counting(receive, most), sending)
        except BodyTooLargeError:
            if not started:
                told = f"The request is larger than {most} bytes."
                await self._refuse(scope, send, 413, "Content Too Large", told)

    def _client_of(self, scope: Scope) -> dict[str, Any]:
        """Client, scheme and headers, as a listed proxy says or else as they came."""
        peer = (scope.get("client") or ("", 0))[0]
        headers: Headers = [
            (name, value)
            for name, value in scope["headers"]
            if name not in PROXY_HEADERS and name != self.identity and b"_" not in name
        ]
        if not is_listed(peer, self.proxies):
            return {"headers": headers}
        said: dict[bytes, bytes] = {}
        for name, value in scope["headers"]:
            said[name] = said[name] + b"," + value if name in said else value
        if self.identity in said:
            headers.append((self.identity, said[self.identity]))
        changes: dict[str, Any] = {}
        client = self._client_behind(said.get(b"x-forwarded-for", b""))
        if client:
            changes["client"] = (client, 0)
        scheme = said.get(b"x-forwarded-proto", b"").rpartition(b",")[2].strip().lower()
        if scheme in (b"http", b"https"):
            changes["scheme"] = scheme.decode()
        host = said.get(b"x-forwarded-host", b"").rpartition(b",")[2].strip()
        if _HOST.fullmatch(host):
            headers = [(name, value) for name, value in headers if name != b"host"]
            headers.append((b"host", host))
        return {**changes, "headers": headers}

    def _client_behind(self, forwarded: bytes) -> str:
        """The last address of X-Forwarded-For that is no listed proxy: those before it anybody may invent."""
        found = ""
        for part in reversed(forwarded.decode("latin-1").split(",")):
            try:
                found = str(ipaddress.ip_address(part.strip()))
            except ValueError:
                break
            if not is_listed(found, self.proxies):
                break
        return found

    def _path_of(self, path: str) -> str:
        """The path with the base path in front, whether the proxy passes that on or strips it."""
        if not self.base_path:
            return path
        inside = path.startswith(f"{self.base_path}/")
        if path == self.base_path:
            return f"{path}/"
        return path if inside else f"{self.base_path}{path}"

    async def _most(self, scope: Scope) -> int:
        if self.uploads is not None and scope["path"].endswith(self.takes_files):
            return max(self.largest_body, await self.uploads(scope))
        return self.largest_body

    async def _refuse(self, scope: Scope, send: Send, status: int, title: str, detail: str) -> None:
        is_api = scope["path"].startswith(f"{self.base_path}/api/")
        body = json.dumps({"type": "about:blank", "title": title, "status": status, "detail": detail})
        kind = b"application/problem+json" if is_api else b"text/plain; charset=utf-8"
        headers = [
            (b"content-type", kind),
            (b"connection", b"close"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body.encode()})


def _check_length(headers: Headers, most: int) -> None:
    for name, value in headers:
        if name == b"content-length" and value.isdigit() and int(value) > most:
            raise BodyTooLargeError


def _counting(receive: Receive, most: int) -> Receive:
    """Receive as `receive` does, but no more than is taken: a length need not be told beforehand."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise BodyTooLargeError
        return message

    return counted


Excuse = Callable[[Scope, Send], Awaitable[None]]
"""Sends the whole answer."""


class Patience:
    """An ASGI application around Django's: it answers where that waits for a database that hangs.

    A database that is away is an error at once. One that hangs (its disk does, or its machine is gone without
    a word) lets every request wait for ever, and nothing in a view can end that.

    Where no answer has begun for `seconds`, `is_there` is asked whether the database answers; where it does
    not, `excuse` answers the request. Otherwise the request may take its time. What was waited for may still
    be done when the database goes on, and nobody hears of it.
    """

    def __init__(
        self, app: App, *, seconds: float, is_there: Callable[[], Awaitable[bool]], excuse: Excuse
    ) -> None:
        self.app = app
        self.seconds = seconds
        self.is_there = is_there
        self.excuse = excuse
        self._look: asyncio.Task[bool] | None = None
        self._left: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = _Answer(send)
        work = asyncio.ensure_future(self.app(scope, receive, answer.send))
        try:
            while not (work.done() or answer.has_begun):
                await asyncio.wait({work}, timeout=self.seconds)
                if work.done() or answer.has_begun or await self._database_answers():
                    continue
                if not answer.has_begun:
                    answer.is_taken_over = True
                    await self.excuse(scope, send)
                    self._leave(work)
                    return
            await work
        except asyncio.CancelledError:
            work.cancel()
            raise

    async def _database_answers(self) -> bool:
        """Ask once for all requests that wait now."""
        if self._look is None or self._look.done():
            self._look = asyncio.ensure_future(self.is_there())
        return await asyncio.shield(self._look)

    def _leave(self, work: asyncio.Task[None]) -> None:
        """Let what nobody waits for any more come to its end, whatever that is."""
        self._left.add(work)
        work.add_done_callback(self._forget)

    def _forget(self, work: asyncio.Task[None]) -> None:
        self._left.discard(work)
        if not work.cancelled():
            work.exception()


class _Answer:
    """What the application sends, as long as nobody answers in its place."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False
        self.is_taken_over = False

    async def send(self, message: Message) -> None:
        if not self.is_taken_over:
            self.has_begun = True
            await self._send(message)
