"""Tellico and GCstar: collections of several kinds, as XML, in an archive and as CSV."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date
from decimal import Decimal
from zipfile import ZipFile

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats.gcstar import GCSTAR
from catalogue.formats.recognising import recognised
from catalogue.formats.tellico import TELLICO, TELLICO_CSV
from catalogue.formats.tellico_writing import write
from catalogue.values import (
    Copy,
    Edition,
    Entry,
    Fault,
    Kind,
    Person,
    Progress,
    Role,
    State,
    Term,
    TermKind,
    Work,
    Wrong,
)
from tests.catalogue.formats.build import archive, entries, faults, file, of_dicts

DOCTYPE = (
    "<!DOCTYPE tellico PUBLIC '-//Robby Stephenson/DTD Tellico V11.0//EN' "
    "'http://periapsis.org/tellico/dtd/v11/tellico.dtd'>"
)


def collection(type: int, *entries: str, beside: str = "") -> str:
    told = "".join(f'<entry id="{number}">{entry}</entry>' for number, entry in enumerate(entries, 1))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{DOCTYPE}<tellico xmlns="http://periapsis.org/tellico/" '
        f'syntaxVersion="11"><collection title="Mine" type="{type}"><fields><field name="title"/></fields>'
        f"{told}{beside}</collection></tellico>"
    )


HARBOUR = """
  <title>The Harbour</title><authors><author>Mara Berg</author><author>Wood, Jo</author></authors>
  <binding>Paperback</binding><pur_date>2019-12-24</pur_date><pur_price>12,50 €</pur_price>
  <publishers><publisher>Pier Press</publisher></publishers><cr_years><cr_year>1999</cr_year></cr_years>
  <pub_year>2011</pub_year><isbn>0-306-40615-2</isbn><pages>320</pages>
  <languages><language>English</language><language>German</language></languages>
  <genres><genre>Sea</genre></genres><keywords><keyword>loved</keyword></keywords>
  <series>Tides</series><series_num>2</series_num><condition>Used</condition><signed>true</signed>
  <read>true</read><loaned>true</loaned><rating>4</rating><plot>Wet.</plot><comments>Gift</comments>
  <id>1</id><cdate calendar="gregorian"><year>2019</year><month>12</month><day>5</day></cdate>
  <mdate calendar="gregorian"><year>2026</year><month>4</month><day>5</day></mdate>
  <maps><map><column>Pier</column><column>3</column></map></maps>
"""
LOAN = '<loan uid="b" loanDate="2020-1-1" entryRef="1"/>'
BORROWED = f'<borrowers><borrower name="Ana" uid="a">{LOAN}</borrower></borrowers>'
OF_HARBOUR = Entry(
    1,
    Work(
        Kind.BOOK,
        "The Harbour",
        year=1999,
        overview="Wet.",
        language="English; German",
        series="Tides",
        position="2",
        people=(Person("Mara Berg", Role.AUTHOR), Person("Wood, Jo", Role.AUTHOR)),
        terms=(Term(TermKind.GENRE, "Sea"), Term(TermKind.TAG, "loved")),
    ),
    Edition(format="Paperback", publisher="Pier Press", pages=320),
    (Code(Scheme.ISBN, "9780306406157"),),
    Copy(
        condition="Used",
        acquired_on=date(2019, 12, 24),
        price=Decimal("12.5"),
        currency="€",
        lent_to="Ana",
        notes="Gift",
    ),
    Progress(State.COMPLETED, rating=Decimal(8)),
    "2/Mine/1",
    date(2019, 12, 5),
    (("pub_year", "2011"), ("signed", "true"), ("map", "Pier:3")),
)
LANTERN = """
  <title>Lantern</title><medium>DVD</medium><years><year>2019</year></years><format>PAL</format>
  <casts><cast><column>Jo Wood</column><column>The Keeper</column></cast>
  <cast><column>Ana Thorn</column><column></column></cast></casts>
  <directors><director>Mara Berg</director></directors><running-time>96</running-time>
