"""Which title a folder is: by id, or by what can be meant alone; never a guess."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artwork.identifying import BEST, By, Identified, Sought, folded, identify, is_same_title
from providers.contract import Found, Kind, Source


def movie(id: str, title: str, year: int | None = 2019, original: str = "") -> Found:
    return Found(Kind.MOVIE, id, title, original, year)


def sought(*titles: str, year: int | None = 2019, **ids: str) -> Sought:
    return Sought(Kind.MOVIE, titles, year, ids)


def test_an_id_decides_without_any_search():
    found = [movie("1", "Lantern")]
    assert identify(sought("Lantern", tmdb="7"), Source.TMDB, found) == Identified("7", By.ID)
    assert identify(sought("Lantern", imdb="tt7"), Source.TMDB, found).by is By.TITLE


@pytest.mark.parametrize(
    ("title", "year", "found", "id"),
    [
        ("Lantern", 2019, [movie("1", "Lantern")], "1"),
        ("Lantern", 2018, [movie("1", "Lantern")], "1"),
        ("Lantern", 2017, [movie("1", "Lantern")], ""),
        ("Lantern", None, [movie("1", "Lantern")], ""),
        ("Lantern", 2019, [movie("1", "Lantern", None)], ""),
        ("Lantern", 2019, [movie("1", "The Lantern")], ""),
        ("Lantern", 2019, [movie("1", "Lantern II")], ""),
        ("Lantern", 2019, [], ""),
        # Remakes: far apart each is sure, close together neither.
        ("Dune", 2021, [movie("1", "Dune", 1984), movie("2", "Dune", 2021)], "2"),
        ("Dune", 2021, [movie("1", "Dune", 2020), movie("2", "Dune", 2021)], ""),
        ("Dune", 2021, [movie("2", "Dune", 2021), movie("2", "Dune", 2021)], "2"),
        # Articles stand before or behind; without one it is another title.
        ("Thing, The", 1982, [movie("1", "The Thing", 1982)], "1"),
        ("Haus, Das", 2019, [movie("1", "Das Haus")], "1"),
        ("Thing", 1982, [movie("1", "The Thing", 1982)], ""),
        # Numerals are one, whichever way they are written; both at once are for a person.
        ("Rocky II", 1979, [movie("1", "Rocky 2", 1979)], "1"),
        ("Rocky II", 1979, [movie("1", "Rocky 2", 1979), movie("2", "Rocky II", 1979)], ""),
        ("Rocky IV", 1985, [movie("1", "Rocky 6", 1985)], ""),
        ("X", 2022, [movie("1", "10", 2022)], ""),
        ("V for Vendetta", 2005, [movie("1", "5 for Vendetta", 2005)], ""),
        ("1917", 2019, [movie("1", "1917")], "1"),
        # Signs, accents and letters of the Latin script.
        ("Spider Man", 2002, [movie("1", "Spider-Man", 2002)], "1"),
        ("Amelie", 2001, [movie("1", "Am\u00e9lie", 2001)], "1"),
        ("Strasse", 2019, [movie("1", "Stra\u00dfe")], "1"),
        ("Lock & Stock", 1998, [movie("1", "Lock and Stock", 1998)], "1"),
        ("Oceans Eleven", 2001, [movie("1", "Ocean\u2019s Eleven", 2001)], "1"),
        ("MASH", 1970, [movie("1", "M.A.S.H.", 1970)], "1"),
        ("Oster", 2019, [movie("1", "\u00d8ster")], "1"),
        ("WALL-E", 2008, [movie("1", "WALL\u00b7E", 2008)], "1"),
        # Other scripts, where a mark makes another letter.
        ("\u5343\u3068\u5343\u5c0b", 2001, [movie("1", "\u5343\u3068\u5343\u5c0b", 2001)], "1"),
        ("\u304b\u3044", 2019, [movie("1", "\u304c\u3044")], ""),
        ("\u304c\u3044", 2019, [movie("1", "\u304b\u3099\u3044")], "1"),
        ("\u041c\u043e\u0439", 2019, [movie("1", "\u041c\u043e\u0438")], ""),
        ("Spirited Away", 2001, [movie("1", "Chihiro", 2001, original="Spirited Away")], "1"),
        # A title of signs alone is what it is.
        ("\u2026", 2019, [movie("1", "\u2026")], "1"),
        ("?!", 2019, [movie("1", "!!!")], ""),
        (" ", 2019, [movie("1", "")], ""),
    ],
)
def test_hard_names_are_found_or_left_to_a_person(title: str, year: int | None, found: list[Found], id: str):
    told = identify(sought(title, year=year), Source.TMDB, found)
    assert told.id == id
    assert told.by == (By.TITLE if id else None)


def test_a_title_of_several_names_is_found_by_any():
    told = identify(sought("Laterne", "Lantern"), Source.TMDB, [movie("1", "Lantern")])
    assert told.id == "1"


def test_a_series_is_no_movie():
    found = [Found(Kind.SERIES, "1", "Lantern", year=2019)]
    assert identify(sought("Lantern"), Source.TMDB, found) == Identified()


def test_a_person_decides_among_the_five_best():
    found = [
        movie("far", "Lantern", 1990),
        movie("other", "Lanterns", 2019),
        movie("near", "Lantern", 2021),
        *(movie(str(number), "Else", 1900 + number) for number in range(9)),
    ]
    told = identify(sought("Lantern"), Source.TMDB, found)
    assert [one.id for one in told.best] == ["near", "far", "other", "8", "7"]
    assert len(told.best) == BEST


TITLES = st.text(alphabet="abII .,'-&\u00e9\u304b\u3099\u2026", max_size=8)
FOUND = st.lists(
    st.builds(movie, st.sampled_from("123"), TITLES, st.none() | st.integers(2017, 2021)), max_size=5
)


@given(TITLES, st.none() | st.just(2019), FOUND)
def test_what_is_decided_can_mean_nothing_else(title: str, year: int | None, found: list[Found]):
    told = identify(sought(title, year=year), Source.TMDB, found)
    unique = {one.id: one for one in reversed(found)}
    near = [
        one
        for one in unique.values()
        if year and one.year and abs(one.year - year) <= 1 and is_same_title([title], one)
    ]
    assert told.id == (near[0].id if len(near) == 1 else "")
    assert bool(told.best) == (not told.id and bool(found))


@given(st.text(max_size=12))
def test_every_title_has_a_form_to_be_compared_in(title: str):
    assert bool(folded(title)) == bool(title.strip())
    assert folded(f" {title}\n") == folded(title)


@given(st.text(st.characters(codec="ascii"), max_size=12))
def test_case_makes_no_other_title(title: str):
    assert folded(title.upper()) == folded(title.lower())
