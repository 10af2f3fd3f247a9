"""Delicious Library 1, 2 and 3: three formats of one program."""

from __future__ import annotations

import plistlib
from datetime import date, datetime
from decimal import Decimal

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats.delicious import DELICIOUS_1, DELICIOUS_2, DELICIOUS_3
from catalogue.formats.recognising import recognised
from catalogue.values import (
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
from tests.catalogue.formats.build import entries, file, of_dicts

RTF = (
    r"{\rtf1\mac\ansicpg10000\cocoartf824"
    "\n"
    r"{\fonttbl\f0\froman Times;}{\*\expandedcolortbl;x}{\colortbl;\red255;}"
    "\n"
    r"\pard\ql\f0\fs24 \cf0 Caf\'8e \u8212 ?wet \{and\} \i cold\i0 ,"
    "\n"
    r"grey.\par Two\line three\\"
    "\\\n}"
)
OF_1 = f"""<?xml version="1.0" encoding="utf-8"?>
<library uuid="L" version="1"><items>
<book asin="0306406152" aspect="Paperback" author="Mara Berg&#10;Jo Wood" country="us" created="176690736"
  currentValue="$0.54" fullTitle="The Harbour (Tides, #2)" genre="Sea&#10;Night &amp; fog" lastLookupTime="1"
  netrating="4.5" rating="4" pages="320" price="$23.95" published="17-08-1998" publisher="Pier Press"
  purchaseDate="07-08-2006" title="The Harbour (Tides, #2)" upc="9780306406157" uuid="U-1">
  <description>{RTF}</description>
  <recommendations><book asin="0201136880" title="Not mine" uuid="U-2"/></recommendations></book>
<movie asin="B000068TQ4" title="Lantern [Blu-ray]" director="Mara Berg" stars="Jo Wood&#10;Ana Thorn"
  theatricalDate="09-06-1993" published="03-09-2002" mpaarating="R" minutes="0" mediacount="2"
  upc="4006381333931" uuid="U-3"><description>Dim.</description></movie></items>
<shelves><shelf name="Attic" uuid="S"><linkto uuid="U-1"/></shelf><shelf uuid="T"/></shelves></library>"""


def test_delicious_1_is_read_whole_and_what_is_recommended_is_not_owned():
    assert recognised(file(OF_1)) is DELICIOUS_1

    harbour, lantern = entries(OF_1)

    assert harbour == Entry(
        1,
        Work(
            Kind.BOOK,
            "The Harbour",
            year=1998,
            overview="Café \u2014wet {and} cold,grey.\nTwo\nthree\\",
            community_rating=Decimal(9),
            series="Tides",
            position="2",
            people=(Person("Mara Berg", Role.AUTHOR), Person("Jo Wood", Role.AUTHOR)),
            terms=(
                Term(TermKind.GENRE, "Sea"),
                Term(TermKind.GENRE, "Night & fog"),
                Term(TermKind.TAG, "Attic"),
            ),
        ),
        Edition(format="Paperback", publisher="Pier Press", published_on=date(1998, 8, 17), pages=320),
        (Code(Scheme.ISBN, "9780306406157"), Code(Scheme.DELICIOUS, "U-1")),
        Copy(acquired_on=date(2006, 8, 7)),
        Progress(rating=Decimal(8)),
        "U-1",
        own=(("currentValue", "$0.54"), ("price", "$23.95")),
    )
    assert (lantern.work.title, lantern.work.year, lantern.work.overview) == ("Lantern", 1993, "Dim.")
    assert lantern.edition == Edition(format="Blu-ray", published_on=date(2002, 9, 3), discs=2)
    assert [one.name for one in lantern.work.people] == ["Mara Berg", "Jo Wood", "Ana Thorn"]
    assert [one.scheme for one in lantern.codes] == [Scheme.GTIN, Scheme.ASIN, Scheme.DELICIOUS]
    assert (lantern.work.runtime_min, lantern.own) == (None, ())


def test_delicious_2_is_read_whole():
    told = plistlib.dumps(
        [
            {
                "type": "Video Game",
                "title": "Lantern - PlayStation 4",
                "creatorsCompositeString": "Pier Games\nTide Works",
                "genresCompositeString": "Sea\nNight",
                "formatSingularString": "Disc",
                "ean": "4006381333931",
                "uuidString": "U-9",
                "creationDate": datetime(2007, 12, 19, 1, 40),
                "publishDate": datetime(1982, 11, 13, 8),
                "hasExperienced": 1,
                "isSigned": True,
                "used": False,
                "rating": 0.0,
                "netRating": 4.5,
                "minutes": 0,
                "numberOfMedia": 1,
                "notes": "",
                "rare": 0,
                "tags": ["x"],
            },
            {"title": "Gulls", "uuidString": "U-8", "type": "Toy"},
        ]
    )

    assert recognised(file(told)) is DELICIOUS_2
    lantern, gulls = entries(told)
    assert lantern == Entry(
        1,
        Work(
            Kind.GAME,
            "Lantern",
            year=1982,
            community_rating=Decimal(9),
            people=(Person("Pier Games", Role.DEVELOPER), Person("Tide Works", Role.DEVELOPER)),
            terms=(
                Term(TermKind.GENRE, "Sea"),
                Term(TermKind.GENRE, "Night"),
                Term(TermKind.PLATFORM, "PlayStation 4"),
            ),
        ),
        Edition(format="Disc", published_on=date(1982, 11, 13), discs=1),
        (Code(Scheme.GTIN, "4006381333931"), Code(Scheme.DELICIOUS, "U-9")),
        Copy(),
        Progress(State.COMPLETED),
        "U-9",
        date(2007, 12, 19),
        (("isSigned", "true"),),
    )
    assert gulls.work.kind is Kind.OTHER


def test_delicious_3_is_read_whole():
    told = {
        "item type": "Movie",
        "title": "Lantern",
        "creator": "Mara Berg",
        "platform": "",
        "edition": "Director's Cut",
        "format": "Blu-ray",
        "ean": "4006381333931",
        "isbn": "",
        "amazon link": "https://www.amazon.com/dp/B000068TQ4?tag=x",
        "release date": "2002-09-03",
        "creation date": "2010-01-02",
        "rating": "4",
        "notes": "Gift",
        "signed by": "Mara Berg",
        "signed role": "director",
        "signed on": "2020-02-03",
        "signed at": "Harbour Con",
        "shelf code": "7",
    }

    assert recognised(file(of_dicts(",".join(told), told))) is DELICIOUS_3
    assert entries(of_dicts(",".join(told), told)) == [
        Entry(
            2,
            Work(Kind.MOVIE, "Lantern", year=2002, people=(Person("Mara Berg", Role.DIRECTOR),)),
            Edition("Director's Cut", "Blu-ray", published_on=date(2002, 9, 3)),
            (Code(Scheme.GTIN, "4006381333931"), Code(Scheme.ASIN, "B000068TQ4")),
            Copy(
                notes="Gift",
                signatures=(Signature("Mara Berg", "director", date(2020, 2, 3), "Harbour Con"),),
            ),
            Progress(rating=Decimal(8)),
            "B000068TQ4",
            date(2010, 1, 2),
            (("shelf code", "7"),),
        )
    ]


def test_a_link_that_names_nothing_is_kept():
    told = {"item type": "Book", "title": "A", "amazon link": "https://example.org/x"}

    (found,) = entries(of_dicts(",".join(told), told))

    assert (found.id, found.codes) == ("", ())
    assert [text for _, text in found.own] == ["https://example.org/x"]


@pytest.mark.parametrize("told", [plistlib.dumps([{"a": "b"}]), plistlib.dumps({"a": "b"})])
def test_other_lists_of_properties_are_not_of_delicious(told):
    assert recognised(file(told)) is None
