"""What Tellico saves and exports: its XML, the ZIP with it (`.tc`), and CSV with the titles of its fields.

The fields are those of its collections for books, videos, music, comics and games; the DTD of its XML is
public, and not needed. Values are separated by `; `, rows of a table by `|`, its columns by `:`. No Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import Element

from catalogue.formats import archive, xml_records
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.dialects import NOTHING, Dialect, day_of, leading_number, out_of, parts
from catalogue.formats.ours import joined
from catalogue.formats.xml_records import Record, text_of
from catalogue.values import Fault, Kind, State

_ROOTS = ("tellico", "bookcase")
_MEMBER = "tellico.xml"
_KINDS = {"2": Kind.BOOK, "3": Kind.MOVIE, "4": Kind.AUDIO, "5": Kind.BOOK, "6": Kind.COMIC, "11": Kind.GAME}
_TOLD_BY = {
    "ISBN#": Kind.BOOK,
    "Running Time": Kind.MOVIE,
    "Tracks": Kind.AUDIO,
    "Issue": Kind.COMIC,
    "ESRB Rating": Kind.GAME,
}
"""Columns of CSV that only one kind of collection has."""

_ADDED, _CHANGED = "Date Created", "Date Modified"
_KIND, _ID, _BORROWER = " kind", " id", " borrower"
"""What the XML tells outside of an entry; no field has such a name."""

_BORROWERS = b"<borrower "
_PART = 65_536
_PATH = ("*", "collection")
_PEOPLE = (
    *("author", "editor", "translator", "director", "producer", "writer"),
    *("composer", "artist", "illustrator", "developer"),
)
_NAMES = {
    "title": "title",
    **dict.fromkeys(("cr_year", "copyright year", "pub_year", "publication year"), "year"),
    **dict.fromkeys(("year", "production year", "release year"), "year"),
    **dict.fromkeys(("isbn", "isbn#"), "isbn"),
    **dict.fromkeys(("binding", "medium"), "format"),
    **dict.fromkeys(("publisher", "label"), "publisher"),
    **dict.fromkeys(("language", "language tracks"), "language"),
    **dict.fromkeys(("series_num", "series number", "issue"), "position"),
    **dict.fromkeys(("running-time", "running time"), "runtime"),
    **dict.fromkeys(("certification", "esrb rating"), "audience_rating"),
    **dict.fromkeys(("plot", "plot summary", "description"), "overview"),
    **dict.fromkeys(("rating", "personal rating"), "user_rating"),
    **dict.fromkeys(("pur_date", "purchase date"), "acquired_on"),
    **dict.fromkeys(("pur_price", "purchase price"), "price"),
    **dict.fromkeys(("keyword", "keywords"), "tag"),
    **dict.fromkeys(("cdate", _ADDED.casefold()), "added_on"),
    **dict.fromkeys(("amazon", "amazon link"), "asin"),
    **{name: name for name in (*_PEOPLE, "cast", "genre", "studio", "platform", "series")},
    **{name: name for name in ("edition", "pages", "condition", "region")},
    "comments": "notes",
    **dict.fromkeys(("id", "mdate", _CHANGED.casefold(), "cover", "front cover", "back cover"), NOTHING),
}


_values = parts(";")


def _cast(text: str) -> str:
    """The actors of a table, beside whom their roles stand."""
    return joined(name for row in text.split("|") if (name := row.split(":")[0].strip()))


_SPEAKS = Dialect(
    _NAMES,
    {
        **dict.fromkeys((*_PEOPLE, "genre", "tag", "studio", "platform", "isbn"), _values),
        "cast": _cast,
        "user_rating": out_of(5),
        "runtime": leading_number,
        "pages": leading_number,
        "added_on": day_of,
    },
)


def _entry(row: Cells) -> Row:
    has = row.columns.place
    kind = row.text(_KIND) or next((kind for name, kind in _TOLD_BY.items() if has(name) >= 0), Kind.OTHER)
    is_done = row.text("read", "completed") == "true"
    if borrower := row.text(_BORROWER):
        row.take("loaned")
    return _SPEAKS.entry(
        row,
        {
            "media_type": kind,
            "id": row.text(_ID),
            "lent_to": borrower,
            "state": State.COMPLETED if is_done else "",
        },
    )


def _entries(upload: Upload) -> Iterator[Cells | Fault]:
    file = _xml(upload)
    if file is None:
        return
    borrowers = dict(_borrowers(file)) if _has_borrowers(file) else {}
    for record in xml_records.records(file, *_PATH, "entry"):
        if isinstance(record, Fault):
            yield record
            continue
        kind, number = record.parent.get("type", ""), record.element.get("id", "")
        told = {_name(child): text for child in record.element if (text := _text(child))}
        name = "/".join((kind, record.parent.get("title", ""), number)) if number else ""
        told |= {_KIND: _KINDS.get(kind, Kind.OTHER), _ID: name, _BORROWER: borrowers.get(number, "")}
        yield Cells.of(record.number, told)


def _has_borrowers(file: BinaryIO) -> bool:
    file.seek(0)
    end = b""
    while part := file.read(_PART):
        if _BORROWERS in end + part:
            return True
        end = part[-len(_BORROWERS) :]
    return False


def _borrowers(file: BinaryIO) -> Iterator[tuple[str, str]]:
    """Who has which entry."""
    for record in xml_records.records(file, *_PATH, "borrowers", "borrower"):
        if isinstance(record, Record):
            for loan in record.element:
                yield loan.get("entryRef", ""), record.element.get("name", "")


def _name(element: Element) -> str:
    """The name of a field: several values stand in the plural of it."""
    inner = element[0].tag if len(element) else ""
    return inner if f"{inner}s" == element.tag else element.tag


def _text(element: Element) -> str:
    """A field: a text, a day, several values, or a table; it is as in the CSV."""
    names = [child.tag for child in element]
    if names == ["year", "month", "day"]:
        return "-".join(text_of(child).zfill(2) for child in element)
    rows = [[text_of(column) for column in child] or [text_of(child)] for child in element]
    if any(len(row) > 1 for row in rows):
        return "|".join(":".join(row) for row in rows)
    return "; ".join(row[0] for row in rows) if rows else text_of(element)


def _xml(upload: Upload) -> BinaryIO | None:
    """The XML, which may stand in an archive with the pictures."""
    if upload.root:
        return upload.file if upload.root in _ROOTS else None
    if not archive.is_archive(upload.file):
        return None
    file = archive.members(upload.file, _MEMBER).get(_MEMBER)
    return file if file and xml_records.root(file) in _ROOTS else None


TELLICO = Format.of_records("tellico", lambda upload: _xml(upload) is not None, _entries, _entry)
TELLICO_CSV = Format.of_table("tellico", ("Title", _ADDED, _CHANGED), _entry)
