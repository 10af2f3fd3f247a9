"""Schedules as people say them."""

from __future__ import annotations

from datetime import time

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.words import told
from jobs.rhythm import DAYS, UNITS, Kind, Rhythm, rhythm_of
from jobs.schedules import parse_cron

AT = st.builds(time, st.integers(0, 23), st.integers(0, 59))


@given(
    st.builds(Rhythm, st.just(Kind.DAILY), at=AT)
    | st.builds(Rhythm, st.just(Kind.WEEKLY), at=AT, day=st.sampled_from(DAYS))
    | st.builds(Rhythm, st.just(Kind.INTERVAL), number=st.integers(1, 400), unit=st.sampled_from([*UNITS]))
)
def test_what_is_chosen_is_what_is_shown_again(rhythm):
    every, cron = rhythm.written
    again = rhythm_of(every, cron)

    assert again.written == rhythm.written
    assert again.kind == rhythm.kind
    if rhythm.kind != Kind.INTERVAL:
        parse_cron(cron)
        assert (again.at, again.day if rhythm.kind == Kind.WEEKLY else rhythm.day) == (rhythm.at, rhythm.day)


@given(st.text(alphabet="0123456789*/,- ", max_size=20))
def test_a_line_that_says_more_stays_as_it_is(line):
    rhythm = rhythm_of(None, line)

    assert rhythm.kind != Kind.CRON or rhythm.written == (None, line)


@pytest.mark.parametrize(
    ("every", "cron", "english", "german"),
    [
        (6 * 3600, "", "every 6 hours", "alle 6 Stunden"),
        (3600, "", "every hour", "jede Stunde"),
        (90, "", "every 90 seconds", "alle 90 Sekunden"),
        (None, "30 3 * * *", "every day at 03:30", "täglich um 03:30"),
        (None, "30 3 * * 0", "Sundays at 03:30", "sonntags um 03:30"),
        (None, "30 24 * * 0", "30 24 * * 0", "30 24 * * 0"),
        (None, "*/5 * * * 1-5", "*/5 * * * 1-5", "*/5 * * * 1-5"),
    ],
)
def test_a_rhythm_is_told_as_people_say_it(every, cron, english, german):
    found = rhythm_of(every, cron).told

    assert found == english
    with translation.override("de"):
        assert told(found) == german
