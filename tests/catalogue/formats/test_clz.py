"""CLZ: XML of five programs, and their CSV."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from catalogue.codes import Code, Scheme
from catalogue.formats.clz import CLZ, CLZ_CSV
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
    State,
    Term,
    TermKind,
    Work,
)
from tests.catalogue.formats.build import entries, file, of_dicts


def named(tag: str, *names: str) -> str:
    return "".join(
        f"<{tag}><displayname>{name}</displayname><sortname>x</sortname></{tag}>" for name in names
    )


def person(tag: str, role: str, name: str) -> str:
    told = f"<role id='{role}'>Rolle</role><roleid>{role}</roleid>"
    return f"<{tag}>{told}<person><displayname>{name}</displayname></person></{tag}>"


def day(tag: str, year: int, month: int = 0, day: int = 0) -> str:
    rest = f"<month>{month}</month><day>{day}</day>" if month else ""
    told = f"<year><displayname>{year}</displayname></year>{rest}<date>{day}/{month}/{year}</date>"
    return f"<{tag}>{told}</{tag}>"


def export(kind: str, *things: str) -> str:
    told = "".join(f"<{kind}>{thing}</{kind}>" for thing in things)
    fields = '<field name="Title" id="dfTitle" label="Titel"/>'
    return (
        f'<?xml version="1.0"?><{kind}info><{kind}metadata>{fields}</{kind}metadata><{kind}list>{told}'
        f"</{kind}list></{kind}info>"
    )


MOVIE = "".join(
    (
        "<id>107</id><index>1</index><imdbnum>60438</imdbnum><title>Lantern [Steelbook Edition]</title>",
        named("format", "Blu-ray"),
        '<collectionstatus listid="3">In Collection</collectionstatus><store/><plot>Dim.</plot>',
        "<myrating>8</myrating><myrating><displayname>8</displayname></myrating>",
        '<seenit boolvalue="1">Ja</seenit>',
        day("viewingdate", 2020, 3, 4),
        day("releasedate", 1966),
        day("dvdreleasedate", 2000, 5, 6),
        named("mpaarating", "PG"),
        named("location", "Shelf 2"),
        "<runtime>97</runtime><chapters>0</chapters><nritems>2</nritems><quantity>1</quantity>",
        '<layers listid="4">N/A</layers><upc>4006381333931</upc><purchaseprice>$11.98</purchaseprice>',
        day("purchasedate", 2019, 12, 24),
        f"<genres>{named('genre', 'Sea', 'Night')}</genres><studios>{named('studio', 'Pier')}</studios>",
        f"<cast>{person('star', 'dfActor', 'Jo Wood')}{person('star', 'dfActor', 'Ana Thorn')}</cast>",
        f"<crew>{person('member', 'dfDirector', 'Mara Berg')}{person('member', 'dfCamera', 'Otto')}</crew>",
        "<discs><disc><title>Disc 1</title></disc><disc><title>Disc 2</title></disc></discs>",
        "<loan><loanedto>Ana</loanedto></loan><bpmovieid>7</bpmovieid><thumbfilepath>C:\\x</thumbfilepath>",
        '<abridged boolvalue="0">Nein</abridged>',
    )
)


def test_a_movie_is_read_whole():
    assert recognised(file(export("movie", MOVIE))) is CLZ
    assert entries(export("movie", MOVIE)) == [
        Entry(
            1,
            Work(
                Kind.MOVIE,
                "Lantern",
                year=1966,
                overview="Dim.",
                runtime_min=97,
                audience_rating="PG",
                people=(
                    Person("Mara Berg", Role.DIRECTOR),
                    Person("Jo Wood", Role.ACTOR),
                    Person("Ana Thorn", Role.ACTOR),
                ),
                terms=(
                    Term(TermKind.GENRE, "Sea"),
                    Term(TermKind.GENRE, "Night"),
                    Term(TermKind.STUDIO, "Pier"),
                ),
            ),
            Edition("Steelbook Edition", "Blu-ray", published_on=date(2000, 5, 6), discs=2),
            (Code(Scheme.GTIN, "4006381333931"), Code(Scheme.IMDB, "tt0060438")),
            Copy(
                place="Shelf 2",
                acquired_on=date(2019, 12, 24),
                price=Decimal("11.98"),
                currency="$",
                lent_to="Ana",
            ),
            Progress(State.COMPLETED, rating=Decimal(8), plays=(Play(None, date(2020, 3, 4)),)),
            "movie/107",
            own=(("camera", "Otto"), ("discs", "Disc 1; Disc 2")),
        )
    ]


def test_a_book_has_a_main_section():
    main = (
        f"<title>The Harbour (Tides #2)</title><authors>{person('author', 'dfAuthor', 'Mara Berg')}</authors>"
        f"<original>{day('origpublicationdate', 1999)}</original>"
    )
    told = f"<id>7</id><mainsection>{main}</mainsection><isbn>0306406152</isbn>{day('publicationdate', 2011)}"

    (found,) = entries(export("book", told + '<readit boolvalue="0">No</readit>'))

    assert found.work == Work(
        Kind.BOOK,
        "The Harbour",
        year=1999,
        series="Tides",
        position="2",
        people=(Person("Mara Berg", Role.AUTHOR),),
    )
    assert (found.codes, found.progress) == ((Code(Scheme.ISBN, "9780306406157"),), None)


def test_an_album_tells_its_tracks():
    track = "<details><detail><title>One</title></detail></details>"
    tracks = f"<details><detail><title>Side A</title>{track}</detail></details>"
    artists = f"<artists>{named('artist', 'Mara Berg')}</artists>"
    told = f"<title>Gulls</title>{artists}{named('label', 'Pier')}{tracks}"

    (found,) = entries(export("music", told + day("releasedate", 1986, 2, 3)))

    assert (found.work.kind, found.work.year, found.edition.published_on) == (
        Kind.AUDIO,
        1986,
        date(1986, 2, 3),
    )
    assert (found.edition.publisher, found.own) == ("Pier", (("details", "Side A; One"),))


@pytest.mark.parametrize(
    ("status", "is_owned", "is_wanted", "own"),
    [
        ("For Sale", True, None, ()),
        ("On Wish List", False, True, ()),
        ("Sold", False, None, (("collectionstatus", "Sold"),)),
    ],
)
def test_what_is_not_in_the_collection_is_not_owned(status, is_owned, is_wanted, own):
    (found,) = entries(export("game", f"<title>A</title><collectionstatus>{status}</collectionstatus>"))

    assert found.work.kind is Kind.GAME
    assert (found.copy is not None, found.progress and found.progress.is_wanted, found.own) == (
        is_owned,
        is_wanted,
        own,
    )


def test_a_comic_of_the_csv_has_the_name_of_its_series():
    told = {
        "Core ComicID": "4711",
        "Core SeriesID": "12",
        "Index": "3",
        "Series": "Tides",
        "Issue": "3A",
        "Title": "",
        "Variant Description": "Foil",
        "Publisher": "Pier",
        "Release Date": "May 21, 1997",
        "Cover Year": "1997",
        "Barcode": "76194134192700311",
        "Writer": "Mara Berg; Jo Wood",
        "Penciller": "Ana Thorn",
        "Grade": "9.2 NM-",
        "Read It": "Yes",
        "Loaned To": "Otto",
        "Added Date": "Feb 31, 2020",
    }

    (found,) = entries(of_dicts(",".join(told), told))

    assert recognised(file(of_dicts(",".join(told), told))) is CLZ_CSV
    assert found.work == Work(
        Kind.COMIC,
        "Tides",
        year=1997,
        series="Tides",
        position="3A",
        people=(
            Person("Mara Berg", Role.WRITER),
            Person("Jo Wood", Role.WRITER),
            Person("Ana Thorn", Role.PENCILLER),
        ),
    )
    assert found.edition == Edition(publisher="Pier", published_on=date(1997, 5, 21))
    assert found.codes == (Code(Scheme.ADDON, "076194134192700311"), Code(Scheme.CLZ, "comic/4711"))
    assert found.copy == Copy(condition="9.2 NM-", lent_to="Otto")
    assert (found.id, found.progress) == ("4711/3", Progress(State.COMPLETED))
    assert set(found.own) == {
        ("Core SeriesID", "12"),
        ("Variant Description", "Foil"),
        ("added_on", "Feb 31, 2020"),
    }


@pytest.mark.parametrize(
    ("columns", "kind"),
    [
        ({"IMDb Number": "tt0060438", "Viewing Date": "last spring"}, Kind.MOVIE),
        ({"Platform": "Xbox"}, Kind.GAME),
        ({"Author": "Mara Berg"}, Kind.BOOK),
        ({"Artist": "Mara Berg"}, Kind.AUDIO),
        ({}, Kind.OTHER),
    ],
)
def test_the_kind_of_a_csv_is_told_by_its_columns(columns, kind):
    told = {"Title": "A", "Collection Status": "In Collection", "Issue": "", **columns}

    (found,) = entries(of_dicts(",".join(told), told))

    assert found.work.kind is kind
    assert found.own == ((("Viewing Date", "last spring"),) if kind is Kind.MOVIE else ())


def test_a_comic_without_a_number_has_none():
    told = {"Core ComicID": "1", "Series": "Tides", "Issue": "NN"}

    (found,) = entries(of_dicts(",".join(told), told))

    assert (found.work.title, found.work.position, found.own) == ("Tides", "", ())
