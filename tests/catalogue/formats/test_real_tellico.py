"""Tellico itself opens what we take for its file, and says the same of what it reads as we do."""

from __future__ import annotations

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pytest

from bench import tellico
from catalogue import codes
from catalogue.folding import parsed
from catalogue.formats.dialects import day_first
from catalogue.formats.recognising import recognised
from catalogue.formats.tellico import TELLICO, TELLICO_CSV
from catalogue.formats.tellico_writing import write
from catalogue.values import (
    BOOKISH,
    CREATOR,
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
from tests.catalogue.formats.build import archive, entries, file
from tests.catalogue.formats.test_clz import MOVIE, export
from tests.catalogue.formats.test_delicious import OF_1
from tests.catalogue.formats.test_tellico_and_gcstar import FILM, GC, collection

pytestmark = [
    pytest.mark.uncounted,
    pytest.mark.skipif(not tellico.is_here(), reason="tellico, gdbus or dbus-run-session is not installed"),
]

EXPORTS = ("exportCSV", "exportXML", "exportZip")
STYLES = Path("/usr/share/tellico")
OTHERS = {
    "delicious": OF_1,
    "collectorz": export("movie", MOVIE),
    "gcstar": GC.format("GCfilms", FILM),
}
"""Lists of other programs, by the stylesheets with which Tellico reads them."""

BOOK = """
  <title>The {name}</title><authors><author>Mara Berg</author><author>Jo Wood</author></authors>
  <binding>Paperback</binding><pur_date>2019-12-24</pur_date><publishers><publisher>Pier Press</publisher>
  </publishers><pub_years><pub_year>2011</pub_year></pub_years><isbn>0-306-40615-2</isbn><pages>320</pages>
  <genres><genre>Sea</genre><genre>Night</genre></genres><series>Tides</series><series_num>2</series_num>
  <read>true</read><rating>4</rating><comments>Gift</comments>
  <cdate calendar="gregorian"><year>2019</year><month>12</month><day>5</day></cdate>
"""
FIELDS = (
    *(
        "title:1",
        "author:1:7",
        "binding:1",
        "pur_date:1",
        "publisher:1:7",
        "pub_year:6:3",
        "isbn:1",
        "pages:6",
    ),
    *("genre:1:7", "series:1", "series_num:6", "read:4", "rating:14", "comments:1", "cdate:12", "mdate:12"),
)
TITLES = {
    "isbn": "ISBN#",
    "pur_date": "Purchase Date",
    "pub_year": "Publication Year",
    "cdate": "Date Created",
}


def fields() -> str:
    """The fields of a collection, each with its type and whether it has several values."""
    told = []
    for name, type, *flags in (field.split(":") for field in FIELDS):
        title = TITLES.get(name, name.capitalize())
        told.append(
            f'<field name="{name}" title="{title}" category="General" format="4" type="{type}" '
            f'flags="{flags[0] if flags else 0}"/>'
        )
    return "".join(
        (*told, '<field name="mdate" title="Date Modified" category="General" format="3" type="12"/>')
    )


def of_kind(kind: Kind) -> Entry:
    """A thing of which Tellico has a field for some, and for some none."""
    numbers: tuple[codes.Code, ...] = (codes.Code(codes.Scheme.GTIN, "4006381333931"),)
    if kind in BOOKISH:
        numbers = (codes.Code(codes.Scheme.ISBN, "9780306406157"), *numbers)
    people = [Person(name, CREATOR[kind]) for name in ("Mara Berg", "Zoë; Wood")]
    people += [Person("Ana: Thorn", Role.ACTOR)] if kind in (Kind.MOVIE, Kind.TV) else []
    return Entry(
        1,
        Work(
            kind,
            'Tides & <Harbours>; "one"',
            "Gezeiten",
            1999,
            "Wet.\n\nAnd wide.",
            "English; German",
            96,
            "PG-13",
            Decimal("7.1"),
            "Tides",
            "0.5",
            tuple(sorted(people, key=lambda one: list(Role).index(one.role))),
            (Term(TermKind.GENRE, "Sea"), Term(TermKind.TAG, "loved"), Term(TermKind.PLATFORM, "C64")),
        ),
        Edition("Anniversary", "Laserdisc", "Pier Press", date(2011, 2, 3), "2", "1080p", 320, 2),
        numbers,
        Copy(
            "Attic / Shelf 2",
            "Odd",
            "torn",
            date(2019, 12, 24),
            Decimal("12.5"),
            "EUR",
            "a fair",
            2,
            "Ana",
            "Gift",
            (Signature("Mara Berg", "author", date(2019, 12, 25), "Pier"),),
        ),
        Progress(State.COMPLETED, 2, Decimal(7), review="Fine.", plays=(Play(None, date(2020, 1, 2)),)),
        added_on=date(2019, 12, 5),
        own=(("Straße, Nr.", "a|b:c"),),
        own_of_work=(("Straße, Nr.", "dark"), ("Mood", "calm")),
    )


EXPORTED = [of_kind(kind) for kind in Kind]


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[tellico.Values]]]:
    """What one Tellico exported of our file, and what it says of each list of others that it opened."""
    folder = tmp_path_factory.mktemp("tellico")
    books = [BOOK.format(name=name) for name in ("Harbour", "Lantern", "Café &amp; Gulls")]
    mine = collection(2, *books).replace('<field name="title"/>', fields())
    (folder / "mine.tc").write_bytes(archive(ending="", **{"tellico.xml": mine}))
    orders = [tellico.opened(folder / "mine.tc"), *(tellico.exported(how, folder / how) for how in EXPORTS)]
    packed = io.BytesIO()
    write(EXPORTED, packed)
    with ZipFile(packed) as unpacked:
        ours = unpacked.namelist()
        unpacked.extractall(folder)
    for name in ours:
        orders += [tellico.opened(folder / name), tellico.said(*SAID)]
        orders += [tellico.exported(how, folder / f"{how} {name}") for how in ("exportXML", "exportCSV")]
    others = OTHERS if shutil.which("xsltproc") else {}
    for name, content in others.items():
        theirs = folder / name
        theirs.write_text(content)
        command = ["xsltproc", "--nonet", "--novalid", f"{STYLES}/{name}2tellico.xsl", str(theirs)]
        styled = folder / f"{name}.xml"
        styled.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        orders += [tellico.opened(styled), tellico.said(*SAID)]
    return folder, dict(zip([*ours, *others], tellico.ask(*orders, longest=120), strict=True))


