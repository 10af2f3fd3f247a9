"""Goodreads, StoryGraph, Libib and Discogs: what is read, wished for or on the shelf."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats.recognising import recognised
from catalogue.formats.sites import DISCOGS, GOODREADS, LIBIB, STORYGRAPH
from catalogue.values import (
    Copy,
    Edition,
    Entry,
    Kind,
    Person,
    Play,
    Progress,
    Role,
    State,
    Term,
    TermKind,
    Work,
)
from tests.catalogue.formats.build import entries, faults, file, of_dicts

OF_GOODREADS = (
    "Book Id,Title,Author,Author l-f,Additional Authors,ISBN,ISBN13,My Rating,Average Rating,Publisher,"
    "Binding,Number of Pages,Year Published,Original Publication Year,Date Read,Date Added,Bookshelves,"
    "Bookshelves with positions,Exclusive Shelf,My Review,Spoiler,Private Notes,Read Count,Owned Copies"
)
OLD = (
    ",Recommended For,Recommended By,Original Purchase Date,Original Purchase Location,Condition,"
    "Condition Description,BCID"
)
OF_STORYGRAPH = (
    "Title,Authors,Contributors,ISBN/UID,Format,Read Status,Date Added,Last Date Read,Dates Read,Read Count,"
    "Moods,Pace,Star Rating,Review,Tags,Owned?"
)
HARBOUR = {
    "Book Id": "77",
    "Title": "The Harbour (Tides, #2)",
    "Author": "Mara  Berg",
    "Author l-f": "Berg, Mara",
    "Additional Authors": "Jo Wood, Ana Thorn",
    "ISBN": '="0306406152"',
    "ISBN13": '="9780306406157"',
    "My Rating": "4",
    "Average Rating": "3.91",
    "Publisher": "Pier Press",
    "Binding": "Paperback",
    "Number of Pages": "320",
    "Year Published": "2011",
    "Original Publication Year": "1999",
    "Date Read": "2020/01/31",
    "Date Added": "2019/12/24",
    "Bookshelves": "sea, read, loved",
    "Bookshelves with positions": "sea (#1), read (#9)",
    "Exclusive Shelf": "read",
    "My Review": "Salt,\nand wind.",
    "Private Notes": "From Jo",
    "Read Count": "2",
    "Owned Copies": "1",
}


def test_a_book_of_goodreads_is_whole():
    (found,) = entries(of_dicts(OF_GOODREADS, HARBOUR))

    assert found == Entry(
        2,
        Work(
            Kind.BOOK,
            "The Harbour",
            year=1999,
            community_rating=Decimal("7.82"),
            series="Tides",
            position="2",
            people=tuple(Person(name, Role.AUTHOR) for name in ("Mara Berg", "Jo Wood", "Ana Thorn")),
            terms=(Term(TermKind.TAG, "sea"), Term(TermKind.TAG, "loved")),
        ),
        Edition(format="Paperback", publisher="Pier Press", pages=320),
        (Code(Scheme.ISBN, "9780306406157"), Code(Scheme.GOODREADS, "77")),
        Copy(notes="From Jo"),
        Progress(
            State.COMPLETED, 2, Decimal(8), False, "Salt,\nand wind.", (Play(finished_on=date(2020, 1, 31)),)
        ),
        "77",
        date(2019, 12, 24),
        (("Year Published", "2011"),),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("shelf", "state", "is_wanted", "tags"),
    [
        ("to-read", None, True, []),
        ("currently-reading", State.STARTED, False, []),
        ("did-not-finish", State.DROPPED, False, []),
        ("borrowed", None, False, ["borrowed"]),
    ],
)
def test_a_shelf_says_how_far_somebody_is(shelf, state, is_wanted, tags):
    told = {"Book Id": "1", "Title": "A", "Bookshelves": shelf, "Exclusive Shelf": shelf, "My Rating": "0"}

    (found,) = entries(of_dicts(OF_GOODREADS, told))

    assert found.progress == Progress(state, is_wanted=is_wanted)
    assert [term.name for term in found.work.terms] == tags
    assert found.copy is None
    assert found.own == ()


def test_older_exports_tell_of_the_copy_and_books_without_isbn_are_kept():
    told = {
        "Title": "A",
        "ISBN": '=""',
        "ISBN13": '=""',
        "Exclusive Shelf": "read",
        "Owned Copies": "2",
        "Original Purchase Date": "2001-02-03",
        "Original Purchase Location": "Pier",
        "Condition": "good",
        "Condition Description": "worn",
        "BCID": "123",
    }

    (found,) = entries(of_dicts(OF_GOODREADS + OLD, told))

    assert found.copy == Copy("", "good", "worn", date(2001, 2, 3), from_where="Pier", quantity=2)
    assert (found.codes, found.id, found.own) == ((), "", (("BCID", "123"),))


def test_a_book_of_storygraph_is_whole():
    told = {
        "Title": "Harbour",
        "Authors": "Mara Berg, Jo Wood",
        "Contributors": "Ana Thorn (Narrator)",
        "ISBN/UID": "9780306406157",
        "Format": "audio",
        "Read Status": "did-not-finish",
        "Date Added": "2021/01/01",
        "Last Date Read": "2022/03/04",
        "Dates Read": "2021/01/02-2021/01/09, 2022/03/04, soon",
        "Read Count": "2",
        "Moods": "dark, slow",
        "Pace": "slow",
        "Star Rating": "3.75",
        "Review": "Wet.",
        "Tags": "sea",
        "Owned?": "Yes",
    }

    (found,) = entries(of_dicts(OF_STORYGRAPH, told))

    assert found == Entry(
        2,
        Work(
            Kind.BOOK,
            "Harbour",
            people=(Person("Mara Berg", Role.AUTHOR), Person("Jo Wood", Role.AUTHOR)),
            terms=(Term(TermKind.TAG, "sea"), Term(TermKind.GENRE, "dark"), Term(TermKind.GENRE, "slow")),
        ),
        Edition(format="audio"),
        (Code(Scheme.ISBN, "9780306406157"),),
        Copy(),
        Progress(
            State.DROPPED,
            2,
            Decimal("7.5"),
            False,
            "Wet.",
            (Play(date(2021, 1, 2), date(2021, 1, 9)), Play(None, date(2022, 3, 4))),
        ),
        "9780306406157",
        date(2021, 1, 1),
        (
            ("Contributors", "Ana Thorn (Narrator)"),
            ("Dates Read", "2021/01/02-2021/01/09, 2022/03/04, soon"),
            ("Pace", "slow"),
        ),
    )


def test_a_book_of_storygraph_may_have_an_id_of_its_own_and_one_date():
    told = {
        "Title": "A",
        "ISBN/UID": "a1b2",
        "Read Status": "to-read",
        "Last Date Read": "2022/03/04",
        "Owned?": "No",
    }

    (found,) = entries(of_dicts(OF_STORYGRAPH, told))

    assert (found.id, found.codes, found.copy) == ("a1b2", (), None)
    assert found.progress == Progress(is_wanted=True, plays=(Play(None, date(2022, 3, 4)),))
    assert entries(of_dicts(OF_STORYGRAPH, {"Title": "A"}))[0].progress == Progress()


OF_LIBIB = (
    "item_type,title,creators,first_name,last_name,ean_isbn13,upc_isbn10,description,publisher,publish_date,group,"
    "tags,notes,price,length,number_of_discs,number_of_players,age_group,ensemble,aspect_ratio,esrb,rating,review,"
    "review_date,status,began,completed,added,copies"
)
OF_DISCOGS = (
    "Catalog#,Artist,Title,Label,Format,Rating,Released,release_id,CollectionFolder,Date Added,"
    "Collection Media Condition,Collection Sleeve Condition,Collection Notes"
)


def test_a_game_of_libib_is_whole():
    told = {
        "item_type": "videogame",
        "title": "Gulls - PlayStation 4",
        "creators": "Pier Works",
        "last_name": "Works",
        "ean_isbn13": "4006381333931",
        "description": "Fly.",
        "publisher": "Shore",
        "publish_date": "2016-05-04",
        "group": "Sea",
        "tags": "birds, calm",
        "notes": "lent once",
        "price": "$19.90",
        "number_of_players": "2",
        "esrb": "E",
        "rating": "4.5",
        "review": "Loud.",
        "status": "In progress",
        "began": "2017-01-01",
        "added": "2016-12-24",
        "copies": "2",
    }

    (found,) = entries(of_dicts(OF_LIBIB, told))

    tags = tuple(Term(TermKind.TAG, name) for name in ("birds", "calm", "Sea"))
    assert found == Entry(
        2,
        Work(
            Kind.GAME,
            "Gulls",
            year=2016,
            overview="Fly.",
            audience_rating="E",
            people=(Person("Pier Works", Role.DEVELOPER),),
            terms=(*tags, Term(TermKind.PLATFORM, "PlayStation 4")),
        ),
        Edition(publisher="Shore", published_on=date(2016, 5, 4)),
        (Code(Scheme.GTIN, "4006381333931"),),
        Copy(price=Decimal("19.9"), currency="$", quantity=2, notes="lent once"),
        Progress(State.STARTED, rating=Decimal(9), review="Loud.", plays=(Play(date(2017, 1, 1)),)),
        added_on=date(2016, 12, 24),
        own=(("number_of_players", "2"),),
    )


@pytest.mark.parametrize(
    ("item", "kind", "minutes", "pages"),
    [
        ("book", Kind.BOOK, None, 120),
        ("movie", Kind.MOVIE, 120, None),
        ("music", Kind.AUDIO, 120, None),
        ("puzzle", Kind.OTHER, None, None),
    ],
)
def test_the_kind_of_a_thing_says_what_its_length_is(item, kind, minutes, pages):
    told = {"item_type": item, "title": "A", "length": "120", "first_name": "Jo", "last_name": "Wood"}

    (found,) = entries(of_dicts(OF_LIBIB, told))

    assert (found.work.kind, found.work.runtime_min, found.edition.pages) == (kind, minutes, pages)
    assert [person.name for person in found.work.people] == ["Jo Wood"]
    assert found.progress is None
    assert dict(found.own) == ({"item_type": "puzzle", "length": "120"} if kind is Kind.OTHER else {})


def test_a_record_of_discogs_is_whole():
    told = {
        "Catalog#": "PIER 7",
        "Artist": "Jo Wood (2)",
        "Title": "Fog",
        "Label": "Pier",
        "Format": "LP, Album",
        "Rating": "5",
        "Released": "1984",
        "release_id": "345",
        "CollectionFolder": "Hall",
        "Date Added": "2014-06-07 08:09:10",
        "Collection Media Condition": "Very Good Plus (VG+)",
        "Collection Sleeve Condition": "Good (G)",
        "Collection Notes": "signed",
    }

    (found,) = entries(of_dicts(OF_DISCOGS, told))

    assert found == Entry(
        2,
        Work(Kind.AUDIO, "Fog", year=1984, people=(Person("Jo Wood (2)", Role.ARTIST),)),
        Edition(format="LP, Album", publisher="Pier"),
        (Code(Scheme.DISCOGS, "345"),),
        Copy("Hall", "Very Good Plus (VG+)", "Good (G)", notes="signed"),
        Progress(rating=Decimal(10)),
        "345",
        date(2014, 6, 7),
        (("Catalog#", "PIER 7"),),
    )


def test_a_record_without_id_or_rating_is_kept():
    (found,) = entries(of_dicts(OF_DISCOGS, {"Title": "Fog", "Released": "0"}))

    assert (found.codes, found.progress, found.work.year) == ((), None, None)


@pytest.mark.parametrize(
    ("names", "format"),
    [(OF_GOODREADS, GOODREADS), (OF_STORYGRAPH, STORYGRAPH), (OF_LIBIB, LIBIB), (OF_DISCOGS, DISCOGS)],
)
def test_a_row_without_title_is_told_and_the_format_is_known_by_its_columns(names, format):
    table = of_dicts(names, {"Tags": "x", "Publisher": "x", "copies": "1", "Artist": "x"})

    assert recognised(file(table)) is format
    assert [fault.number for fault in faults(table)] == [2]