"""


def archive_of(told: str) -> bytes:
    return archive(**{"tellico.xml": told, "images/a.png": "x"}, ending="")


@pytest.mark.parametrize("pack", [str, archive_of])
def test_a_book_of_tellico_is_read_whole(pack):
    told = pack(collection(2, HARBOUR, beside=BORROWED))

    assert recognised(file(told)) is TELLICO
    assert entries(told) == [OF_HARBOUR]


def test_actors_of_a_film_stand_in_a_table_and_what_is_no_field_of_ours_stays():
    (found,) = entries(collection(3, LANTERN))

    assert [(one.name, one.role) for one in found.work.people] == [
        ("Mara Berg", Role.DIRECTOR),
        ("Jo Wood", Role.ACTOR),
        ("Ana Thorn", Role.ACTOR),
    ]
    assert (found.work.kind, found.work.year, found.work.runtime_min) == (Kind.MOVIE, 2019, 96)
    assert (found.edition.format, found.own) == ("DVD", (("format", "PAL"),))


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"ISBN#": "0306406152", "Author": "Mara Berg; Jo Wood"}, Kind.BOOK),
        ({"Running Time": "96", "Cast": "Mara Berg:A|Jo Wood:B"}, Kind.MOVIE),
        ({"Tracks": "", "Artist": "Mara Berg; Jo Wood"}, Kind.AUDIO),
        ({"Title": "", "Album": "Lantern", "Tracks": "", "Artist": "Mara Berg; Jo Wood"}, Kind.AUDIO),
        ({"Issue": "3", "Writer": "Mara Berg; Jo Wood"}, Kind.COMIC),
        ({"ESRB Rating": "", "Developer": "Mara Berg; Jo Wood"}, Kind.GAME),
        ({"Author": "Mara Berg; Jo Wood"}, Kind.OTHER),
    ],
)
def test_the_csv_of_tellico_is_known_by_its_days_and_its_kind_by_its_columns(columns, kind):
    told = {"Title": "Lantern", "Date Created": "2011-05-29", "Date Modified": "2026-04-05", **columns}

    (found,) = entries(of_dicts(",".join(told), told))

    assert recognised(file(of_dicts(",".join(told), told))) is TELLICO_CSV
    assert found.work.kind is kind
    assert [one.name for one in found.work.people] == ["Mara Berg", "Jo Wood"]
    assert (found.id, found.added_on, found.own) == ("", date(2011, 5, 29), ())


def test_who_has_what_is_not_known_by_the_csv():
    told = {"Title": "A", "Loaned": "true", "Date Created": "", "Date Modified": ""}

    assert entries(of_dicts(",".join(told), told))[0].own == (("Loaned", "true"),)


def test_entries_that_are_damaged_or_too_large_cost_themselves_alone(monkeypatch):
    monkeypatch.setattr("catalogue.formats.xml_records.LONGEST_RECORD", 1_000)
    told = collection(
        2, "<title>A</title>", f"<title>B</title><plot>{'x' * 2_000}</plot>", "<pages>3</pages>"
    )

    assert faults(told) == [Fault(2, Wrong.TOO_LARGE), Fault(3, Wrong.NO_TITLE)]
    assert [one.wrong for one in faults(told[:-20])][-1] is Wrong.BROKEN


def test_what_somebody_changed_in_tellico_holds_against_what_was_written_for_it():
    price, rating = Decimal("12.5"), Decimal(7)
    entry = Entry(1, Work(Kind.BOOK, "A"), copy=Copy(price=price, currency="EUR"))
    to = io.BytesIO()
    write([replace(entry, progress=Progress(rating=rating), own=(("Shelf 1", "a"),))], to)
    told = ZipFile(to).read("books.xml").decode()

    (found,) = entries(told)
    assert (found.copy, found.progress, found.own) == (
        entry.copy,
        Progress(rating=rating),
        (("Shelf 1", "a"),),
    )
    told = told.replace("<rating>4<", "<rating>1<").replace("price>12.5 EUR<", "price>3 EUR<")
    (found,) = entries(told.replace("taggarr-own-Shelf_20_1", "taggarr-unheard"))
    assert (found.copy, found.progress) == (
        Copy(price=Decimal(3), currency="EUR"),
        Progress(rating=Decimal(2)),
    )
    assert found.own == (("taggarr-unheard", "a"),)


GC = '<?xml version="1.0"?><collection type="{}" items="1"><information/>{}</collection>'
FILM = """<item id="2" title="Lantern" original="Laterne" date="2019" time="96 min" director="Mara Berg"
  country="Sea" seen="1" gift="0" favourite="1" added="07/09/2009"
  format="DVD" number="2" rating="7" borrower="none" place="Shelf 2"
  actors="Jo Wood (Keeper, old), Ana Thorn" image="/home/a.jpg">
  <synopsis>Dim.&lt;br/&gt;But &lt;b&gt;bright&lt;/b&gt;.</synopsis><comment>Gift</comment>
  <genre><line><col>Sea, wide</col></line><line><col>Night</col></line></genre>
  <tags><line><col>pier</col></line></tags><audio><line><col>English</col><col>DTS</col></line></audio></item>"""


def test_a_film_of_gcstar_is_read_whole():
    told = GC.format("GCfilms", FILM)

    assert recognised(file(told)) is GCSTAR
    assert entries(told) == [
        Entry(
            1,
            Work(
                Kind.MOVIE,
                "Lantern",
                "Laterne",
                2019,
                "Dim.\nBut bright.",
                runtime_min=96,
                people=(
                    Person("Mara Berg", Role.DIRECTOR),
                    Person("Jo Wood", Role.ACTOR),
                    Person("Ana Thorn", Role.ACTOR),
                ),
                terms=(
                    Term(TermKind.GENRE, "Sea, wide"),
                    Term(TermKind.GENRE, "Night"),
                    Term(TermKind.TAG, "pier"),
                ),
            ),
            Edition(format="DVD", discs=2),
            copy=Copy(place="Shelf 2", notes="Gift"),
            progress=Progress(State.COMPLETED, rating=Decimal(7)),
            id="GCfilms/2",
            added_on=date(2009, 9, 7),
            own=(("country", "Sea"), ("favourite", "1"), ("audio", "English\tDTS")),
        )
    ]


@pytest.mark.parametrize(
    ("type", "item", "expected"),
    [
        (
            "GCbooks",
            'title="A" authors="Mara Berg, Jo Wood" serie="Tides" rank="2" publication="2008" '
            'isbn="0306406152" acquisition="02/09/2013" read="1" borrower="Ana"',
            (Kind.BOOK, "A", 2008, "Tides", "2", ["Mara Berg", "Jo Wood"], date(2013, 9, 2), "Ana"),
        ),
        (
            "GCgames",
            'name="A" developer="Mara Berg" platform="Xbox" released="Nov 09, 2004" completion="100"',
            (Kind.GAME, "A", 2004, "", "", ["Mara Berg"], None, ""),
        ),
        (
            "GCcomics",
            'name="Tides #002 A" series="Tides" volume="2" title="A" writer="Mara Berg" cost="12.99"',
            (Kind.COMIC, "A", None, "Tides", "2", ["Mara Berg"], None, ""),
        ),
        (
            "GCmusics",
            'gcsautoid="1" title="A" artist="Mara Berg" release="2005"',
            (Kind.AUDIO, "A", 2005, "", "", ["Mara Berg"], None, ""),
        ),
        ("GCwines", 'name="A"', (Kind.OTHER, "A", None, "", "", [], None, "")),
    ],
)
def test_every_kind_of_gcstar_is_read(type, item, expected):
    (found,) = entries(GC.format(type, f"<item {item}/>"))

    copy = found.copy or Copy()
    work = found.work
    names = [one.name for one in work.people]
    told = (
        work.kind,
        work.title,
        work.year,
        work.series,
        work.position,
        names,
        copy.acquired_on,
        copy.lent_to,
    )
    assert told == expected
    assert found.own == ()


def test_a_game_that_is_not_finished_says_how_far_it_is():
    (found,) = entries(GC.format("GCgames", '<item name="A" completion="40"/>'))

    assert (found.progress, found.own) == (None, (("completion", "40"),))


@pytest.mark.parametrize("told", ['<collection type="x"><item/></collection>', "<collection/>"])
def test_other_collections_are_not_of_gcstar(told):
    assert recognised(file(told)) is None
