"""Which items a title is: grades, strictness, and what is left to a person."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from players.clients.contract import Kind
from players.rules.matching import (
    STRICT,
    Candidate,
    Grade,
    Match,
    State,
    Title,
    keys_of,
    match,
    places_of,
    sought,
    tail_pairs,
)
from players.rules.paths import Mapping

MOVIE = Title(
    Kind.MOVIE,
    "Lantern",
    2019,
    folder="/movies/Lantern (2019)",
    files=("/movies/Lantern (2019)/Lantern.mkv",),
    guids=("tmdb:12", "imdb:tt34"),
)
SHOW = Title(Kind.SHOW, "Harbour", 2020, folder="/tv/Harbour", guids=("tvdb:56",))
MAPPED = [Mapping("/movies", "D:\\Films"), Mapping("/tv", "/data/tv")]


def movie(id: str = "1", path: str = "D:\\Films\\Lantern (2019)\\Lantern.mkv", **given: object) -> Candidate:
    values: dict[str, object] = {"library": "1", "title": "Other", "year": 1999, **given}
    return Candidate(id, Kind.MOVIE, paths=(path,), **values)  # type: ignore[arg-type]


def show(id: str = "1", path: str = "/data/tv/Harbour", **given: object) -> Candidate:
    values: dict[str, object] = {"library": "2", "title": "Other", "year": 1999, **given}
    return Candidate(id, Kind.SHOW, paths=(path,), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("item", "grade"),
    [
        (movie(path="d:\\films\\LANTERN (2019)\\Lantern.mkv"), Grade.PATH),
        (movie(path="D:\\Films\\Lantern (2019)\\Lantern - 1080p.mkv"), Grade.FOLDER),
        (movie(path="/x/Lantern (2019)/y.mkv", guids=("tmdb:12",)), Grade.ID_AND_FOLDER),
        (movie(path="/x/y.mkv", guids=("imdb:tt34",)), Grade.ID),
        (movie(path="/x/Lantern (2019)/Lantern.mkv"), Grade.TAIL),
        (movie(path="/x/y/lantern.mkv"), Grade.NAME),
        (movie(path="/x/y.mkv", title="LANTERN", year=2019), Grade.TITLE),
        (movie(path="/x/y.mkv", title="Lantern", year=2018), None),
        (movie(path="/x/y.mkv", guids=("tmdb:12", "imdb:tt35")), None),
    ],
)
def test_each_grade_and_what_is_written_by_it(item: Candidate, grade: Grade | None):
    found = match(MOVIE, [item], MAPPED)
    assert found.grade == grade
    assert found.ids == (("1",) if grade and grade >= STRICT else ())
    assert found.state == (
        State.NOT_THERE if grade is None else State.FOUND if grade >= STRICT else State.AMBIGUOUS
    )


@pytest.mark.parametrize(
    ("item", "grade"),
    [
        (show(), Grade.FOLDER),
        (show(path="/data/TV/Harbour"), Grade.TAIL),
        (show(path="/x/Harbour", guids=("tvdb:56",)), Grade.ID_AND_FOLDER),
    ],
)
def test_a_show_is_known_by_its_folder(item: Candidate, grade: Grade):
    assert match(SHOW, [item], MAPPED).grade == grade


def test_a_person_may_ask_for_less_or_more_than_the_usual_strictness():
    tail = movie(path="/x/Lantern (2019)/Lantern.mkv")
    assert match(MOVIE, [tail], MAPPED, Grade.TAIL).ids == ("1",)
    assert match(MOVIE, [movie(path="/x/y.mkv", guids=("tmdb:12",))], MAPPED, Grade.PATH).ids == ()


def test_all_items_of_one_file_are_written():
    found = match(MOVIE, [movie("1"), movie("2", library="4k"), movie("3", path="/x/Lantern.mkv")], MAPPED)
    assert found.ids == ("2", "1") or found.ids == ("1", "2")


def test_several_that_would_do_are_left_to_a_person():
    both = [movie("1", path="/a/y.mkv", guids=("tmdb:12",)), movie("2", path="/b/z.mkv", guids=("tmdb:12",))]
    # In one library the id says nothing; in two it says too much.
    assert match(MOVIE, both, MAPPED).ids == ()
    found = match(MOVIE, [both[0], replace(both[1], library="2")], MAPPED)
    assert (found.state, [one.item.id for one in found.graded]) == (State.AMBIGUOUS, ["1", "2"])


def test_a_show_that_a_library_holds_twice_is_left_to_a_person():
    assert match(SHOW, [show("1"), show("2")], MAPPED).state is State.AMBIGUOUS
    assert match(SHOW, [show("1"), show("2", library="4k")], MAPPED).ids == ("1", "2")


def test_a_folder_with_several_movies_is_the_folder_of_none():
    title = replace(MOVIE, folder="/movies", files=())
    items = [movie("1", path="D:\\Films\\a.mkv", guids=("tmdb:12",)), movie("2", path="D:\\Films\\b.mkv")]
    assert match(title, items, MAPPED).ids == ("1",)


def test_the_name_that_is_spelt_alike_wins_over_the_other_form_of_unicode():
    nfc, nfd = "/tv/Caf\u00e9", "/tv/Cafe\u0301"
    items = [show("nfd", path=nfd), show("nfc", path=nfc)]
    assert match(Title(Kind.SHOW, "x", folder=nfc), items, []).ids == ("nfc",)
    assert match(Title(Kind.SHOW, "x", folder=nfd), items, []).ids == ("nfd",)
    assert match(Title(Kind.SHOW, "x", folder=nfd), items[1:], []).ids == ("nfc",)


def test_a_title_that_is_found_by_its_last_names_speaks_for_a_mapping():
    elsewhere = movie(path="/mnt/Lantern (2019)/Lantern.mkv")
    pairs = tail_pairs(MOVIE, match(MOVIE, [elsewhere], []))
    assert pairs == [(MOVIE.files[0], elsewhere.paths[0])]
    assert tail_pairs(MOVIE, match(MOVIE, [movie()], MAPPED)) == []
    assert places_of(MOVIE, MAPPED) == ["D:\\Films\\Lantern (2019)\\Lantern.mkv"]


PARTS = st.sampled_from(["a", "A", "b", "caf\u00e9", "cafe\u0301"])
PATHS = st.lists(PARTS, min_size=2, max_size=3).map(lambda parts: "/" + "/".join(parts))
GUIDS = st.lists(st.sampled_from(["tmdb:1", "tmdb:2", "imdb:tt1"]), max_size=2, unique=True).map(tuple)
KINDS = st.sampled_from([Kind.MOVIE, Kind.SHOW])
ITEMS = st.lists(
    st.builds(
        Candidate,
        id=st.uuids().map(str),
        kind=KINDS,
        library=st.sampled_from(["1", "2"]),
        title=PARTS,
        year=st.sampled_from([None, 2000]),
        paths=st.lists(PATHS, min_size=1, max_size=2).map(tuple),
        guids=GUIDS,
    ),
    max_size=6,
)
TITLES = st.builds(
    Title,
    kind=KINDS,
    title=PARTS,
    year=st.sampled_from([None, 2000]),
    folder=PATHS,
    files=st.lists(PATHS, max_size=2).map(tuple),
    guids=GUIDS,
)


@given(TITLES, ITEMS, st.randoms())
def test_no_order_of_the_items_changes_what_is_found(title: Title, items: list[Candidate], random: Random):
    first = match(title, items, [])
    random.shuffle(items)
    assert match(title, items, []) == first


@given(TITLES, ITEMS)
def test_what_is_written_is_sure_and_of_its_kind(title: Title, items: list[Candidate]):
    found = match(title, items, [])
    assert bool(found.ids) == (found.state is State.FOUND)
    if found.ids:
        assert found.grade is not None
        assert found.grade >= STRICT
        kinds = {item.kind for item in items if item.id in found.ids}
        assert kinds == {title.kind}


@given(TITLES, ITEMS)
def test_the_keys_find_every_candidate_that_would_be_graded(title: Title, items: list[Candidate]):
    def by(*weak: bool) -> Match:
        wanted = {one for part in weak for one in sought(title, [], weak=part)}
        keyed = ((item, keys_of(item.kind, item.paths, item.guids, item.title, item.year)) for item in items)
        return match(title, [item for item, keys in keyed if wanted & set(keys)], [])

    everything = match(title, items, [])
    assert by(False, True) == everything
    if everything.state is State.FOUND:
        assert by(False).ids == everything.ids
