"""How fast a player is written to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from players.rules import pace as rules
from players.rules.pace import Pace, after_batch, after_call, allowed, batch_size, eta, read_timeout

NOW = datetime(2026, 1, 15, tzinfo=UTC)


def called(pace: Pace, *calls: tuple[float, bool], every: float = 0.1, start: datetime = NOW) -> Pace:
    for number, (seconds, failed) in enumerate(calls):
        pace = after_call(pace, seconds, start + timedelta(seconds=number * every), failed=failed)
    return pace


GOOD, BAD, SLOW = (0.01, False), (0.01, True), (1.0, False)


def test_a_player_that_fails_too_often_is_called_half_as_often_once_a_window():
    assert called(Pace(), GOOD, GOOD, GOOD, GOOD, BAD).rate == 25
    assert called(Pace(), GOOD, GOOD, GOOD, BAD, BAD).rate == 12.5
    assert called(Pace(), *[BAD] * 5).rate == 12.5
    assert called(Pace(), *[BAD] * 9).rate == 12.5
    assert called(Pace(), *[BAD] * 100).rate == rules.SLOWEST


def test_errors_of_more_than_a_minute_ago_say_nothing():
    assert called(Pace(), *[BAD] * 5, every=20).rate == 25


def test_a_player_that_slows_down_is_called_half_as_often():
    usual = called(Pace(), *[GOOD] * 20)
    later = NOW + timedelta(minutes=5)
    assert called(usual, *[SLOW] * 5, start=later).rate == 12.5
    # What is quick in itself is not slow, however quick it was before.
    assert called(usual, *[(0.09, False)] * 20, start=later).rate == 25


def test_it_comes_back_to_its_limit_little_by_little():
    slowed = Pace(rate=12.5)
    rates = [called(slowed, *[GOOD] * number).rate for number in (1, 100, 1000)]
    assert 12.5 < rates[0] < 12.6
    assert rates[0] < rates[1] < rates[2] == 25


def test_after_an_outage_it_begins_at_five_a_second_and_has_its_limit_after_two_minutes():
    back = Pace(back_at=NOW)
    rates = [allowed(back, NOW + timedelta(seconds=after)) for after in (0, 60, 120, 3600)]
    assert rates == [5, 15, 25, 25]
    # The clock was set back.
    assert allowed(back, NOW - timedelta(hours=1)) == 25


def test_a_batch_lasts_half_a_minute_at_most_and_nothing_is_believed_at_once():
    assert batch_size(Pace(), 100, 200) == 15
    assert batch_size(Pace(each=0), 100, 200) == 100
    assert after_batch(Pace(), 1, 1, 0.0).each == pytest.approx(1.6)
    quick = after_batch(Pace(), 15, 3, 0.15)
    assert quick.each == pytest.approx(0.01)
    assert batch_size(quick, 100, 200) == 100
    assert after_batch(quick, 0, 9, 9) == quick
    assert batch_size(Pace(each=50), 100, 200) == 1


def test_a_batch_takes_no_more_calls_than_may_be_made_at_once():
    assert batch_size(Pace(each=0.01, calls_each=1.0), 100, 52) == 50
    assert batch_size(Pace(each=0.01, calls_each=0.03), 100, 52) == 100
    assert batch_size(Pace(each=0.01, calls_each=0), 100, 1) == 100
    assert batch_size(Pace(each=0.01, calls_each=1.0), 100, 0) == 1


def test_when_all_is_done_follows_from_what_titles_take_and_what_is_allowed():
    assert eta(Pace(each=0.01, calls_each=1), 1000, NOW) == pytest.approx(40)
    assert eta(Pace(each=0.01, calls_each=0.03), 1000, NOW) == pytest.approx(10)


def test_a_slow_player_may_take_longer_to_answer():
    assert [read_timeout(Pace(latency=seconds)) for seconds in (0, 0.1, 1, 2, 60)] == [30, 30, 40, 80, 120]
    assert [read_timeout(Pace(read=60, latency=seconds)) for seconds in (0, 1, 2)] == [60, 60, 80]


@given(
    st.lists(st.tuples(st.floats(0, 120), st.booleans()), max_size=60),
    st.floats(0.01, 100),
    st.integers(1, 1000),
)
def test_the_rate_stays_between_the_slowest_and_the_limit(calls, every, limit):
    pace = called(Pace(limit=limit, rate=limit), *calls, every=every)
    assert min(rules.SLOWEST, limit) <= pace.rate <= limit
    assert 0 < allowed(pace, NOW) <= limit


@given(
    st.lists(st.tuples(st.integers(0, 100), st.integers(0, 300), st.floats(0, 600)), max_size=20),
    st.integers(0, 10_000),
)
def test_a_batch_is_never_empty_nor_too_large(batches, room):
    pace = Pace()
    for batch in batches:
        pace = after_batch(pace, *batch)
    assert 1 <= batch_size(pace, 100, room) <= 100
    assert eta(pace, 10, NOW) >= 0
