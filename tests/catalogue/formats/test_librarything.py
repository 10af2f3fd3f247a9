"""LibraryThing: its tab-delimited text and its JSON tell the same books."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats.librarything import LIBRARYTHING, LIBRARYTHING_JSON
from catalogue.formats.recognising import recognised
from catalogue.values import (
    Copy,
    Edition,
    Entry,
    Fault,
    Kind,
    Person,
    Play,
    Progress,
    Role,
    State,
    Term,
    TermKind,
    Work,
    Wrong,
)
from tests.catalogue.formats.build import entries, faults, file, table

HARBOUR = {
    "Book Id": "77",
    "Title": "The Harbour (Tides, #2)",
    "Sort Character": "5",
    "Primary Author": "Berg, Mara",
    "Primary Author Role": "Author",
    "Secondary Author": "Wood, Jo|Cher",
    "Secondary Author Roles": "Translator|Foreword",
    "Publication": "Pier Press (2011), Edition: Second, 320 pages",
    "Date": "1999",
    "Review": "Wet [and cold].",
    "Rating": "4.5",
    "Comment": "Gift",
    "Media": "Paperback",
    "Acquired": "[2019-12-24]",
    "Date Started": "[2020-01-02]",
    "Date Read": "[2020-01-31]",
    "Tags": "sea, night",
    "Collections": "Your library, Attic",
    "Languages": "English",
    "ISBN": "[0306406152]",
    "ISBNs": "0306406152, 9780306406157",
    "Copies": "2",
    "Entry Date": "[2019-12-25]",
    "Dewey Wording": "Tides",
}
OF_JSON = {
    "77": {
        "books_id": "77",
        "title": "The Harbour (Tides, #2)",
        "sortcharacter": "5",
        "public": "1",
        "primaryauthor": "Berg, Mara",
        "authors": [
            {"lf": "Berg, Mara", "fl": "Mara Berg", "role": "Author"},
            {"lf": "Wood, Jo", "fl": "Jo Wood", "role": "Translator"},
            {"lf": "Cher", "fl": "Cher", "role": "Foreword"},
        ],
        "publication": "Pier Press (2011), Edition: Second, 320 pages",
        "date": "1999",
        "review": "Wet [and cold].",
        "rating": 4.5,
        "comment": "Gift",
        "format": [{"code": "1.1.1", "text": "Paperback"}],
        "dateacquired": "2019-12-24",
        "datestarted": "2020-01-02",
        "dateread": "2020-01-31",
        "tags": ["sea", "night"],
        "collections_idA": [1],
        "collections": ["Your library", "Attic"],
        "language": ["English"],
        "originalisbn": "0306406152",
        "isbn": {"0": "0306406152", "2": "9780306406157"},
        "ean": ["0306406152"],
        "copies": "2",
        "entrydate": "2019-12-25",
        "lcc": [],
        "ddc": None,
        "Dewey Wording": "Tides",
    }
}
TOLD = Entry(
    2,
    Work(
        Kind.BOOK,
        "The Harbour",
        year=1999,
        language="English",
        series="Tides",
        position="2",
        people=(
            Person("Mara Berg", Role.AUTHOR),
            Person("Cher", Role.AUTHOR),
            Person("Jo Wood", Role.TRANSLATOR),
        ),
        terms=(Term(TermKind.TAG, "Attic"), Term(TermKind.TAG, "sea"), Term(TermKind.TAG, "night")),
    ),
    Edition("Second", "Paperback", "Pier Press", pages=320),
    (Code(Scheme.ISBN, "9780306406157"), Code(Scheme.LIBRARYTHING, "77")),
    Copy(acquired_on=date(2019, 12, 24), quantity=2, notes="Gift"),
    Progress(
        State.COMPLETED,
        rating=Decimal(9),
        review="Wet [and cold].",
        plays=(Play(date(2020, 1, 2), date(2020, 1, 31)),),
    ),
    "77",
    date(2019, 12, 25),
    (("Dewey Wording", "Tides"),),
)


def as_text(*books):
    return table(HARBOUR, *([book.get(name, "") for name in HARBOUR] for book in books), delimiter="\t")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "latin-1"])
def test_the_text_is_read_whole(encoding):
    assert recognised(file(as_text(HARBOUR), encoding)) is LIBRARYTHING
    assert entries(as_text(HARBOUR), encoding) == [TOLD]


def test_the_json_tells_the_same():
    (found,) = entries(json.dumps(OF_JSON))

    assert recognised(file(json.dumps(OF_JSON))) is LIBRARYTHING_JSON
    assert found.number == 1
    assert (found.work, found.edition, found.copy, found.progress) == (
        TOLD.work,
        TOLD.edition,
        TOLD.copy,
        TOLD.progress,
    )
    assert (found.codes, found.id, found.added_on, found.own) == (TOLD.codes, "77", TOLD.added_on, TOLD.own)


@pytest.mark.parametrize(
    ("collections", "is_owned", "progress"),
    [
        ("", True, None),
        ("Attic", True, None),
        ("Wishlist", False, Progress(is_wanted=True)),
        ("Read but unowned", False, Progress(State.COMPLETED)),
        ("Your library, Currently reading", True, Progress(State.STARTED)),
    ],
)
def test_collections_say_whether_a_book_is_owned_and_read(collections, is_owned, progress):
    (found,) = entries(as_text({"Title": "Lantern", "Collections": collections}))

    assert (found.copy is not None, found.progress, found.own) == (is_owned, progress, ())


def test_what_is_no_book_says_so_and_a_publication_that_is_not_understood_is_no_loss():
    told = {"Title": "Lantern", "Media": "DVD", "Date Started": "2020-01-02", "Publication": "Somewhere"}

    (found,) = entries(as_text(told))

    assert (found.work.kind, found.edition.format) == (Kind.MOVIE, "DVD")
    assert found.progress == Progress(State.STARTED, plays=(Play(date(2020, 1, 2), None),))
    assert found.own == (("Publication", "Somewhere"),)


def test_a_json_that_is_cut_short_loses_its_last_book_alone():
    told = json.dumps({"1": {"books_id": "1", "title": "Lantern"}, "2": {"books_id": "2", "title": "Gulls"}})

    assert [one.work.title for one in entries(told)] == ["Lantern", "Gulls"]
    assert [one.wrong for one in faults(told[:-10])] == [Wrong.BROKEN]
    assert faults('[{"books_id": 1, "title": ""}, 3]') == [
        Fault(1, Wrong.NO_TITLE),
        Fault(2, Wrong.BROKEN, "3"),
    ]


@pytest.mark.parametrize("other", ["{}", "[1]", '{"a": {}}', '[{"title": "A"}]'])
def test_other_json_is_not_of_librarything(other):
    assert recognised(file(other)) is not LIBRARYTHING_JSON
