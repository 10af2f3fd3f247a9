"""Entries are stored whole, and rows are known again by what they say."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from catalogue.codes import Code, Scheme
from catalogue.entries import digest_of, entry_of, known_as, stored
from catalogue.values import Copy, Edition, Entry, Kind, Person, Play, Progress, Role, Signature, State, Work

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=10)
CODES = st.lists(st.builds(Code, st.sampled_from(Scheme), TEXT), max_size=2).map(tuple)
RATINGS = st.none() | st.decimals(0, 10, places=2)
WORKS = st.builds(
    Work,
    st.sampled_from(Kind),
    TEXT,
    year=st.none() | st.integers(1000, 2200),
    community_rating=RATINGS,
    people=st.lists(st.builds(Person, TEXT, st.sampled_from(Role)), max_size=2).map(tuple),
)
COPIES = st.builds(
    Copy,
    TEXT,
    acquired_on=st.none() | st.dates(),
    signatures=st.lists(st.builds(Signature, TEXT, TEXT, st.none() | st.dates()), max_size=2).map(tuple),
)
PROGRESS = st.builds(
    Progress,
    st.none() | st.sampled_from(State),
    st.none() | st.integers(0, 9),
    RATINGS,
    st.booleans(),
    TEXT,
    st.lists(st.builds(Play, st.none() | st.dates(), st.none() | st.dates()), max_size=2).map(tuple),
)
ENTRIES = st.builds(
    Entry,
    st.integers(1, 99),
    WORKS,
    st.builds(Edition, TEXT, TEXT, published_on=st.none() | st.dates()),
    CODES,
    st.none() | COPIES,
    st.none() | PROGRESS,
    TEXT,
    st.none() | st.dates(),
    st.lists(st.tuples(TEXT, TEXT), max_size=2).map(tuple),
)


@given(ENTRIES)
def test_an_entry_comes_back_equal_from_json(entry: Entry):
    assert entry_of(json.loads(json.dumps(stored(entry)))) == entry


@given(ENTRIES, ENTRIES)
def test_a_digest_is_of_all_that_a_row_says_but_its_place(one: Entry, other: Entry):
    moved = replace(one, number=one.number + 1)
    assert digest_of(stored(moved)) == digest_of(stored(one))
    alike = digest_of(stored(one)) == digest_of(stored(other))
    assert alike == (replace(one, number=1) == replace(other, number=1))


def test_what_no_database_takes_is_left_out():
    told = stored(Entry(1, Work(Kind.BOOK, "a\0b\ud83d")))
    assert told["work"]["title"] == "ab\ufffd"
    json.dumps(told).encode()


def test_a_row_is_known_by_its_id_or_by_what_tells_it_apart():
    book = Entry(1, Work(Kind.BOOK, "Dune", people=(Person("Frank Herbert", Role.AUTHOR),)), id="7")
    assert known_as(book) == "7"
    nameless = replace(book, id="")
    assert known_as(nameless).startswith("#")
    respelled = Entry(
        9,
        Work(Kind.BOOK, "The Dune", people=(Person("Herbert, Frank", Role.AUTHOR),)),
        copy=Copy(price=Decimal(3)),
        added_on=date(2020, 1, 1),
    )
    assert known_as(respelled) == known_as(nameless)
    assert known_as(replace(nameless, codes=(Code(Scheme.IMDB, "tt1"),))) != known_as(nameless)
    # An id as long as a novel stands in no index.
    assert len(known_as(replace(book, id="x" * 999))) < 40
    assert known_as(replace(book, id="x" * 999)) != known_as(replace(book, id="y" * 999))
