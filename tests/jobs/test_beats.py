"""The signs by which several schedulers are noticed."""

from __future__ import annotations

import os
import socket

import pytest
from redis import Redis

from core.redis_server import connect_redis
from jobs import beats

ME = f"{socket.gethostname()} ({os.getpid()})"


@pytest.fixture(autouse=True)
def no_signs():
    def wipe() -> None:
        with connect_redis(1.0) as server:
            for key in list(server.scan_iter(match=f"{beats.SIGN}*")):
                server.delete(key)

    wipe()
    yield
    wipe()


def test_a_scheduler_is_seen_while_it_leaves_signs_and_no_longer():
    assert beats.running() == []
    beats.leave_sign()
    beats.leave_sign()
    assert beats.running() == [ME]
    beats.remove_sign()
    assert beats.running() == []


def test_the_sign_of_one_that_was_killed_fades():
    beats.leave_sign()
    with connect_redis(1.0) as server:
        left = server.ttl(f"{beats.SIGN}{ME}")
    assert 0 < left <= beats.FADES_AFTER


def test_without_redis_no_sign_is_left_or_seen_and_nothing_fails(monkeypatch):
    monkeypatch.setattr(beats, "connect_redis", lambda _patience: Redis.from_url("redis://127.0.0.1:9"))
    beats.leave_sign()
    beats.remove_sign()
    assert beats.running() == []
