"""The counters that web processes share: in Redis as JSON, or while that is away in each process."""

from __future__ import annotations

import pickle
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from django.core.cache import caches

from accounts import attempts
from accounts.attempts import Attempts

AWAY = "redis://127.0.0.1:1/0"


@pytest.fixture
def shared(settings, monkeypatch) -> Iterator[Attempts]:
    monkeypatch.setattr(attempts, "_rest_until", 0.0)
    cache = Attempts(settings.REDIS_URL, settings.CACHES["default"])
    yield cache
    cache.clear()


def another(settings, address: str = "") -> Attempts:
    return Attempts(address or settings.REDIS_URL, settings.CACHES["default"])


def test_what_one_counts_all_know(shared, settings):
    assert shared.add("lock", True, 60)
    shared.set("history", [2.5, 1.0], 60)

    assert not another(settings).add("lock", True, 60)
    assert another(settings).get("history") == [2.5, 1.0]
    assert another(settings).delete("lock")
    assert shared.get("lock") is None


def test_a_counter_ends_by_itself(shared, settings):
    shared.set("history", [1.0], 60)
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        (key,) = server.scan_iter(match="taggarr:attempts:*")
        assert 0 < server.ttl(key) <= 60
    assert shared.touch("history", 120)
    assert not shared.touch("nothing", 120)


def test_forgetting_them_leaves_the_messages_of_jobs(shared, settings):
    shared.set("history", [1.0], 60)
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        server.lpush("a queue", "a message")
        try:
            shared.clear()
            assert server.llen("a queue") == 1
        finally:
            server.delete("a queue")
    assert shared.get("history") is None


class Touch:
    """What a pickled value would do where it was unpacked."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_what_somebody_else_wrote_into_redis_runs_nothing(shared, settings, tmp_path):
    shared.set("history", [1.0], 60)
    with redis.Redis.from_url(settings.REDIS_URL) as server:
        (key,) = server.scan_iter(match="taggarr:attempts:*")
        server.set(key, pickle.dumps(Touch(tmp_path / "touched")))

    assert shared.get("history", []) == []
    assert not (tmp_path / "touched").exists()


def test_while_redis_is_away_a_process_counts_by_itself(shared, settings):
    cache = another(settings, AWAY)
    cache.set("history", [1.0], 60)

    assert cache.get("history") == [1.0]
    assert not cache.add("history", [2.0], 60)


def test_while_redis_is_away_nobody_waits_for_it_each_time(shared, settings, monkeypatch):
    asked: list[str] = []

    def refuse(_cache: Any, key: str, *_: Any) -> Any:
        asked.append(key)
        raise redis.ConnectionError

    monkeypatch.setattr(attempts._Shared, "get", refuse)
    cache = another(settings)
    for _ in range(5):
        cache.get("history")
    assert len(asked) == 1

    monkeypatch.setattr(attempts, "_rest_until", time.monotonic() - 1)
    cache.get("history")
    assert len(asked) == 2


def test_what_allauth_counts_stands_there():
    assert isinstance(caches["default"], Attempts)
