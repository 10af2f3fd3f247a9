"""What becomes of a row: the table of evidence, and that doubts wait for a person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from catalogue.codes import Code, Scheme
from catalogue.matching import (
    Basis,
    Candidate,
    Description,
    How,
    Part,
    Source,
    State,
    Thresholds,
    What,
    decide,
    described,
    match,
)
from catalogue.values import CREATOR, Entry, Kind, Person, Work

ISBN = Code(Scheme.ISBN, "9780306406157")
GTIN = Code(Scheme.GTIN, "9780306406157")
TMDB = Code(Scheme.TMDB_MOVIE, "12")
OTHER_TMDB = Code(Scheme.TMDB_MOVIE, "13")
IMDB = Code(Scheme.IMDB, "tt0000012")
SOURCE = Source("goodreads", "77")
ISSN = Code(Scheme.ISSN, "0378-5955")
SEEN = frozenset({SOURCE})

BARE = Description(Kind.MOVIE, ("Lantern",))
FULL = Description(Kind.MOVIE, ("The Lantern",), 2019, ("Mara Berg",))
GULLS = Description(Kind.COMIC, ("Gulls",), 2012, ("Mara Berg",), "Gulls", "12")


def with_codes(one: Description, *codes: Code) -> Description:
    return replace(one, codes=frozenset(codes))


@pytest.mark.parametrize(
    ("one", "other", "score", "basis"),
    [
        (replace(BARE, sources=SEEN), replace(GULLS, sources=SEEN), 1.0, Basis.SOURCE),
        (with_codes(BARE, TMDB), with_codes(replace(FULL, titles=("Fanal",)), TMDB), 0.99, Basis.IDENTIFIER),
        (with_codes(BARE, TMDB), with_codes(replace(FULL, kind=Kind.BOOK), TMDB), 0.70, Basis.IDENTIFIER),
        (with_codes(FULL, TMDB, IMDB), with_codes(FULL, OTHER_TMDB, IMDB), 0.70, Basis.IDENTIFIER),
        (with_codes(BARE, ISBN), with_codes(replace(BARE, titles=("Lantrn",)), GTIN), 0.97, Basis.IDENTIFIER),
        (with_codes(replace(BARE, titles=()), ISBN), with_codes(BARE, ISBN), 0.97, Basis.IDENTIFIER),
        (with_codes(BARE, ISBN), with_codes(replace(BARE, titles=("Teapot",)), ISBN), 0.70, Basis.IDENTIFIER),
        (with_codes(GULLS, ISBN), with_codes(replace(GULLS, position="13"), ISBN), 0.70, Basis.IDENTIFIER),
        (FULL, FULL, 0.93, Basis.TITLE),
        (FULL, replace(FULL, creators=("Berg, M.",)), 0.93, Basis.TITLE),
        (FULL, replace(FULL, kind=Kind.TV), 0.93, Basis.TITLE),
        (FULL, replace(FULL, kind=Kind.OTHER), 0.93, Basis.TITLE),
        (FULL, replace(FULL, titles=("Die Laterne", "Lantern")), 0.93, Basis.TITLE),
        (FULL, replace(FULL, creators=()), 0.85, Basis.TITLE),
        (FULL, replace(FULL, year=2020), 0.75, Basis.TITLE),
        (FULL, replace(FULL, year=None), 0.75, Basis.TITLE),
        (FULL, replace(BARE, year=2018), 0.65, Basis.TITLE),
        (FULL, BARE, 0.60, Basis.TITLE),
        (FULL, replace(FULL, creators=("Jo Wood",)), 0.60, Basis.TITLE),
        (with_codes(FULL, TMDB), with_codes(FULL, OTHER_TMDB), 0.60, Basis.TITLE),
        (FULL, replace(FULL, year=2018, creators=("Jo Wood",)), 0.0, Basis.NOTHING),
        (FULL, replace(FULL, year=None, creators=("Jo Wood",)), 0.0, Basis.NOTHING),
        (FULL, replace(FULL, year=1999), 0.0, Basis.NOTHING),
        (replace(FULL, kind=Kind.BOOK), replace(FULL, kind=Kind.BOOK, year=1999), 0.60, Basis.TITLE),
        (FULL, replace(FULL, kind=Kind.GAME), 0.0, Basis.NOTHING),
        (FULL, replace(FULL, titles=("Lanterns",)), 0.0, Basis.NOTHING),
        (with_codes(FULL, ISSN), with_codes(replace(FULL, titles=("Lanterns",)), ISSN), 0.0, Basis.NOTHING),
        (GULLS, replace(GULLS, position="012"), 0.93, Basis.TITLE),
        (GULLS, replace(GULLS, position="12.50"), 0.0, Basis.NOTHING),
        (GULLS, replace(GULLS, position="13"), 0.0, Basis.NOTHING),
        (GULLS, replace(GULLS, position=""), 0.75, Basis.TITLE),
        (replace(GULLS, series="Shore"), replace(GULLS, series="", position=""), 0.93, Basis.TITLE),
    ],
)  # fmt: skip
def test_evidence_has_its_worth(one, other, score, basis):
    found = match(one, other)

    assert (found.score, found.basis) == (score, basis)


def test_all_evidence_is_shown():
    one = with_codes(replace(GULLS, sources=SEEN), ISBN, IMDB, TMDB)
    unlike = replace(GULLS, kind=Kind.MOVIE, titles=("Gull",), year=2013, creators=("Jo Wood",), sources=SEEN)
    other = with_codes(unlike, ISBN, IMDB, OTHER_TMDB)

    assert match(one, other).parts == (
        Part(What.SOURCE, How.EQUAL, "goodreads 77"),
        Part(What.CODE, How.EQUAL, "isbn13 9780306406157"),
        Part(What.ID, How.EQUAL, "imdb tt0000012"),
        Part(What.ID, How.DIFFERS, "tmdb_movie"),
        Part(What.KIND, How.DIFFERS),
        Part(What.TITLE, How.NEAR, "0.72"),
        Part(What.NUMBER, How.NEAR, "12"),
        Part(What.YEAR, How.NEAR),
        Part(What.CREATOR, How.DIFFERS),
    )
    assert match(FULL, FULL).parts == (
        Part(What.TITLE, How.EQUAL, "1.00"),
        Part(What.YEAR, How.EQUAL, "2019"),
        Part(What.CREATOR, How.EQUAL, "berg m"),
    )


def test_one_that_is_sure_is_linked_and_the_others_are_shown_behind_it():
    found = decide(
        FULL, [Candidate("b", FULL), Candidate("a", replace(FULL, creators=())), Candidate("c", GULLS)]
    )

    assert found.state is State.LINK
    assert [one.id for one in found.ranked] == ["b", "a"]


def test_what_fits_two_alike_waits_for_a_person():
    assert decide(FULL, [Candidate("a", FULL), Candidate("b", FULL)]).state is State.REVIEW
    assert decide(
        with_codes(FULL, ISBN), [Candidate("a", FULL), Candidate("b", with_codes(FULL, ISBN))]
    ).state is (State.REVIEW)


def test_what_is_not_sure_waits_and_what_is_not_known_is_new():
    assert decide(FULL, [Candidate("a", replace(FULL, creators=()))]).state is State.REVIEW
    assert decide(FULL, [Candidate("a", GULLS)]).state is State.NEW
    assert decide(FULL, []).state is State.NEW


def test_a_row_that_was_imported_before_is_what_it_was_whatever_is_like_it():
    known = with_codes(replace(FULL, sources=SEEN), TMDB)
    double = with_codes(FULL, TMDB)

    assert decide(known, [Candidate("a", double), Candidate("b", known)]).state is State.LINK
    assert decide(known, [Candidate("a", known), Candidate("b", known)]).state is State.REVIEW


def test_thresholds_are_settings():
    candidates = [Candidate("a", replace(FULL, creators=()))]

    assert decide(FULL, candidates, Thresholds(link=0.85)).state is State.LINK
    assert decide(FULL, candidates, Thresholds(review=0.9)).state is State.NEW


def test_a_row_is_described_by_its_fields_before_what_stands_in_its_title():
    line = "Harbour (Tides, #2) (1999)"
    work = Work(Kind.BOOK, line, "Hafen", people=(Person("Mara Berg", CREATOR[Kind.BOOK]),))
    entry = Entry(1, work, codes=(ISBN,), id="77")

    assert described(entry, "goodreads") == Description(
        Kind.BOOK,
        ("Harbour", "Hafen"),
        1999,
        ("Mara Berg",),
        "Tides",
        "2",
        frozenset({ISBN}),
        frozenset({SOURCE}),
    )
    told = replace(entry, id="", work=replace(work, year=2001, series="Shore", position="7"))
    assert described(told, "goodreads") == replace(
        described(entry, ""), year=2001, series="Shore", position="7", sources=frozenset()
    )


descriptions = st.builds(
    Description,
    st.sampled_from([Kind.MOVIE, Kind.TV, Kind.BOOK, Kind.OTHER]),
    st.lists(st.sampled_from(["Lantern", "The Lantern", "Lanterns", "Gulls", "Teapot 2"]), max_size=2).map(
        tuple
    ),
    st.none() | st.sampled_from([1999, 2000, 2010]),
    st.lists(st.sampled_from(["Mara Berg", "Berg, M.", "Jo Wood"]), max_size=2).map(tuple),
    st.sampled_from(["", "Gulls", "Tides"]),
    st.sampled_from(["", "1", "2"]),
    st.frozensets(st.sampled_from([ISBN, GTIN, TMDB, OTHER_TMDB, IMDB, ISSN]), max_size=3),
    st.frozensets(st.sampled_from([SOURCE, Source("clz", "1")]), max_size=1),
)


@given(descriptions, descriptions)
def test_a_match_is_the_same_from_both_sides(one, other):
    assert match(one, other) == match(other, one)


@given(descriptions, descriptions, st.sampled_from(["year", "creator", "code", "id", "source", "title"]))
def test_more_evidence_never_lowers_a_score(one, other, what):
    title = one.titles[0] if one.titles else "Lantern"
    # The title of a series says that its numbers count, and those may differ: that is evidence against.
    assume(what != "title" or title not in (one.series, other.series))
    better = []
    for side in (one, other):
        more: dict[str, Any] = {
            "year": {"year": one.year or other.year or 2000},
            "creator": {"creators": (*side.creators, "Ana Thorn")},
            "code": {"codes": side.codes | {Code(Scheme.GTIN, "4006381333931")}},
            "id": {"codes": side.codes | {Code(Scheme.TVDB, "5")}},
            "source": {"sources": side.sources | {Source("libib", "9")}},
            "title": {"titles": (*side.titles, title)},
        }
        better.append(replace(side, **more[what]))

    assert match(*better).score >= match(one, other).score


@given(descriptions, st.lists(descriptions, max_size=4), st.randoms())
def test_the_order_of_candidates_does_not_matter(wanted, others, random):
    candidates = [Candidate(str(number), one) for number, one in enumerate(others)]
    shuffled = random.sample(candidates, len(candidates))

    assert decide(wanted, candidates) == decide(wanted, shuffled)
