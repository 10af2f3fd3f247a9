"""What was told lately, for pages that show it before they follow what comes."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from jobs import live


@pytest.fixture(autouse=True)
def clean_stream():
    live._rest_until = 0.0
    live._redis.cache_clear()
    Redis.from_url(settings.REDIS_URL).delete(live.STREAM)
    yield
    live._rest_until = 0.0


def test_the_last_events_of_a_kind_are_found_the_oldest_first():
    for number in range(5):
        live.publish("log", {"message": f"line {number}"})
        live.publish("job", {"id": number})

    found = live.recent("log", 3)

    assert [line["message"] for _, line in found] == ["line 2", "line 3", "line 4"]
    assert abs(found[-1][0] - timezone.now()) < timedelta(minutes=1)


def test_while_redis_is_away_there_are_none_and_it_is_left_alone(monkeypatch):
    asked = []

    class Away:
        def xrevrange(self, _stream):
            asked.append(1)
            raise RedisConnectionError

    monkeypatch.setattr(live, "_redis", lambda _pid: Away())

    assert live.recent("log", 3) == []
    assert live.recent("log", 3) == []
    assert asked == [1]
