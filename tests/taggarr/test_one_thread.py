"""A request stays in one thread: changing it for each middleware took longer than most answers."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping
from typing import Any

import pytest
from asgiref.sync import SyncToAsync

from taggarr.front_door import OneThread

pytestmark = pytest.mark.django_db(transaction=True)


def ask(path: str) -> list[Mapping[str, Any]]:
    """What the handler sends to a GET."""
    sent: list[Mapping[str, Any]] = []
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": b"",
        "headers": [(b"host", b"127.0.0.1")],
    }

    async def main() -> None:
        heard: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        await heard.put({"type": "http.request", "body": b"", "more_body": False})

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await OneThread()(scope, heard.get, send)

    asyncio.run(main())
    return sent


def test_a_request_goes_to_its_thread_for_all_of_the_middleware_at_once(monkeypatch):
    done: list[Any] = []
    original = SyncToAsync.thread_handler

    def counted(self: Any, *args: Any, **kwargs: Any) -> Any:
        assert threading.current_thread() is not threading.main_thread()
        done.append(self.func)
        return original(self, *args, **kwargs)

    monkeypatch.setattr(SyncToAsync, "thread_handler", counted)

    start, *_body = ask("/ping")

    assert start["status"] == 200
    # The rest are the signals around it and the end of the answer, not the dozen of middlewares.
    assert len(done) <= 4, done
