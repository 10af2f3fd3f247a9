"""What names of plain folders and files tell."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from library.folder.episodes import parse_episodes
from library.folder.names import LONGEST, parse_title

from .folder_names import NAMES, Row

PARTS = st.sampled_from(
    [
        "The",
        "Title",
        ".",
        "_",
        "-",
        "2019",
        "(2019)",
        "[2010-",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "1080p",
        "x264",
        "S01E02",
        "1x02",
        "-trailer",
        "../",
        "/",
        "{tmdb-1}",
        "[tvdbid-2]",
        "{imdb-tt0000003}",
        "{edition-",
        "tt1234567",
        "99999999999999999999",
        "\\",
        "\0",
        "\n",
        "\udc80",
        "e\u0301",
        "\u5343",
    ]
)
NAMES_OF_ANY_KIND = st.one_of(st.text(), st.lists(PARTS).map("".join), st.lists(PARTS).map(" ".join))


def test_the_table_has_no_name_twice_and_enough_of_them():
    assert len({name for name, *_ in NAMES}) == len(NAMES) >= 120


@pytest.mark.parametrize("row", NAMES, ids=lambda row: row[0])
def test_a_name_tells(row: Row):
    name, title, year, more = row
    told = parse_title(name)
    found = {
        "tmdb_id": told.tmdb_id,
        "tvdb_id": told.tvdb_id,
        "imdb_id": told.imdb_id,
    }

    assert (told.title, told.year or 0) == (title, year)
    assert {key: value for key, value in found.items() if value} == more


@pytest.mark.parametrize(
    ("title", "sorted_as"),
    [("The Matrix", "matrix"), ("A Quiet Place", "quiet place"), ("The", "the"), ("Theory", "theory")],
)
def test_a_title_is_sorted_without_its_article(title: str, sorted_as: str):
    assert parse_title(title).sort_title == sorted_as


@given(NAMES_OF_ANY_KIND)
def test_any_name_tells_something_that_can_be_stored(name: str):
    told = parse_title(name)

    assert len(told.title) <= LONGEST
    assert told.title.isprintable()
    assert told.title == told.title.strip()
    assert told.title or not any(letter.isprintable() and not letter.isspace() for letter in name[:LONGEST])
    assert told.year is None or 1870 <= told.year <= 2099
    assert all(one is None or 0 < one < 2**31 for one in (told.tmdb_id, told.tvdb_id))
    assert told.imdb_id == "" or (told.imdb_id.startswith("tt") and len(told.imdb_id) <= 12)


@given(NAMES_OF_ANY_KIND)
def test_what_a_name_tells_does_not_hang_on_its_form_of_unicode_nor_on_spaces_around_it(name: str):
    assert parse_title(name) == parse_title(f" {name} ")


@given(st.text(alphabet=st.characters(categories=["L"]), min_size=1, max_size=40), st.integers(1900, 2030))
def test_a_title_with_its_year_in_brackets_comes_apart_again(title: str, year: int):
    told = parse_title(f"{title} ({year}) {{tmdb-5}}")
    assert (told.title, told.year, told.tmdb_id) == (parse_title(title).title, year, 5)


@given(NAMES_OF_ANY_KIND)
def test_no_name_of_an_episode_stops_the_reading_of_it(name: str):
    told = parse_episodes(name)
    assert all(number >= 0 for number in told.episodes)
