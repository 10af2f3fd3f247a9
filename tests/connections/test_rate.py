"""How often a connection is called: bursts, the part that is kept, and many callers at once."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection as database
from django.db.models.functions import Now

from connections import kinds
from connections.calls import Recorder, slot_for
from connections.kinds import Answer, ConnectionKind, Rate
from connections.models import Connection
from connections.rate import hold, room, take
from core.errors import ApiTransientError, Later
from core.outbound.transport import Transport, key_in
from tests.waiting import PATIENCE

NEVER = 1e-5
"""Calls a second: while a test runs no slot comes back."""


@pytest.fixture
def connection(db: None) -> Connection:
    return Connection.objects.create(name="Service", kind="toy", url="http://service.test")


@pytest.fixture
def toy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kind that may be called twice, and then no more."""
    toy = ConnectionKind("toy", "Toy", "", lambda _: Answer("Toy", "1"), lambda _: None, rate=Rate(NEVER, 2))
    monkeypatch.setitem(kinds._known(), "toy", (apps.get_app_config("connections"), toy))


def taken(connection: Connection, limit: Rate, times: int, **options: Any) -> int:
    """How many of so many calls got a slot."""
    got = 0
    for _ in range(times):
        try:
            take(connection, limit, **options)
        except Later:
            continue
        got += 1
    return got


def test_a_quarter_of_the_burst_is_kept_for_what_somebody_waits_for(connection):
    limit = Rate(NEVER, 8)
    assert taken(connection, limit, 10) == 6
    assert taken(connection, limit, 10, interactive=True) == 2
    assert taken(connection, limit, 10) == 0


def test_there_is_room_for_as_many_calls_as_would_get_a_slot(connection):
    limit = Rate(NEVER, 8)
    assert room(connection, limit) == 6
    for left in (5, 4):
        take(connection, limit)
        assert room(connection, limit) == left
    assert taken(connection, limit, 10) == 4
    assert room(connection, limit) == 0
    assert room(Connection(pk=0), limit) == 0


def test_there_is_no_room_while_a_service_is_left_in_peace(connection):
    hold(connection, 60)
    assert room(connection, Rate(1, 8)) == 0
    Connection.objects.update(held_until=Now() - timedelta(seconds=1))
    assert room(connection, Rate(1, 8)) == 6
    Connection.objects.update(rate_at=Now() + timedelta(days=1))
    assert room(connection, Rate(1, 8)) == 6


def test_many_slots_are_taken_at_once_or_none_of_them(connection):
    limit = Rate(NEVER, 8)
    assert taken(connection, limit, 2, slots=4) == 1
    assert room(connection, limit) == 2
    assert taken(connection, limit, 2, slots=2) == 1
    assert taken(connection, limit, 10, interactive=True) == 2


def test_a_burst_of_one_is_for_everybody(connection):
    assert taken(connection, Rate(NEVER, 1), 3) == 1


def test_who_gets_no_slot_is_told_when_to_come_back(connection):
    limit = Rate(0.1, 1)
    take(connection, limit)
    with pytest.raises(Later) as caught:
        take(connection, limit)
    assert 8 < caught.value.seconds <= 10


def test_slots_come_back_with_time(connection):
    limit = Rate(0.1, 2)
    assert taken(connection, limit, 5, interactive=True) == 2
    connection.refresh_from_db()
    assert connection.rate_at is not None
    Connection.objects.update(rate_at=connection.rate_at - timedelta(seconds=10))
    assert taken(connection, limit, 5, interactive=True) == 1


def test_a_clock_that_was_set_back_keeps_nobody_waiting(connection):
    Connection.objects.update(rate_at=Now() + timedelta(days=1))
    assert taken(connection, Rate(0.1, 2), 5, interactive=True) == 2


@pytest.mark.django_db(transaction=True)
def test_many_callers_at_once_get_no_more_than_the_burst():
    connection = Connection.objects.create(name="Service", kind="toy", url="http://service.test")
    start = threading.Barrier(6)
    got: list[int] = []

    def call() -> None:
        try:
            start.wait(PATIENCE)
            got.append(taken(connection, Rate(NEVER, 20), 10, interactive=True))
        finally:
            database.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert len(got) == 6
    assert sum(got) == 20


@pytest.mark.django_db
def test_kinds_without_a_rate_cost_no_statement(series_instance, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert slot_for(series_instance) is None


def test_every_request_of_a_client_takes_a_slot_before_it_is_sent(connection, toy, sonarr):
    client = Transport(
        "Toy",
        sonarr.url,
        key_in("X-Api-Key", sonarr.api_key),
        before_call=slot_for(connection, interactive=True),
    )
    sonarr.clear_journal()
    for _ in range(2):
        client.request("GET", "/ping")
    with pytest.raises(Later):
        client.request("GET", "/ping")
    assert len(sonarr.journal()) == 2


def test_a_service_that_asks_for_peace_is_left_alone_by_all_who_wait_for_it_too(connection):
    limit = Rate(100, 100)
    hold(connection, 20)
    for interactive in (False, True):
        with pytest.raises(Later) as caught:
            take(connection, limit, interactive=interactive)
        assert 10 < caught.value.seconds <= 20

    Connection.objects.update(held_until=Now())
    take(connection, limit)


def test_no_service_is_left_alone_for_longer_than_an_hour(connection):
    limit = Rate(100, 100)
    hold(connection, 10**6)
    with pytest.raises(Later) as caught:
        take(connection, limit)
    assert caught.value.seconds <= 3600

    # The clock was set back.
    Connection.objects.update(held_until=Now() + timedelta(days=1))
    take(connection, limit)


def test_what_is_answered_with_429_holds_all_calls(connection, toy, sonarr):
    sonarr.fault("status", "/ping", status=429, retry_after=30)
    recorder = Recorder(connection)
    client = Transport("Toy", sonarr.url, key_in("X-Api-Key", sonarr.api_key), on_result=recorder, tries=1)
    with pytest.raises(ApiTransientError):
        client.request("GET", "/ping")
    with pytest.raises(Later) as caught:
        take(connection, Rate(100, 100))
    assert 20 < caught.value.seconds <= 30
