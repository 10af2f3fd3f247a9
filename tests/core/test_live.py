"""What was told lately, for pages that show it before they follow what comes."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from core import live, redis_server


@pytest.fixture(autouse=True)
def clean_stream():
    redis_server._rest_until = 0.0
    redis_server._server.cache_clear()
    Redis.from_url(settings.REDIS_URL).delete(live.STREAM)
    yield
    redis_server._rest_until = 0.0


def test_the_last_events_of_a_kind_are_found_the_oldest_first():
    for number in range(5):
        live.publish("log", {"message": f"line {number}"})
        live.publish("job", {"id": number})

    found = live.recent("log", 3)

    assert [line["message"] for _, line in found] == ["line 2", "line 3", "line 4"]
    assert abs(found[-1][0] - timezone.now()) < timedelta(minutes=1)


def test_those_that_are_not_wanted_are_passed_over():
    live.publish_all(("log", {"number": number}) for number in range(10))

    found = live.recent("log", 2, lambda line: line["number"] % 2 == 0)

    assert [line["number"] for _, line in found] == [6, 8]


def test_it_looks_back_page_by_page_and_no_further_than_needed_or_allowed(monkeypatch):
    monkeypatch.setattr(live, "PAGE", 10)
    monkeypatch.setattr(live, "LENGTH", 40)
    live.publish_all(("log", {"number": number}) for number in range(25))
    server, read = redis_server._server(os.getpid()), []

    class Counting:
        def xrevrange(self, *arguments, **options):
            rows: Any = server.xrevrange(*arguments, **options)
            read.append(len(rows))
            return rows

    monkeypatch.setattr(redis_server, "_server", lambda _pid: Counting())

    def numbers(count):
        read.clear()
        return [line["number"] for _, line in live.recent("log", count)]

    assert (numbers(12), read) == ([*range(13, 25)], [10, 10])
    assert (numbers(100), read) == ([*range(25)], [10, 10, 5])
    monkeypatch.setattr(live, "LENGTH", 20)
    assert (numbers(100), read) == ([*range(5, 25)], [10, 10])


def test_while_redis_is_away_there_are_none_and_it_is_left_alone(monkeypatch):
    asked = []

    class Away:
        def xrevrange(self, _stream, **_):
            asked.append(1)
            raise RedisConnectionError

    monkeypatch.setattr(redis_server, "_server", lambda _pid: Away())

    assert live.recent("log", 3) == []
    assert live.recent("log", 3) == []
    assert asked == [1]
