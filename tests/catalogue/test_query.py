"""What somebody writes into the search of the collection, taken apart."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.query import CHOICES, FIELDS, MOST, NUMBERS, TEXTS, Between, Query, Said, Words, parse

READ = {
    "dune messiah": [Words("dune"), Words("messiah")],
    '"left hand" of': [Words("left hand"), Words("of")],
    "“der Herr”": [Words("der Herr")],
    "spider-man -batman": [Words("spider-man"), Words("batman", is_not=True)],
    "by:herbert BY:Frank": [Said("by", "herbert"), Said("by", "Frank")],
    'title:"the thing" -title:fog': [Said("title", "the thing"), Said("title", "fog", is_not=True)],
    "year:1990": [Between("year", Decimal(1990), Decimal(1990))],
    "year:1990..1999": [Between("year", Decimal(1990), Decimal(1999))],
    "year:1999..1990": [Between("year", Decimal(1990), Decimal(1999))],
    "-rating:7,5..": [Between("rating", Decimal("7.5"), None, is_not=True)],
    "pages:..300": [Between("pages", None, Decimal(300))],
    "kind:movies kind:tv": [Said("kind", "movie"), Said("kind", "tv_series")],
    "state:read is:Lent": [Said("state", "completed"), Said("is", "lent")],
    "Alien: Romulus": [Words("alien"), Words("Romulus")],
    "12:08": [Words("12:08")],
    "dune dune": [Words("dune")],
}


@pytest.mark.parametrize(("text", "conditions"), READ.items(), ids=READ)
def test_words_quotes_and_fields_are_understood(text, conditions):
    assert parse(text) == Query(tuple(conditions))


@pytest.mark.parametrize("text", ["", " ", "-", '"', "by:", 'by:"', "year:", "- -", "...", "kind:"])
def test_what_is_only_begun_asks_for_nothing_and_is_no_fault(text):
    assert parse(text) == Query()


FAULTS = {
    "yaer:1990": "There is no field yaer: put it in quotes to search for the text.",
    "year:soon": "soon is not a number: write year:1990, or a range with two dots.",
    "year:..": "",
    "mine:1..2..3": "1..2..3 is not a number: write mine:8, or a range with two dots.",
    "is:blue": "blue does not go with is: write one of boxed, complete, filed, lent, owned, signed, wanted.",
}


@pytest.mark.parametrize(("text", "told"), FAULTS.items(), ids=FAULTS)
def test_what_cannot_be_read_is_told_and_the_rest_counts(text, told):
    query = parse(f"dune {text} emma")
    assert query.conditions == (Words("dune"), Words("emma"))
    assert [fault[: len(told)] for fault in query.faults] == [told] * bool(told)


def test_only_words_that_are_wanted_may_be_misspelled():
    assert parse('dune -emma by:x "two words"').words == ("dune", "two words")


@given(st.text(max_size=200))
def test_anything_can_be_read(text):
    query = parse(text)
    assert len(query.conditions) <= MOST
    assert parse(text) == query


VALUES = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(TEXTS)), VALUES), max_size=MOST, unique=True))
def test_what_is_written_of_fields_is_what_is_read(wanted):
    text = " ".join(f'{"-" * without}{field}:"{value}"' for without, field, value in wanted)
    assert parse(text).conditions == tuple(Said(field, value, without) for without, field, value in wanted)


def test_every_field_is_of_one_sort():
    assert len(FIELDS) == len(TEXTS) + len(NUMBERS) + len(CHOICES)