def test_what_tellico_exports_of_our_file_is_read_as_the_file(asked):
    folder, _ = asked
    ours = entries((folder / "mine.tc").read_bytes())
    assert len(ours) == 3
    for how in EXPORTS:
        content = (folder / how).read_bytes()
        theirs = entries(content)
        assert recognised(file(content)) is (TELLICO_CSV if how == "exportCSV" else TELLICO)
        assert [one.work for one in theirs] == [one.work for one in ours], how
        assert [one.edition for one in theirs] == [one.edition for one in ours]
        assert [(one.codes, one.copy, one.progress) for one in theirs] == [
            (one.codes, one.copy, one.progress) for one in ours
        ]
        assert [one.added_on for one in theirs] == [one.added_on for one in ours]


def test_tellico_opens_what_is_exported_for_it_and_gives_all_of_it_back(asked):
    folder, said = asked
    assert len(EXPORTED) == 7
    for ours, name in zip(EXPORTED, said, strict=False):
        (theirs,) = said[name]
        told = _of_theirs(theirs)
        assert told["title"] == parsed(ours.work.title).title, name
        assert theirs["cdate"] == [str(ours.added_on)]
        assert told["year"] == str(ours.work.year)
        if ours.work.kind is not Kind.OTHER:
            assert told["acquired"] == "2019-12-24"
        # It takes a semicolon within a name for the end of one; a field of ours knows better.
        creators = theirs[CREATOR[ours.work.kind]]
        assert "; ".join(creators) == "Mara Berg; Zoë; Wood"
        assert told["isbn"] == ("9780306406157" if ours.work.kind in (Kind.BOOK, Kind.OTHER) else "")
        assert entries((folder / f"exportXML {name}").read_bytes()) == [ours], name
        (of_table,) = entries((folder / f"exportCSV {name}").read_bytes())
        assert (of_table.work.kind, of_table.copy) == (ours.work.kind, ours.copy), name
        assert (of_table.progress, of_table.codes) == (ours.progress, ours.codes)


SAID = (
    *("title", "author", "director", "artist", "writer", "developer"),
    *("isbn", "year", "pub_year", "cr_year", "pur_date", "cdate"),
)


def test_tellico_reads_lists_of_other_programs_as_we_do(asked):
    _, said = asked
    if not said.keys() >= OTHERS.keys():
        pytest.skip("xsltproc is not installed")
    for name in OTHERS:
        theirs = said[name]
        # Of a list with several kinds Tellico reads the kind of which there is most.
        ours = entries(OTHERS[name])[: len(theirs)]
        assert [_of_theirs(one) for one in theirs] == [_of_ours(one, name) for one in ours], name


def _of_theirs(one: tellico.Values) -> dict[str, object]:
    isbn = codes.read("".join(one["isbn"]), bookish=True)
    return {
        "title": parsed("; ".join(one["title"])).title,
        "creators": one["author"] + one["director"],
        "isbn": isbn.value if isbn else "",
        "year": "".join(one["year"] + one["pub_year"] + one["cr_year"]),
        "acquired": day_first("".join(one["pur_date"])),
    }


def _of_ours(one: Entry, name: str) -> dict[str, object]:
    made = [person.name for person in one.work.people if person.role is CREATOR[one.work.kind]]
    bought = one.copy.acquired_on if one.copy else None
    if name == "collectorz":
        # It looks for directors under another word than CLZ writes.
        made = []
    if name == "gcstar":
        # It takes the day on which a thing was noted for that on which it was bought.
        bought = one.added_on
    isbn = [code.value for code in one.codes if code.scheme is codes.Scheme.ISBN]
    return {
        "title": one.work.title,
        "creators": made,
        "isbn": "".join(isbn),
        "year": str(one.work.year),
        "acquired": str(bought),
    }
