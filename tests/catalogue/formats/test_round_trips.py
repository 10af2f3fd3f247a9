"""Whatever stands in a list, each format gives it back; and it comes back equal from our own table too."""

from __future__ import annotations

import io
import json
import plistlib
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from catalogue.codes import Code, Scheme, gtin_digit
from catalogue.formats.ours import write
from catalogue.formats.recognising import FORMATS, count, recognised
from catalogue.formats.tellico import TELLICO
from catalogue.formats.tellico_writing import write as write_tellico
from catalogue.values import (
    BOOKISH,
    CREATOR,
    Copy,
    Edition,
    Entry,
    Kind,
    Person,
    Progress,
    Role,
    Signature,
    State,
    Term,
    TermKind,
    Work,
)
from tests.catalogue.formats.build import archive, entries, file, table
from tests.catalogue.formats.test_calibre import LINKED, SCHEMA
from tests.catalogue.formats.test_clz import export, named
from tests.catalogue.formats.test_hostile import SAMPLES
from tests.catalogue.formats.test_tellico_and_gcstar import GC, collection

FIRST_LETTER = "ABDEGHJKMNOQRTUWXYZÄØЖ漢"
LETTERS = "abcdeghijkmnopqrstuwxyzßéжλ漢字😀"
words = st.builds(str.__add__, st.sampled_from(FIRST_LETTER), st.text(LETTERS, min_size=2, max_size=8))
# Brackets, numbers, dashes and colons are taken out of titles by some: what they say has tests of its own.
marks = st.sampled_from(
    [" ", "; ", ", ", " & ", "' ", '" ', " <b> ", " | ", " \\ ", "\u2019s ", " &amp; ", " = "]
)
titles = st.builds(lambda one, mark, other: f"{one}{mark}{other}", words, marks, words)
names = st.builds(lambda one, other: f"{one} {other}", words, words)


@dataclass(frozen=True)
class Thing:
    title: str
    name: str
    year: int
    number: int

    @property
    def isbn(self) -> str:
        digits = f"97803064{self.number:04}"
        return digits + gtin_digit(digits)


things = st.lists(
    st.builds(Thing, titles, names, st.integers(1900, 2100), st.integers(0, 9999)),
    min_size=1,
    max_size=3,
    unique_by=(lambda thing: thing.number, lambda thing: thing.title.casefold()),
)


def csv_of(names: str, row: Callable[[Thing], Iterable[object]], *, by: str = ",") -> Callable[..., str]:
    return lambda some: table(names.split(","), *(row(one) for one in some), delimiter=by)


def lines(**told: str) -> str:
    return " ".join(f"{name.rstrip('_')}={quoteattr(text)}" for name, text in told.items())


def of_tellico(some: list[Thing]) -> str:
    told = (
        f"<title>{escape(one.title)}</title><authors><author>{escape(one.name)}</author></authors>"
        f"<cr_years><cr_year>{one.year}</cr_year></cr_years><isbn>{one.isbn}</isbn>"
        for one in some
    )
    return collection(2, *told)


def of_gcstar(some: list[Thing]) -> str:
    told = (
        f"<item {lines(id=str(place), title=one.title, isbn=one.isbn, publication=str(one.year))}>"
        f"<authors><line><col>{escape(one.name)}</col></line></authors></item>"
        for place, one in enumerate(some, 1)
    )
    return GC.format("GCbooks", "".join(told))


def of_delicious_1(some: list[Thing]) -> str:
    told = (
        f"<book {lines(title=one.title, author=one.name, upc=one.isbn, published=f'03-02-{one.year}')} "
        f'uuid="U-{one.number}"/>'
        for one in some
    )
    return f'<library uuid="L" version="1"><items>{"".join(told)}</items></library>'


def of_delicious_2(some: list[Thing]) -> bytes:
    return plistlib.dumps(
        [
            {
                "type": "Book",
                "title": one.title,
                "creatorsCompositeString": one.name,
                "isbn": one.isbn,
                "publishDate": datetime(one.year, 2, 3),
                "uuidString": f"U-{one.number}",
            }
            for one in some
        ]
    )


def of_clz(some: list[Thing]) -> str:
    told = (
        f"<id>{one.number}</id><title>{escape(one.title)}</title><isbn>{one.isbn}</isbn>"
        f"<authors>{named('author', escape(one.name))}</authors><publicationdate><year>"
        f"<displayname>{one.year}</displayname></year></publicationdate>"
        for one in some
    )
    return export("book", *told)


def of_calibre(some: list[Thing]) -> bytes:
    with closing(sqlite3.connect(":memory:")) as made:
        made.executescript(SCHEMA)
        for name, (value, link) in LINKED.items():
            made.execute(f"CREATE TABLE {name} (id INTEGER PRIMARY KEY, {value} TEXT)")
            made.execute(
                f"CREATE TABLE books_{name}_link (id INTEGER PRIMARY KEY, book INTEGER, {link} INTEGER)"
            )
        for key, one in enumerate(some, 1):
            day = f"{one.year}-02-03 00:00:00+00:00"
            made.execute(
                "INSERT INTO books VALUES (?, ?, ?, ?, ?, 1.0)", (key, one.title, f"u{key}", day, day)
            )
            made.execute("INSERT INTO authors VALUES (?, ?)", (key, one.name))
            made.execute("INSERT INTO books_authors_link VALUES (?, ?, ?)", (key, key, key))
            made.execute("INSERT INTO identifiers VALUES (?, 'isbn', ?)", (key, one.isbn))
        made.commit()
        return made.serialize()


