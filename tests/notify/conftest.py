"""Channels, instances and peers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.connections.build import make_connection
from tests.notify.peers import Peer

if TYPE_CHECKING:
    from connections.models import Connection
    from notify.models import Channel


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    """Starts peers, and stops them."""
    started: list[Peer] = []

    def start(kind: str, *statuses: int, secret: str = "") -> Peer:
        started.append(Peer(kind, *statuses, secret=secret))
        return started[-1]

    yield start
    for one in started:
        one.__exit__(None, None, None)


@pytest.fixture
def connection(db: None) -> Connection:
    from scanner.models import Policy

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(
        name="My TV", kind="sonarr", url="http://sonarr.test", api_key="key", policy=policy
    )


@pytest.fixture
def channel(db: None) -> Callable[..., Channel]:
    """Makes a webhook channel that hears of everything."""
    from notify.contract import topics
    from notify.models import Channel

    def make(port: int = 1, **fields: Any) -> Channel:
        given = {
            "name": "Hook",
            "kind": "webhook",
            "address": f"http://127.0.0.1:{port}/x",
            "topics": list(topics()),
        }
        return Channel.objects.create(**{**given, **fields})

    return make
