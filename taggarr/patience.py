"""Answering for Django where it waits for a database that hangs. No Django.

A database that is away is an error at once. One that hangs (its disk does, or its machine is gone without a
word) lets every request wait for ever, and nothing in a view can end that: so somebody else has to answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from taggarr.front import App, Message, Receive, Scope, Send

Excuse = Callable[[Scope, Send], Awaitable[None]]
"""Sends the whole answer."""


class Patience:
    """An ASGI application around Django's.

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
