"""Libib and Discogs: things on the shelf."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats.recognising import recognised
from catalogue.formats.sites import DISCOGS, LIBIB
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


@pytest.mark.parametrize(("names", "format"), [(OF_LIBIB, LIBIB), (OF_DISCOGS, DISCOGS)])
def test_a_row_without_title_is_told_and_the_format_is_known_by_its_columns(names, format):
    table = of_dicts(names, {"copies": "1", "Artist": "x"})

    assert recognised(file(table)) is format
    assert [fault.number for fault in faults(table)] == [2]
