"""Seasons and numbered series that are not complete, as Wanted lists them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Role, User
from catalogue import lacking
from catalogue.models import Copy, Edition, Season, SetMember
from tests.catalogue.build import add_copy, add_user, add_work
from tests.catalogue.test_pages import browser_of, text_of

pytestmark = pytest.mark.usefixtures("switched_on", "read_just_now")


def add_volumes(series: str, *positions: str, **fields: object) -> None:
    for position in positions:
        add_copy(add_work(f"{series} {position}", series=series, position=position), **fields)


def rows_of(user: User) -> list[list[str]]:
    """The cells of each row of the page."""
    text = text_of(browser_of(user), "/wanted/volumes")
    rows = re.findall(r"<tr>(.*?)</tr>", text.partition("<tbody")[2], re.S)
    return [[re.sub(r"<[^>]+>", "", cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]


def test_seasons_and_series_that_lack_something_are_told(ute: User):
    firefly = add_work("Firefly", kind="tv_series")
    for number, available, expected in ((1, 12, 14), (2, 10, 10), (3, 0, 8), (4, 3, 0)):
        Season.objects.create(work=firefly, number=number, available=available, expected=expected)
    Season.objects.create(work=add_work("Unsaid", kind="tv_series"), number=1, expected=8)
    add_volumes("Dune", "1", "2", "4.5", "#8")
    add_volumes("DUNE", "6")
    add_work("Dune 3", series="Dune", position="3")
    assert rows_of(ute) == [
        ["Dune", "Book", "4 of 8", "No. 3\N{EN DASH}5, 7"],
        ["Firefly: Season 1", "TV series", "12 of 14", "2 episodes"],
        ["Firefly: Season 3", "TV series", "0 of 8", "8 episodes"],
    ]
    found = text_of(browser_of(ute), "/collection?q=series%3A%22Dune%22")
    assert "Dune 4.5" in found


def test_what_is_complete_or_cannot_be_told_is_not_there(ute: User):
    add_volumes("Whole", "1", "2", "3")
    add_volumes("Bound together", "1", "2-4", "5.0")
    add_volumes("Roman", "1", "IV", "7")
    add_volumes("In a box", "1", "3")
    box = Edition.objects.create(work=add_work("The box"), is_set=True)
    SetMember.objects.create(box=box, position=1, work=add_work("Two", series="In a box", position="2"))
    Copy.objects.create(edition=box)
    assert rows_of(ute) == []
    assert "that is how it should be" in text_of(browser_of(ute), "/wanted/volumes")


def test_a_copy_that_is_hidden_fills_no_gap(ute: User):
    emil = add_user("emil", Role.USER)
    add_volumes("Saga", "1", "3")
    add_volumes("Saga", "2", is_private=True, owner=emil)
    assert rows_of(emil) == []
    assert rows_of(ute) == [["Saga", "Book", "2 of 3", "No. 2"]]


def test_very_many_gaps_are_cut_short(ute: User):
    add_volumes("Sparse", *map(str, range(0, 60, 2)))
    assert rows_of(ute)[0][2:] == ["30 of 59", "No. 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, …"]


@given(st.sets(st.integers(0, 300)))
def test_numbers_that_are_missing_are_those_between_that_are_not_there(numbers: set[int]):
    missing = {one for first, last in lacking.missing_of(numbers) for one in range(first, last + 1)}
    between = set(range(min(numbers), max(numbers) + 1)) if numbers else set()
    assert missing == between - numbers