def of_calibre_json(some: list[Thing]) -> str:
    return json.dumps(
        [
            {
                "id": one.number,
                "title": one.title,
                "authors": one.name,
                "isbn": one.isbn,
                "pubdate": f"{one.year}-02-03T00:00:00+00:00",
                "uuid": f"u{one.number}",
            }
            for one in some
        ]
    )


def of_librarything_json(some: list[Thing]) -> str:
    return json.dumps(
        {
            f"{one.number}": {
                "books_id": f"{one.number}",
                "title": one.title,
                "authors": [{"fl": one.name, "lf": one.name}],
                "date": f"{one.year}",
                "isbn": {"0": one.isbn},
            }
            for one in some
        }
    )


WRITERS: dict[str, Callable[[list[Thing]], str | bytes]] = {
    "ours": csv_of(
        "media_type,title,author,year,isbn",
        lambda one: ["book", one.title, one.name, one.year, one.isbn],
    ),
    "tellico": of_tellico,
    "tellico in its archive": lambda some: archive(ending="", **{"tellico.xml": of_tellico(some)}),
    "tellico csv": csv_of(
        "Title,Author,Copyright Year,ISBN#,Date Created,Date Modified",
        lambda one: [one.title, one.name, one.year, one.isbn, "2020-01-02", "2020-01-02"],
    ),
    "gcstar": of_gcstar,
    "delicious 1": of_delicious_1,
    "delicious 2": of_delicious_2,
    "delicious 3": csv_of(
        "item type,title,creator,isbn,release date,amazon link",
        lambda one: ["Book", one.title, one.name, one.isbn, f"{one.year}-02-03", ""],
    ),
    "clz": of_clz,
    "clz csv": csv_of(
        "Title,Author,ISBN,Publication Year,Index,Collection Status",
        lambda one: [one.title, one.name, one.isbn, one.year, one.number, "In Collection"],
    ),
    "goodreads": csv_of(
        "Book Id,Title,Author,ISBN13,Original Publication Year,Exclusive Shelf,Owned Copies",
        lambda one: [one.number, one.title, one.name, f'="{one.isbn}"', one.year, "read", 1],
    ),
    "storygraph": csv_of(
        "Title,Authors,ISBN/UID,Read Status,Owned?",
        lambda one: [one.title, one.name, one.isbn, "read", "Yes"],
    ),
    "libib": csv_of(
        "item_type,title,creators,ean_isbn13,upc_isbn10,publish_date",
        lambda one: ["book", one.title, one.name, one.isbn, "", f"{one.year}-02-03"],
    ),
    "librarything": csv_of(
        "Book Id,Title,Primary Author,Date,ISBN,Publication",
        lambda one: [one.number, one.title, one.name, one.year, f"[{one.isbn}]", ""],
        by="\t",
    ),
    "librarything json": of_librarything_json,
    "discogs": csv_of(
        "Catalog#,Artist,Title,Label,Format,Released,release_id",
        lambda one: ["", one.name, one.title, "", "LP", one.year, one.number],
    ),
    "letterboxd": lambda some: archive(
        watched=table(
            ["Date", "Name", "Year", "Letterboxd URI"],
            *(["2020-01-02", one.title, one.year, f"https://boxd.it/{one.number}"] for one in some),
        )
    ),
    "calibre": of_calibre,
    "calibre json": of_calibre_json,
    "calibre csv": csv_of(
        "title,authors,isbn,pubdate,uuid,title_sort,author_sort",
        lambda one: [
            one.title,
            one.name,
            one.isbn,
            f"{one.year}-02-03T00:00:00+00:00",
            f"u{one.number}",
            "",
            "",
        ],
    ),
}
SAYS_NO_YEAR, SAYS_NO_NAME, SAYS_NO_ISBN = {"storygraph"}, {"letterboxd"}, {"letterboxd", "discogs"}


def test_every_format_is_written_here():
    tried = {(found.key, found.read) for make in WRITERS.values() if (found := recognised(file(make([ONE]))))}
    # Codes tell no title; our archive is made of a whole collection, by the tests of exports.
    assert {one.key for one in FORMATS} - {key for key, _ in tried} == {"codes", "archived"}
    assert len(tried) == len(FORMATS) - 2


