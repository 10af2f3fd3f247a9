"""The collections of GCstar (`.gcs`): XML in which a thing is an `item`, with texts in attributes and lists.

The names are those of its models for films, series, books, music, games and comics. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from catalogue.formats import xml_records
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.dialects import NOTHING, Dialect, day_first, leading_number, out_of, unmarked
from catalogue.formats.ours import joined
from catalogue.formats.xml_records import text_of
from catalogue.values import Fault, Kind, State

_ROOT = "collection"
_KINDS = {
    **dict.fromkeys(("gcfilms", "gcfilm"), Kind.MOVIE),
    **dict.fromkeys(("gctvseries", "gctvepisodes"), Kind.TV),
    **dict.fromkeys(("gcbooks", "gcperiodicals"), Kind.BOOK),
    "gcmusics": Kind.AUDIO,
    "gcgames": Kind.GAME,
    **dict.fromkeys(("gccomics", "gcmanga"), Kind.COMIC),
}
_TYPE = " type"
_COMPLETE = "100"
_SWITCHES = ("favourite", "gift", "signing", "web")
"""What is 0 of nearly all things says nothing of one."""

_LISTS = {
    **dict.fromkeys(("author", "authors"), "author"),
    **dict.fromkeys(("actors", "cast"), "cast"),
    "illustrator": "illustrator",
    "colourist": "colorist",
    **{name: name for name in ("director", "producer", "writer", "composer", "translator", "developer")},
    **{name: name for name in ("artist", "genre", "platform")},
    "tags": "tag",
}
_OUTSIDE_OF_BRACKETS = re.compile(r"[,/;](?![^(]*\))")
_ROLE = re.compile(r"\s*\([^()]*\)\s*$")


def _listed(text: str) -> str:
    """Several values: lines, or what stands between commas; in brackets behind an actor is the role."""
    if "\n" in text:
        values = [line.split("\t")[0] for line in text.split("\n")]
    else:
        values = _OUTSIDE_OF_BRACKETS.split(text)
    return joined(name for value in values if (name := _ROLE.sub("", value).strip()))


_SPEAKS = Dialect(
    {
        **_LISTS,
        **dict.fromkeys(("original", "origtitle"), "original_title"),
        **dict.fromkeys(("serie", "series"), "series"),
        **dict.fromkeys(("volume", "rank"), "position"),
        **dict.fromkeys(("date", "release", "released", "publication", "publishdate"), "published_on"),
        "firstaired": "published_on",
        "time": "runtime",
        **dict.fromkeys(("synopsis", "description"), "overview"),
        **dict.fromkeys(("comment", "comments"), "notes"),
        **dict.fromkeys(("place", "location"), "location"),
        **dict.fromkeys(("publisher", "label", "editor"), "publisher"),
        **dict.fromkeys(("pages", "numberboards"), "pages"),
        **dict.fromkeys(("acquisition", "purchasedate"), "acquired_on"),
        **dict.fromkeys(("cost", "purchaseprice"), "price"),
        **dict.fromkeys(("ean", "barcode", "unique"), "ean"),
        **{name: name for name in ("isbn", "language", "edition", "format", "region", "condition")},
        "rating": "user_rating",
        "number": "discs",
        "borrower": "lent_to",
        "added": "added_on",
        **dict.fromkeys(("id", "gcsautoid", "image", "cover", "backpic", "boxpic", "front", "back"), NOTHING),
    },
    {
        **dict.fromkeys(_LISTS.values(), _listed),
        **dict.fromkeys(("published_on", "acquired_on", "added_on"), day_first),
        "user_rating": out_of(10),
        "runtime": leading_number,
        "pages": leading_number,
        "lent_to": lambda text: None if text in ("none", "unknown") else text,
        "overview": unmarked,
        "notes": unmarked,
    },
)


def _entry(row: Cells) -> Row:
    collection, number = row.text(_TYPE), row.text("id", "gcsautoid")
    title = row.text("title", "name")
    row.take("title", "name")
    is_done = row.text("seen", "read") == "1" or row.text("completion") == _COMPLETE
    if not is_done:
        row.leave("completion")
    for name in _SWITCHES:
        if row.text(name) != "0":
            row.leave(name)
    return _SPEAKS.entry(
        row,
        {
            "media_type": _KINDS.get(collection.casefold(), Kind.OTHER),
            "id": f"{collection}/{number}" if number else "",
            "title": title,
            "state": State.COMPLETED if is_done else "",
        },
    )


def _items(upload: Upload) -> Iterator[Cells | Fault]:
    for record in xml_records.records(upload.file, _ROOT, "item"):
        if isinstance(record, Fault):
            yield record
        else:
            told = {name: text for name, text in record.element.attrib.items() if text.strip()}
            told |= {child.tag: text for child in record.element if (text := _text(child))}
            yield Cells.of(record.number, told | {_TYPE: record.parent.get("type", "")})


def _text(element: Element) -> str:
    """A text, or a list, of which each line has an end, and tabs between its columns."""
    lines = ["\t".join(map(text_of, line)) for line in element.iter("line")]
    return "".join(f"{line}\n" for line in lines) or text_of(element)


def _recognises(upload: Upload) -> bool:
    if upload.root != _ROOT:
        return False
    first = next(xml_records.records(upload.file, _ROOT, "item"), None)
    return isinstance(first, xml_records.Record) and first.parent.get("type", "").startswith("GC")


GCSTAR = Format.of_records("gcstar", _recognises, _items, _entry)
