"""Titles are compared by what they say, and what lists write behind them is kept apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalogue.folding import (
    OTHER_NUMBER,
    SUBTITLE_LEFT_OUT,
    Titled,
    fold,
    fold_name,
    parsed,
    similarity,
)

words = st.text(st.sampled_from("aàbcdelthiIßøñがй &-:,.'\u2019()[]#0129"), max_size=30)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The Lantern", "lantern"),
        ("Lantern, The", "The Lantern"),
        ("Der Hafen", "Hafen"),
        ("L\u2019Avventura", "Avventura"),
        ("Amélie", "AMELIE"),
        ("Straße", "strasse"),
        ("Øst & Vest", "Ost and Vest"),
        ("Don't Look", "Dont Look"),
        ("Spider-Man: Far", "Spider Man \u2013 Far"),
        ("Rocky III", "Rocky 3"),
        ("The A-Team", "A-Team"),
        ("A", "a"),
        ("!!!", "!!!"),
    ],
)
def test_titles_are_one_however_they_are_written(one, other):
    assert fold(one) == fold(other)
    assert similarity(one, other) == 1


@pytest.mark.parametrize(("one", "other"), [("Rocky", "Rocky II"), ("!!!", "???"), ("ガ", "ハ"), ("I", "II")])
def test_titles_that_say_something_else_are_two(one, other):
    assert fold(one) != fold(other)
    assert similarity(one, other) < 1


def test_other_numbers_are_other_parts_and_a_subtitle_may_be_left_out():
    assert similarity("Harbour Nights 2", "Harbour Nights 3") == OTHER_NUMBER
    assert similarity("Sapling: A Short History of Trees", "Sapling") == SUBTITLE_LEFT_OUT
    assert similarity("Sapling", "Sapling - A Short History of Trees") == SUBTITLE_LEFT_OUT
    assert similarity("Sapling", "Teapot") < 0.3


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Lantern", Titled("Lantern")),
        ("Lantern (2019)", Titled("Lantern", year=2019)),
        ("Lantern [Blu-ray]", Titled("Lantern", format="Blu-ray")),
        ("Lantern (Uncut) [UHD + Blu-ray]", Titled("Lantern", edition="Uncut", format="UHD + Blu-ray")),
        ("Lantern (Unrated) (Director's Cut)", Titled("Lantern", edition="Unrated, Director's Cut")),
        ("Lantern - PlayStation 4", Titled("Lantern", platform="PlayStation 4")),
        ("Lantern \u2013 The Final Cut", Titled("Lantern", edition="The Final Cut")),
        ("Lantern - A Story", Titled("Lantern - A Story")),
        ("Lantern (in the Dark)", Titled("Lantern (in the Dark)")),
        ("The Harbour (Tides, #2)", Titled("The Harbour", series="Tides", position="2")),
        ("The Harbour (Tides #2.5; Coast, #9)", Titled("The Harbour", series="Tides", position="2.5")),
        ("The Harbour (Tides, Book 3)", Titled("The Harbour", series="Tides", position="3")),
        ("Tides, #1-3 (Tides, #1-3)", Titled("Tides, #1-3", series="Tides", position="1-3")),
        ("Gulls #12", Titled("Gulls", series="Gulls", position="12")),
        ("Gulls #1AU", Titled("Gulls", series="Gulls", position="1AU")),
        ("Gulls, Vol. 3", Titled("Gulls", series="Gulls", position="3")),
        ("Gulls, Vol. 3: Over the Pier", Titled("Gulls: Over the Pier", series="Gulls", position="3")),
        ("Gulls Band 4", Titled("Gulls", series="Gulls", position="4")),
        ("(2019)", Titled("(2019)")),
        ("#12", Titled("#12")),
        ("", Titled("")),
    ],
)  # fmt: skip
def test_what_stands_behind_a_title_is_a_field_of_its_own(line, found):
    assert parsed(line) == found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("J. R. R. Berg", "Berg, J.R.R."),
        ("John Ronald Berg", "J. Berg"),
        ("Ana Núñez (2)", "ana nunez"),
        ("Martin Luther Berg, Jr.", "Martin Berg"),
        ("Berg", "BERG"),
        ("…", "…"),
    ],
)
def test_a_person_is_one_however_the_name_is_written(one, other):
    assert fold_name(one) == fold_name(other)


@given(words)
def test_folding_twice_changes_nothing(title):
    assert fold(fold(title)) == fold(title)


@given(st.text(), st.text())
def test_likeness_is_a_share_and_the_same_from_both_sides(one, other):
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


@given(st.text() | words)
def test_a_title_is_never_lost(line):
    assert bool(parsed(line).title) == bool(line.strip())