ONE = Thing("Abc & Bcd", "Ann Bo", 1999, 7)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=25)
@given(some=things)
def test_every_format_gives_back_what_was_written(name: str, some: list[Thing]):
    content = WRITERS[name](some)
    found = entries(content)
    told = [
        (
            entry.work.title,
            [person.name for person in entry.work.people if person.role is CREATOR[entry.work.kind]],
            entry.work.year,
            [code.value for code in entry.codes if code.scheme is Scheme.ISBN],
        )
        for entry in found
    ]
    assert sorted(told) == sorted(
        (
            one.title,
            [] if name in SAYS_NO_NAME else [one.name],
            None if name in SAYS_NO_YEAR else one.year,
            [] if name in SAYS_NO_ISBN else [one.isbn],
        )
        for one in some
    )
    format = recognised(file(content))
    assert format
    assert count(file(content), format) == len(some)


@pytest.mark.parametrize("name", SAMPLES)
def test_what_any_format_tells_comes_back_equal_from_our_table(name: str):
    told = entries(SAMPLES[name])
    to = io.StringIO()
    write(told, to, sorted({f"own:{name}" for one in told for name, _ in one.own}))
    assert _unnumbered(entries(to.getvalue())) == _unnumbered(told)


def _unnumbered(some):
    # A table keeps the order of people and genres within a column alone, and that of own fields not at all.
    return [
        replace(
            one,
            number=0,
            own=tuple(sorted(one.own)),
            own_of_work=tuple(sorted(one.own_of_work)),
            codes=tuple(sorted(one.codes, key=str)),
            work=replace(
                one.work,
                people=tuple(sorted(one.work.people, key=lambda person: person.role)),
                terms=tuple(sorted(one.work.terms, key=lambda term: term.kind)),
            ),
        )
        for one in some
    ]


some_text = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Co", "Cn"]) | st.sampled_from(";|:\\\n'=_"),
    max_size=12,
).map(lambda text: " ".join(text.split(" ")).strip())
said = some_text.filter(bool)
days = st.dates(date(1000, 1, 1), date(2199, 12, 31))
decimals = st.decimals(0, 9999, allow_nan=False, places=2).map(lambda number: number.normalize() + 0)
wholes = st.none() | st.integers(1, 9999)


owned = st.dictionaries(said, said, max_size=2).map(lambda told: tuple(sorted(told.items())))
many_entries = st.lists(
    st.builds(
        Entry,
        number=st.just(0),
        work=st.builds(
            Work,
            kind=st.sampled_from(Kind),
            title=said,
            year=st.none() | st.integers(1000, 2199),
            overview=some_text,
            language=some_text,
            runtime_min=wholes,
            audience_rating=some_text,
            series=some_text,
            position=some_text | st.sampled_from(["1", "0.5", "12"]),
            people=st.lists(
                st.builds(Person, name=said, role=st.sampled_from(Role)), max_size=3, unique_by=str
            ).map(lambda some: tuple(sorted(some, key=lambda one: list(Role).index(one.role)))),
            terms=st.lists(
                st.builds(Term, kind=st.sampled_from(TermKind), name=said), max_size=3, unique_by=str
            ).map(lambda some: tuple(sorted(some, key=lambda one: list(TermKind).index(one.kind)))),
        ),
        edition=st.builds(
            Edition,
            format=some_text,
            publisher=some_text,
            published_on=st.none() | days,
            region=some_text,
            pages=wholes,
            discs=wholes,
        ),
        codes=st.sampled_from(
            [
                (),
                (Code(Scheme.ISBN, ONE.isbn),),
                (Code(Scheme.ISBN, ONE.isbn), Code(Scheme.GTIN, "4006381333931"), Code(Scheme.TVDB, "7")),
            ]
        ),
        copy=st.none()
        | st.builds(
            Copy,
            place=some_text,
            condition=some_text,
            acquired_on=st.none() | days,
            price=st.none() | decimals,
            currency=st.sampled_from(["", "EUR", "€"]),
            quantity=st.integers(1, 9),
            lent_to=some_text,
            notes=some_text,
            signatures=st.lists(st.builds(Signature, by=said, on=st.none() | days), max_size=2).map(tuple),
        ),
        progress=st.none()
        | st.builds(
            Progress,
            state=st.none() | st.sampled_from(State),
            times=wholes,
            rating=st.integers(1, 20).map(lambda number: (Decimal(number) / 2).normalize() + 0),
            is_wanted=st.booleans(),
            review=some_text,
        ),
        id=st.sampled_from(["", "list/7"]),
        added_on=st.none() | days,
        own=owned,
        own_of_work=owned,
    ),
    min_size=1,
    max_size=4,
).map(lambda some: [one if one.work.kind in BOOKISH else replace(one, codes=one.codes[1:]) for one in some])


BARS = (Person("|", Role.ACTOR), Person("a|b", Role.ACTOR))


@settings(max_examples=150)
@example(some=[Entry(0, Work(Kind.MOVIE, "0", people=BARS))])
@given(some=many_entries)
def test_what_is_written_for_tellico_is_read_whole(some: list[Entry]):
    to = io.BytesIO()
    assert write_tellico(some, to) == len(some)
    found = entries(to.getvalue())
    assert recognised(to) is TELLICO
    assert [one.number for one in found] == list(range(1, len(some) + 1))
    assert sorted(map(repr, _unnumbered(found))) == sorted(map(repr, _unnumbered(some)))
