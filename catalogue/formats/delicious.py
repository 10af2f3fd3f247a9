"""What Delicious Library exports: 1 an XML of attributes, 2 a list of properties (plist), 3 a CSV.

Nobody documents them; the names are those of exports of all three. In 1, what is recommended stands inside
of what is owned, several values stand below each other, and descriptions are RTF. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from catalogue import codes
from catalogue.formats import xml_records
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.dialects import NOTHING, Dialect, day_first, day_of, leading_number, out_of, parts
from catalogue.formats.ours import joined
from catalogue.formats.xml_records import Record, text_of
from catalogue.values import Fault, Kind, State

_KINDS = {
    "book": Kind.BOOK,
    "movie": Kind.MOVIE,
    **dict.fromkeys(("tv show", "tvshow"), Kind.TV),
    "music": Kind.AUDIO,
    **dict.fromkeys(("game", "video game", "videogame"), Kind.GAME),
}
_NAMES = {
    "title": "title",
    **dict.fromkeys(("creator", "creatorscompositestring"), "creator"),
    **{
        name: name for name in ("author", "director", "artist", "platform", "series", "pages", "asin", "isbn")
    },
    **dict.fromkeys(("stars", "actorscompositestring"), "cast"),
    **dict.fromkeys(("genre", "genrescompositestring"), "genre"),
    **dict.fromkeys(("aspect", "formatsingularstring", "format"), "format"),
    **dict.fromkeys(("edition", "editionscompositestring"), "edition"),
    **dict.fromkeys(("publisher", "publisherscompositestring"), "publisher"),
    **dict.fromkeys(("languagescompositestring", "language"), "language"),
    **dict.fromkeys(("mpaarating", "esrbrating", "audiencerecommendedagesingularstring"), "audience_rating"),
    **dict.fromkeys(("mediacount", "numberofmedia"), "discs"),
    **dict.fromkeys(("published", "publishdate", "release date"), "published_on"),
    **dict.fromkeys(("upc", "ean"), "ean_upc"),
    **dict.fromkeys(("creationdate", "creation date"), "added_on"),
    "amazon link": "asin",
    "minutes": "runtime",
    "numberinseries": "position",
    "purchasedate": "acquired_on",
    "description": "overview",
    "netrating": "rating",
    "rating": "user_rating",
    "notes": "notes",
    "location": "location",
    "condition": "condition",
    **{name: name for name in ("signed_by", "signed_role", "signed_on", "signed_at")},
    **{f"signed {one}": f"signed_{one}" for one in ("by", "role", "on", "at")},
    **dict.fromkeys(("fulltitle", "country", "countrycode", "created", "lastlookuptime"), NOTHING),
    **dict.fromkeys(("lastmodificationdate", "privatecollection"), NOTHING),
}
_SHELVES = " shelves"
_NOT_OWNED = "recommendations"
_NOTHING = ("0", "0.0", "false", "string", "array", "dict")
_YEAR = re.compile(r"\d{4}")
_RTF = re.compile(
    r"\\'(?P<byte>[0-9a-fA-F]{2})|\\u(?P<letter>-?\d{1,6}) ?\??|\\(?P<word>[a-z]+)-?\d*[ ]?"
    r"|\\(?P<sign>[^a-z])|[{}]|(?P<text>[^\\{}]+)",
    re.DOTALL,
)
_TABLES = ("fonttbl", "colortbl", "stylesheet", "info", "expandedcolortbl")
_lines = parts("\n")


def _in_one_line(text: str) -> str:
    return ", ".join(text.split("\n"))


def _day(text: str) -> str | None:
    return day_of(day_first(text))


def _unformatted(text: str) -> str:
    """The text of RTF, without its formats."""
    if not text.startswith(r"{\rtf"):
        return text
    encoding = "mac_roman" if r"\mac" in text[:20] else "cp1252"
    told: list[str] = []
    skipped = depth = 0
    for found in _RTF.finditer(text):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if skipped and depth >= skipped:
            continue
        skipped = 0
        word = found["word"]
        if word in _TABLES or found["sign"] == "*":
            skipped = depth
        elif found["byte"]:
            told.append(bytes.fromhex(found["byte"]).decode(encoding, "replace"))
        elif found["letter"]:
            told.append(chr(int(found["letter"]) % 0x10000))
        elif word in ("par", "line") or found["sign"] == "\n":
            told.append("\n")
        elif found["sign"] or found["text"]:
            told.append(found["sign"] or found["text"].replace("\n", ""))
    return "".join(told).strip()


_SPEAKS = Dialect(
    _NAMES,
    {
        **dict.fromkeys(("author", "director", "artist", "cast", "genre", "creator"), _lines),
        **dict.fromkeys(("format", "edition", "publisher", "language"), _in_one_line),
        **dict.fromkeys(("published_on", "acquired_on", "added_on", "signed_on"), _day),
        **dict.fromkeys(("rating", "user_rating"), out_of(5)),
        **dict.fromkeys(("runtime", "pages", "discs", "position"), leading_number),
        "overview": _unformatted,
    },
    takes_titles_apart=True,
)


def _entry(row: Cells) -> Row:
    kind = row.choice("item type", _KINDS) or row.choice("type", _KINDS) or Kind.OTHER
    number = row.text("uuid", "uuidString")
    told = {
        "media_type": kind,
        "id": number,
        "ids": f"delicious_uuid:{number}" if number else "",
        "state": State.COMPLETED if row.text("hasExperienced") == "1" else "",
        "tag": row.text(_SHELVES),
    }
    if not number and (shown := codes.read(row.text("amazon link"))):
        told |= {"id": shown.value, "asin": shown.value}
    else:
        row.leave("amazon link")
    if shown_first := _YEAR.search(row.text("theatricalDate")):
        told["year"] = shown_first[0]
    return _SPEAKS.entry(row, told)


def _items_of_1(upload: Upload) -> Iterator[Cells | Fault]:
    shelves = _shelves(upload)
    for record in xml_records.records(upload.file, "library", "items", "*"):
        if isinstance(record, Fault):
            yield record
            continue
        item = record.element
        told = {name: text.strip() for name, text in item.attrib.items() if text.strip()}
        told |= {child.tag: text for child in item if child.tag != _NOT_OWNED and (text := text_of(child))}
        shelf = joined(shelves.get(item.get("uuid", ""), ()))
        yield Cells.of(record.number, {**told, "type": item.tag, **({_SHELVES: shelf} if shelf else {})})


def _shelves(upload: Upload) -> dict[str, list[str]]:
    """The names of the shelves on which a thing stands, which come after all things."""
    shelves: dict[str, list[str]] = {}
    for record in xml_records.records(upload.file, "library", "shelves", "shelf"):
        if isinstance(record, Record) and (name := record.element.get("name", "").strip()):
            for link in record.element:
                shelves.setdefault(link.get("uuid", ""), []).append(name)
    return shelves


def _items_of_2(upload: Upload) -> Iterator[Cells | Fault]:
    for record in xml_records.records(upload.file, "plist", "array", "dict"):
        yield record if isinstance(record, Fault) else Cells.of(record.number, _properties(record))


def _properties(record: Record) -> dict[str, str]:
    """The texts of a list of keys and values in turn; numbers of 0 say nothing."""
    told = zip(record.element[::2], record.element[1::2], strict=False)
    values = {text_of(key): text_of(value) or value.tag for key, value in told if not len(value)}
    return {name: text for name, text in values.items() if text not in _NOTHING}


def _is_of_2(upload: Upload) -> bool:
    if upload.root != "plist":
        return False
    first = next(xml_records.records(upload.file, "plist", "array", "dict"), None)
    return isinstance(first, Record) and "uuidString" in _properties(first)


DELICIOUS_1 = Format.of_records("delicious", lambda upload: upload.root == "library", _items_of_1, _entry)
DELICIOUS_2 = Format.of_records("delicious", _is_of_2, _items_of_2, _entry)
DELICIOUS_3 = Format.of_table("delicious", ("Item Type", "Title", "Amazon Link"), _entry)
