"""What the programs of CLZ (Collectorz) export for movies, books, music, games and comics: XML, and CSV.

In the XML a value stands in `displayname`, lists in the plural of their name; in the CSV columns are called
as in the program, and several values stand between `;` or `|`. Both are as they were since 2020. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element

from catalogue.formats import xml_records
from catalogue.formats.cells import Cells, day
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.dialects import NOTHING, Dialect, leading_number, named_month, out_of, unmarked
from catalogue.formats.ours import joined
from catalogue.formats.xml_records import text_of
from catalogue.values import Fault, Kind, State

_KINDS = {
    "movieinfo": Kind.MOVIE,
    "bookinfo": Kind.BOOK,
    "musicinfo": Kind.AUDIO,
    "gameinfo": Kind.GAME,
    "comicinfo": Kind.COMIC,
}
_TOLD_BY = {
    **dict.fromkeys(("Core ComicID", "Core SeriesID", "Variant Description"), Kind.COMIC),
    **dict.fromkeys(("IMDb Number", "Movie Release Year", "IMDb Rating"), Kind.MOVIE),
    **dict.fromkeys(("Platform", "Completeness"), Kind.GAME),
    **dict.fromkeys(("ISBN", "Author"), Kind.BOOK),
    **dict.fromkeys(("Artist", "Label"), Kind.AUDIO),
}
"""Columns of the CSV that one program has, and those before it have not."""

_PEOPLE = {
    **dict.fromkeys(("author", "authors"), "author"),
    **dict.fromkeys(("artist", "artists"), "artist"),
    **dict.fromkeys(("composer", "composers"), "composer"),
    **dict.fromkeys(("actor", "cast"), "cast"),
    **dict.fromkeys(("developer", "developers"), "developer"),
    **dict.fromkeys(("penciller", "penciler"), "penciller"),
    **{name: name for name in ("director", "producer", "writer", "editor", "translator", "illustrator")},
    **{name: name for name in ("inker", "colorist", "letterer", "narrator")},
    "cover artist": "cover_artist",
    "songwriter": "composer",
}
_LISTS = {
    **_PEOPLE,
    **dict.fromkeys(("genre", "genres"), "genre"),
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("studio", "studios"), "studio"),
    **dict.fromkeys(("platform", "platforms"), "platform"),
}
_NAMES = {
    **_LISTS,
    "title": "title",
    **dict.fromkeys(("original title", "originaltitle"), "original_title"),
    "series": "series",
    **dict.fromkeys(("issue", "issuenr", "issue no.", "volume"), "position"),
    "plot": "overview",
    **dict.fromkeys(("language", "languages"), "language"),
    **dict.fromkeys(("runtime", "running time"), "runtime"),
    **dict.fromkeys(("mpaarating", "audience rating", "esrb"), "audience_rating"),
    **dict.fromkeys(("imdbrating", "imdb rating"), "rating"),
    **dict.fromkeys(("myrating", "my rating", "rating"), "user_rating"),
    "edition": "edition",
    "format": "format",
    **dict.fromkeys(("publisher", "label", "distributor"), "publisher"),
    **dict.fromkeys(("dvdreleasedate", "publicationdate"), "published_on"),
    **dict.fromkeys(("publication date", "release date"), "published_on"),
    **dict.fromkeys(("region", "regions"), "region"),
    **dict.fromkeys(("pagecount", "no. of pages", "page count", "pages"), "pages"),
    **dict.fromkeys(("nritems", "nrdiscs", "discs", "no. of disks/tapes", "no. of discs"), "discs"),
    **dict.fromkeys(("upc", "barcode", "upc (barcode)"), "barcode"),
    "isbn": "isbn",
    "issn": "issn",
    "location": "location",
    **dict.fromkeys(("condition", "grade", "media condition"), "condition"),
    "package/sleeve condition": "condition_note",
    **dict.fromkeys(("purchasedate", "purchase date"), "acquired_on"),
    **dict.fromkeys(("purchaseprice", "purchase price", "price"), "price"),
    **dict.fromkeys(("store", "purchase store"), "from_where"),
    "quantity": "quantity",
    **dict.fromkeys(("loanedto", "loaner", "loaned to"), "lent_to"),
    "notes": "notes",
    **dict.fromkeys(("added date", "date added"), "added_on"),
    **dict.fromkeys(("id", "index", "lastmodified", "modified date", "lastmodifieddate"), NOTHING),
    **dict.fromkeys(("titlesort", "title sort", "titlefirstletter", "authorfirstletter"), NOTHING),
    **dict.fromkeys(("artistfirstletter", "thumbfilepath", "coverfront", "coverback", "backdrop"), NOTHING),
    **dict.fromkeys(("purchasepricefloat", "coverpricefloat", "runtimeminutes", "lengthsecs"), NOTHING),
    **dict.fromkeys(("layersnum", "backgroundbackdrop", "poster"), NOTHING),
}
_OWNED = ("", "in collection", "for sale")
_WANTED = ("on wish list", "wish list", "on order")
_DONE = ("seenit", "seen it", "readit", "read it", "completed")
_WHEN = ("viewingdate", "viewing date", "readingdate", "reading date", "read date")
_YEARS = (
    *("origreleasedate", "origpublicationdate", "original release year", "original publication year"),
    *("movie release year", "movie release date", "cover year", "release year", "publication year", "year"),
)
_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_NO_NUMBER = "NN"
_SAYS_NOTHING = ("0", "N/A", "No")
_OF_PROGRAM = re.compile(r"(?:bp|cddb|clz)\w*")
_WITHIN = ("mainsection", "original", "loans", "loan")
_PARTS = ("details", "discs", "episodes", "sections")
"""What a thing consists of: of tracks and discs the titles are told."""

_KIND, _ID = " kind", " id"
_BOTH = re.compile(r"\s*[;|]\s*")


def _listed(text: str) -> str:
    return joined(filter(None, _BOTH.split(text)))


def _day(text: str) -> str:
    return str(day(text) or named_month(text))


_SPEAKS = Dialect(
    _NAMES,
    {
        **dict.fromkeys(_LISTS.values(), _listed),
        **dict.fromkeys(("published_on", "acquired_on", "added_on"), _day),
        **dict.fromkeys(("rating", "user_rating"), out_of(10)),
        **dict.fromkeys(("runtime", "pages", "discs"), leading_number),
        "position": lambda text: None if text.startswith(_NO_NUMBER) else text,
        "overview": unmarked,
    },
    takes_titles_apart=True,
)


def _entry(row: Cells) -> Row:
    has = row.columns.place
    kind = row.text(_KIND) or next((kind for name, kind in _TOLD_BY.items() if has(name) >= 0), Kind.OTHER)
    status = row.text("collectionstatus", "collection status").casefold()
    done = next((row.yes(name) for name in _DONE if has(name) >= 0), None)
    if not (when := day(_day(row.text(*_WHEN)))):
        for name in _WHEN:
            row.leave(name)
    if status not in (*_OWNED, *_WANTED):
        row.leave("collectionstatus")
        row.leave("collection status")
    released, core = row.text("releasedate"), row.text("Core ComicID")
    film = row.text("imdbnum", "imdb number")
    ids = [f"imdb:tt{film.removeprefix('tt').zfill(7)}"] if film.strip("0t").isdecimal() else []
    year = _YEAR.search(row.text(*_YEARS) or (released if kind is Kind.MOVIE else ""))
    series = row.text("Series") if kind is Kind.COMIC else ""
    told = {
        "media_type": kind,
        "id": row.text(_ID) or (f"{core}/{row.text('Index')}" if core else ""),
        "ids": joined([*ids, *([f"clz:comic/{core}"] if core else [])]),
        "series": series,
        "title": row.text("Title") or series,
        "year": year[0] if year else "",
        "published_on": "" if kind is Kind.MOVIE else released,
        "owned": "yes" if status in _OWNED else "no",
        "wanted": "yes" if status in _WANTED else "",
        "state": State.COMPLETED if done or when else "",
        "plays": f"/{when}" if when else "",
    }
    return _SPEAKS.entry(row, told)


def _things(upload: Upload) -> Iterator[Cells | Fault]:
    name = upload.root.removesuffix("info")
    for record in xml_records.records(upload.file, upload.root, f"{name}list", name):
        if isinstance(record, Fault):
            yield record
            continue
        told: dict[str, str] = {}
        for column, text in _told(record.element):
            told[column] = f"{told[column]}; {text}" if column in told and told[column] != text else text
        number = told.get("id", "")
        told |= {_KIND: _KINDS[upload.root], _ID: f"{name}/{number}" if number else ""}
        yield Cells.of(record.number, told)


def _told(element: Element) -> Iterator[tuple[str, str]]:
    """The values of a thing. People stand under what they did, wherever they are told."""
    for child in element:
        if child.tag in _WITHIN:
            yield from _told(child)
            continue
        people = [one for one in child if one.find("person") is not None]
        for one in people:
            yield (
                text_of(one.find("roleid")).removeprefix("df").lower(),
                text_of(one.find("person/displayname")),
            )
        text = "" if people else _text(child)
        if text and text not in _SAYS_NOTHING and not _OF_PROGRAM.fullmatch(child.tag):
            yield child.tag, text


def _text(element: Element) -> str:
    """A value, several, or the day of one."""
    if element.tag in _PARTS:
        return "; ".join(filter(None, map(text_of, element.iter("title"))))
    if element.get("boolvalue"):
        return "yes" if element.get("boolvalue") == "1" else ""
    if (name := element.find("displayname")) is not None:
        return text_of(name)
    if (year := element.find("year")) is not None:
        month, day_of_month = text_of(element.find("month")), text_of(element.find("day"))
        return "-".join([_text(year), month.zfill(2), day_of_month.zfill(2)]) if day_of_month else _text(year)
    return "; ".join(filter(None, map(_text, element))) if len(element) else text_of(element)


def _recognises_table(upload: Upload) -> bool:
    told = upload.table
    return told is not None and (told.has("Core ComicID", "Series") or told.has("Title", "Collection Status"))


CLZ = Format.of_records("clz", lambda upload: upload.root in _KINDS, _things, _entry)
CLZ_CSV = replace(Format.of_table("clz", ("Title",), _entry), recognises=_recognises_table)
