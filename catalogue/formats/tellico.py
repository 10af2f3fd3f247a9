"""What Tellico saves and exports: its XML, the ZIP with it (`.tc`), and CSV with the titles of its fields.

The DTD of its XML is public, and not needed. Values are separated by `; `, rows of a table by `|`, its
columns by `:`. What we wrote for it is a ZIP of collections, which is read too. No Django.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO
from xml.etree.ElementTree import Element

from catalogue.formats import archive, xml_records
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.tellico_fields import (
    ADDED,
    CHANGED,
    COLLECTIONS,
    KINDS,
    NAMES,
    OURS,
    SPEAKS,
    column_of,
    shown,
)
from catalogue.formats.xml_records import Record, text_of
from catalogue.values import Fault, Kind, State

_ROOTS = ("tellico", "bookcase")
_MEMBER = "tellico.xml"
_TOLD_BY = {
    "ISBN#": Kind.BOOK,
    "Running Time": Kind.MOVIE,
    "Tracks": Kind.AUDIO,
    "Issue": Kind.COMIC,
    "ESRB Rating": Kind.GAME,
}
"""Columns of CSV that only one kind of collection has."""

_KIND, _ID, _BORROWER = " kind", " id", " borrower"
"""What the XML tells outside of an entry; no field has such a name."""

_BORROWERS = b"<borrower "
_PART = 65_536
_PATH = ("*", "collection")


def _entry(row: Cells) -> Row:
    has = row.columns.place
    ours = _ours(row)
    kind = row.text(_KIND) or next((kind for name, kind in _TOLD_BY.items() if has(name) >= 0), Kind.OTHER)
    is_done = row.text("read", "completed") == "true"
    if is_done:
        ours.pop("state", None)
    if (borrower := row.text(_BORROWER)) or "lent_to" in ours:
        row.take("loaned")
    theirs = {
        "media_type": kind,
        "id": row.text(_ID),
        "lent_to": borrower,
        "state": State.COMPLETED if is_done else "",
    }
    known = theirs | ours
    return SPEAKS.entry(row, known, guesses="published_on" not in ours)


def _ours(row: Cells) -> dict[str, str]:
    """What stands in fields of ours. Where somebody changed Tellico's since we wrote both, that holds."""
    named = [(name, column) for name in row.columns.names if (column := column_of(name))]
    if not named:
        return {}
    cells = {column: row.text(name) for name, column in named}
    for name in row.columns.names:
        column = NAMES.get(name.casefold(), "")
        if column in cells and (text := row.text(name)):
            if text == shown(column, cells):
                row.take(name)
                continue
            row.leave(name)
            del cells[column]
            if column == "price":
                cells.pop("currency", None)
    return {column: text for column, text in cells.items() if text}


def _entries(upload: Upload) -> Iterator[Cells | Fault]:
    number = 0
    for file in _files(upload):
        # Rows have numbers of their own in all of the files together.
        before = number
        for row in _of_file(file):
            number = before + row.number if row.number is not None else number
            yield replace(row, number=number) if before and row.number is not None else row


def _of_file(file: BinaryIO) -> Iterator[Cells | Fault]:
    borrowers = dict(_borrowers(file)) if _has_borrowers(file) else {}
    for record in xml_records.records(file, *_PATH, "entry"):
        if isinstance(record, Fault):
            yield record
            continue
        kind, number = record.parent.get("type", ""), record.element.get("id", "")
        told = {_name(child): text for child in record.element if (text := _text(child))}
        title = record.parent.get("title", "")
        # What we wrote is known by what it is, as in our table: numbers are given anew each time.
        name = "/".join((kind, title, number)) if number and not title.startswith(OURS) else ""
        told |= {_KIND: KINDS.get(kind, Kind.OTHER), _ID: name, _BORROWER: borrowers.get(number, "")}
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


def _files(upload: Upload) -> list[BinaryIO]:
    """The XML, which may stand in an archive with the pictures; in ours there is a file for each kind."""
    if upload.root:
        return [upload.file] if upload.root in _ROOTS else []
    if not archive.is_archive(upload.file):
        return []
    members = (_MEMBER, *(one.member for one in COLLECTIONS.values()))
    files = archive.members(upload.file, *members)
    return [files[name] for name in members if name in files and xml_records.root(files[name]) in _ROOTS]


def _is_csv(upload: Upload) -> bool:
    has = upload.table.has if upload.table else lambda *_: False
    return has(ADDED, CHANGED) and (has("Title") or has("Album"))


TELLICO = Format.of_records("tellico", lambda upload: bool(_files(upload)), _entries, _entry)
TELLICO_CSV = replace(Format.of_table("tellico", (ADDED, CHANGED), _entry), recognises=_is_csv)
