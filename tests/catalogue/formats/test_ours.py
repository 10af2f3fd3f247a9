"""Our own table: what we write comes back equal, and everybody's list with a title is read."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.codes import Code, Scheme
from catalogue.formats.ours import OURS, told, write
from catalogue.formats.recognising import recognised
from catalogue.values import (
    Copy,
    Edition,
    Entry,
    Kind,
    Person,
    Play,
    Progress,
    Role,
    Signature,
    State,
    Term,
    TermKind,
    Work,
)
from tests.catalogue.formats.build import entries, faults, file, of_dicts

TEMPLATE = (
    "title,media_type,year,owned_formats,format,director,cast,genre,rating,user_rating,runtime,upc,isbn,ean_upc,asin,"
    "signed_by,signed_role,signed_on,signed_at,signed_proof_path,location,notes"
)

CODES = [
    Code(Scheme.ISBN, "9780306406157"),
    Code(Scheme.GTIN, "4006381333931"),
    Code(Scheme.GTIN, "96385074"),
    Code(Scheme.ADDON, "076194134192700311"),
    Code(Scheme.ISSN, "0378-5955"),
    Code(Scheme.ASIN, "B000A1B2C3"),
    Code(Scheme.TMDB_MOVIE, "12"),
    Code(Scheme.LETTERBOXD, "https://example.org/a;b|c"),
]

texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0") | st.sampled_from("=+-@';|\\,\"\n\r\t"),
    max_size=12,
).map(str.strip)
names = texts.filter(bool)
days = st.none() | st.dates(min_value=date(1000, 1, 1))
numbers = st.none() | st.integers(0, 999_999_999)
ratings = st.none() | st.decimals("0.01", 10, places=2)


def by_order(kinds):
    """Names of each kind, kind after kind: a table keeps the order within a column alone."""
    columns = [st.lists(names, max_size=2) for _ in kinds]
    return st.tuples(*columns).map(
        lambda told: [(kind, one) for kind, some in zip(kinds, told, strict=True) for one in some]
    )


ROLES = [Role.DIRECTOR, Role.ACTOR, Role.AUTHOR]
people = by_order(ROLES).map(lambda told: tuple(Person(name, role) for role, name in told))
terms = by_order(list(TermKind)).map(lambda told: tuple(Term(kind, name) for kind, name in told))
codes = st.lists(st.sampled_from(CODES), unique=True).map(lambda some: tuple(sorted(some, key=CODES.index)))
own = st.dictionaries(names.map(str.casefold), names, max_size=3).map(
    lambda told: tuple(sorted(told.items()))
)

works = st.builds(
    Work, st.sampled_from([Kind.BOOK, Kind.COMIC]), names, texts, st.none() | st.integers(1000, 2199),
    texts, texts, numbers, texts, ratings, texts, texts, people, terms,
)  # fmt: skip
editions = st.builds(Edition, texts, texts, texts, days, texts, texts, numbers, numbers)
copies = st.builds(
    Copy, texts, texts, texts, days, st.none() | st.decimals(0, 999_999, places=2), texts, texts,
    st.integers(1, 99), texts, texts, st.lists(st.builds(Signature, names, texts, days, texts),
    max_size=2).map(tuple),
)  # fmt: skip
progresses = st.builds(
    Progress, st.none() | st.sampled_from(State), numbers, ratings, st.booleans(), texts,
    st.lists(st.builds(Play, days, days), max_size=2).map(tuple),
).filter(lambda progress: progress != Progress())  # fmt: skip
rows = st.builds(
    Entry, st.just(0), works, editions, codes, st.none() | copies, st.none() | progresses, texts, days, own,
    own_of_work=own,
)  # fmt: skip


def written(*some: Entry) -> str:
    to = io.StringIO()
    columns = {column: None for entry in some for column in told(entry) if column.startswith("own")}
    write(some, to, sorted(columns.keys() - {"owned"}))
    return to.getvalue()


@settings(max_examples=40)
@given(st.lists(rows, min_size=1, max_size=2))
def test_what_we_write_comes_back_equal(some):
    numbered = [replace(entry, number=number) for number, entry in enumerate(some, 2)]

    assert entries(written(*numbered)) == numbered


def test_the_table_is_recognised_and_a_spreadsheet_takes_nothing_in_it_for_a_formula():
    table = written(Entry(2, Work(Kind.BOOK, "=1+2"), own=(("@shelf", "-3"),)))

    assert recognised(file(table)) is OURS
    assert "'=1+2" in table
    assert "'-3" in table


def test_a_list_of_the_template_is_read_whole():
    told = {
        "title": "Lantern",
        "media_type": "movie",
        "year": "2019",
        "owned_formats": "Blu-ray",
        "director": "Mara Berg",
        "cast": "Jo Wood; Ana Thorn",
        "genre": "Drama|Sea",
        "rating": "7.1",
        "user_rating": "9",
        "runtime": "96",
        "upc": "036000291452",
        "isbn": "9781568558721",
        "ean_upc": "not known",
        "signed_by": "Mara Berg",
        "signed_role": "director",
        "signed_on": "2020-02-03",
        "signed_at": "Harbour Con",
        "signed_proof_path": "/p.jpg",
        "location": "Shelf 2",
        "notes": "Gift",
    }

    (found,) = entries(of_dicts(TEMPLATE, told))

    assert found == Entry(
        2,
        Work(
            Kind.MOVIE,
            "Lantern",
            year=2019,
            runtime_min=96,
            community_rating=Decimal("7.1"),
            people=(
                Person("Mara Berg", Role.DIRECTOR),
                Person("Jo Wood", Role.ACTOR),
                Person("Ana Thorn", Role.ACTOR),
            ),
            terms=(Term(TermKind.GENRE, "Drama"), Term(TermKind.GENRE, "Sea")),
        ),
        Edition(format="Blu-ray"),
        (Code(Scheme.GTIN, "9781568558721"), Code(Scheme.GTIN, "0036000291452")),
        Copy(
            place="Shelf 2",
            notes="Gift",
            signatures=(Signature("Mara Berg", "director", date(2020, 2, 3), "Harbour Con"),),
        ),
        Progress(rating=Decimal(9)),
        own=(("ean_upc", "not known"), ("signed_proof_path", "/p.jpg")),
    )


def test_what_a_cell_says_and_nobody_understands_is_kept():
    told = {
        "title": "Lantern",
        "media_type": "papyrus",
        "creator": "Mara Berg",
        "ids": "tmdb_movie:12;mine:7",
        "state": "halfway",
        "plays": "2019-01-02; spring/2019-01-03; /2019-01-04",
        "signed_by": "Jo Wood",
        "signed_on": "spring",
        "owned": "perhaps",
    }

    (found,) = entries(of_dicts(",".join(told), told))

    assert found.work == Work(Kind.OTHER, "Lantern", people=(Person("Mara Berg", Role.AUTHOR),))
    assert found.codes == (Code(Scheme.TMDB_MOVIE, "12"),)
    assert found.progress
    assert found.progress.plays == (Play(None, date(2019, 1, 2)), Play(None, date(2019, 1, 4)))
    assert found.copy == Copy(signatures=(Signature("Jo Wood"),))
    assert {name for name, _ in found.own} == {"media_type", "ids", "state", "plays", "signed_on", "owned"}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ({"isbn": "9780306406157"}, Kind.BOOK),
        ({"author": "Mara Berg"}, Kind.BOOK),
        ({"director": "Jo Wood"}, Kind.MOVIE),
        ({"artist": "The Tides"}, Kind.AUDIO),
        ({"developer": "Harbour Games"}, Kind.GAME),
        ({"creator": "Mara Berg"}, Kind.OTHER),
        ({"author": "Mara Berg", "kind": "comic"}, Kind.COMIC),
        ({"author": "Mara Berg", "kind": "papyrus"}, Kind.OTHER),
    ],
)
def test_what_a_thing_is_stands_in_the_row_or_is_told_by_its_number_and_its_people(told, kind):
    (found,) = entries(of_dicts(",".join(["title", *told]), {"title": "Lantern", **told}))

    assert found.work.kind == kind


def test_a_row_needs_a_title_or_a_code_and_may_be_of_a_thing_that_is_not_owned():
    table = of_dicts("title,isbn,owned", {"isbn": "9780306406157", "owned": "no"}, {"isbn": "1"})

    assert [fault.number for fault in faults(table)] == [3]
    assert entries(table.rsplit("\r\n", 2)[0])[0].copy is None
