"""Who answers while a request waits for a database that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from taggarr.front import Patience


class Door:
    """An application, the database behind it, and what one client is sent."""

    def __init__(self, app: Callable[..., Awaitable[None]], *, there: list[bool]) -> None:
        self.there = there
        self.looks = 0
        self.sent: list[Any] = []
        self.door = Patience(app, seconds=0.01, is_there=self._is_there, excuse=self._excuse)

    async def _is_there(self) -> bool:
        self.looks += 1
        return self.there.pop(0) if len(self.there) > 1 else self.there[0]

    async def _excuse(self, _scope: Any, send: Any) -> None:
        await send("excuse")

    async def ask(self) -> None:
        async def send(message: Any) -> None:
            self.sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        await self.door({"type": "http"}, receive, send)


def test_an_answer_that_comes_is_passed_on_and_the_database_is_not_asked():
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send("start")
        await send("body")

    found = Door(app, there=[False])
    asyncio.run(found.ask())
    assert (found.sent, found.looks) == (["start", "body"], 0)


def test_what_takes_long_may_do_so_while_the_database_answers():
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        while found.looks < 3:
            await asyncio.sleep(0)
        await send("start")

    found = Door(app, there=[True])
    asyncio.run(found.ask())
    assert (found.sent, found.looks) == (["start"], 3)


def test_where_it_hangs_the_excuse_is_all_that_is_sent():
    async def both() -> None:
        go_on, ended = asyncio.Event(), asyncio.Event()

        async def app(_scope: Any, _receive: Any, send: Any) -> None:
            await go_on.wait()
            await send("too late")
            ended.set()
            raise RuntimeError("which nobody hears of")

        found = Door(app, there=[True, False])
        await found.ask()
        assert (found.sent, found.looks) == (["excuse"], 2)
        go_on.set()
        await ended.wait()
        await asyncio.sleep(0)
        assert found.sent == ["excuse"]
        assert found.door._left == set()

    asyncio.run(both())


def test_an_answer_that_has_begun_is_left_to_end_as_it_will():
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        await send("start")
        await asyncio.sleep(0.05)
        await send("body")

    found = Door(app, there=[False])
    asyncio.run(found.ask())
    assert (found.sent, found.looks) == (["start", "body"], 0)


def test_an_error_of_the_application_is_its_callers():
    async def app(*_: Any) -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        asyncio.run(Door(app, there=[True]).ask())


def test_many_that_wait_ask_once():
    async def many() -> None:
        answered = asyncio.Event()

        async def app(*_: Any) -> None:
            await asyncio.Event().wait()

        found = Door(app, there=[False])

        async def is_there() -> bool:
            found.looks += 1
            await answered.wait()
            return False

        found.door.is_there = is_there
        asked = [asyncio.ensure_future(found.ask()) for _ in range(5)]
        while not found.looks:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        answered.set()
        await asyncio.gather(*asked)
        assert (found.sent, found.looks) == (["excuse"] * 5, 1)

    asyncio.run(many())


def test_a_server_that_stops_takes_the_request_along():
    async def stopped() -> None:
        begun, ended = asyncio.Event(), asyncio.Event()

        async def app(*_: Any) -> None:
            begun.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        asked = asyncio.ensure_future(Door(app, there=[True]).ask())
        await begun.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
        await asyncio.wait_for(ended.wait(), 60)

    asyncio.run(stopped())
