"""What is sent of a text, which labels are one, and whether two looks saw one item."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from players.clients.base import nearest_libraries
from players.clients.contract import (
    SUMMARY,
    TITLE,
    Abilities,
    Edit,
    Form,
    Holds,
    Kind,
    Library,
    Present,
    distinct,
    fitted,
    fitted_field,
    labels_after,
    same,
    spelt,
    without,
)

ABILITIES = Abilities(forms={}, fields={TITLE: 20, SUMMARY: 50}, in_address=100)
LABELS = st.lists(st.text(max_size=6), max_size=6).map(tuple)
MOVIE = Present("1", Kind.MOVIE, "1", "Comet", ("/m/comet.mkv",), (), {}, {})


@given(st.text(), st.integers(1, 30), st.booleans())
def test_what_is_sent_stays_when_it_is_sent_again(text, longest, lines):
    once = fitted(text, longest, lines=lines)
    assert fitted(once, longest, lines=lines) == once
    assert len(once) <= longest
    assert "\x00" not in once
    once.encode()
    assert lines or "\n" not in once


@given(st.text())
def test_what_goes_into_an_address_fits_and_stays(text):
    once = fitted_field(ABILITIES, SUMMARY, text)
    assert fitted_field(ABILITIES, SUMMARY, once) == once
    assert isinstance(once, str)
    assert len(once.encode()) <= 100


@given(LABELS)
def test_labels_are_one_whatever_their_case_and_spelling(labels):
    found = distinct(labels)
    assert [same(label) for label in found] == [
        *dict.fromkeys(one for label in labels if (one := same(label)))
    ]
    assert same(unicodedata.normalize("NFD", "Amélie ")) == same("AMÉLIE")


@given(there=LABELS, add=LABELS, remove=LABELS)
def test_labels_of_others_stay_and_ours_are_there(there, add, remove):
    seen = replace(MOVIE, labels={Form.TAG: there})
    edit = Edit(seen, add={Form.TAG: add}, remove={Form.TAG: remove})
    after = {same(label) for label in labels_after(there, edit, Form.TAG, 255)}
    foreign = {same(label) for label in without(there, [*remove, *spelt(remove, 255)])} - {""}
    assert foreign <= after
    ours = {same(fitted(label, 255)) for label in add} - {""}
    assert ours <= after
    gone = {same(label) for label in remove} - ours
    assert not gone & after


def test_an_item_is_the_same_where_it_lies_or_belongs():
    assert MOVIE.is_same(MOVIE)
    assert not MOVIE.is_same(replace(MOVIE, paths=("/m/lantern.mkv",)))
    assert not MOVIE.is_same(replace(MOVIE, paths=()))
    assert MOVIE.is_same(replace(MOVIE, paths=("/4k/comet.mkv", "/m/comet.mkv")))
    season = replace(MOVIE, kind=Kind.SEASON, paths=(), show="7", season=1)
    assert season.is_same(season)
    assert not season.is_same(replace(season, season=2))
    assert not season.is_same(replace(season, show="8"))
    accent = replace(MOVIE, paths=("/m/Ame\u0301lie.mkv",))
    assert accent.is_at(["/m/Am\u00e9lie.mkv"])


def test_an_edit_of_some_parts_leaves_out_the_others():
    edit = Edit(MOVIE, add={Form.TAG: ("dub",)}, remove={Form.GENRE: ("x",)}, fields={TITLE: "T"})
    assert [part.name for part in edit.parts] == ["tag", "genre", "title"]
    assert edit.only(["tag"]) == Edit(MOVIE, add={Form.TAG: ("dub",)})


def test_the_nearest_folder_decides_in_which_library_something_lies():
    every = [
        Library("1", "All", Holds.MOVIES, ("/media",)),
        Library("2", "Movies", Holds.MOVIES, ("/media/movies/",)),
        Library("3", "Windows", Holds.MOVIES, ("D:\\Films",)),
    ]
    found = {
        folder: [library.id for library in nearest_libraries(every, folder)]
        for folder in ("/media/movies", "/media/movies/x", "/media/moviesque", "D:\\Films\\x", "/elsewhere")
    }
    assert list(found.values()) == [["2"], ["2"], ["1"], ["3"], []]
