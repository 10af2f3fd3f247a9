"""What LibraryThing exports: tab-delimited text, and JSON with one object a book under its number.

Nobody documents either: the columns are those of exports of 2020 and later. Numbers and days of the text
stand in square brackets. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from catalogue.formats import json_records
from catalogue.formats.cells import Cells
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.dialects import NOTHING, Dialect, leading_number, out_of, parts, people, turned
from catalogue.formats.ours import joined
from catalogue.values import Fault, Kind, Role, State

STARS = 5

_LIBRARY, _WISHLIST = "your library", "wishlist"
_STATES = {
    "read but unowned": State.COMPLETED,
    "currently reading": State.STARTED,
    "to read": State.UNSTARTED,
}
_KINDS = {
    **dict.fromkeys(("video", "dvd", "blu-ray", "vhs"), Kind.MOVIE),
    **dict.fromkeys(("sound recording", "music", "cd", "vinyl"), Kind.AUDIO),
    "comic": Kind.COMIC,
}
_COLLECTIONS = frozenset({_LIBRARY, _WISHLIST, *_STATES})
_PUBLICATION = re.compile(
    r"(?P<publisher>[^()]*?)\s*\((?P<year>\d{4})[^)]*\)"
    r"(?:,\s*Edition:\s*(?P<edition>[^,]*))?(?:,\s*(?P<pages>\d+) pages)?(?:,.*)?"
)
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")

_SPEAKS = Dialect(
    {
        "book id": NOTHING,
        "title": "title",
        "sort character": NOTHING,
        "review": "review",
        "rating": "user_rating",
        "comment": "notes",
        "summary": NOTHING,
        "media": "format",
        "page count": "pages",
        "acquired": "acquired_on",
        "tags": "tag",
        "languages": "language",
        "isbn": "isbn",
        "isbns": "isbn",
        "issn": "issn",
        "asin": "asin",
        "ean": "ean",
        "upc": "upc",
        "copies": "quantity",
        "entry date": "added_on",
        "from where": "from_where",
        "lending patron": "lent_to",
        "purchase price": "price",
        "condition": "condition",
    },
    {
        "user_rating": out_of(STARS),
        "pages": leading_number,
        "tag": parts(","),
        "isbn": parts(","),
    },
    takes_titles_apart=True,
)
_OF_JSON = {
    "books_id": "Book Id",
    "sortcharacter": "Sort Character",
    "pages": "Page Count",
    "dateacquired": "Acquired",
    "dateread": "Date Read",
    "datestarted": "Date Started",
    "language": "Languages",
    "originalisbn": "ISBN",
    "isbn": "ISBNs",
    "entrydate": "Entry Date",
    "fromwhere": "From Where",
    "format": "Media",
    "lendingpatron": "Lending Patron",
    "pricepurchase": "Purchase Price",
    **dict.fromkeys(("primaryauthor", "primaryauthorrole", "secondaryauthor", "secondaryauthorroles"), ""),
    **dict.fromkeys(
        ("public", "authors", "ean", "collections_ida", "language_codea", "originallanguage_codea"), ""
    ),
}
"""Names that are others in the JSON; those without one say what others say too."""


def _entry(row: Cells) -> Row:
    row.texts = [found[1] if (found := _BRACKETS.fullmatch(text)) else text for text in row.texts]
    names = [row.text("Primary Author"), *row.text("Secondary Author").split("|")]
    roles = [row.text("Primary Author Role"), *row.text("Secondary Author Roles").split("|")]
    named = [(turned(name), role) for name, role in zip_longest(names, roles, fillvalue="") if name]
    collections = {name.casefold(): name for name in row.many("Collections", ",")}
    started, finished = row.date("Date Started"), row.date("Date Read")
    state = next((state for name, state in _STATES.items() if name in collections), None)
    book, media, year = row.text("Book Id"), row.text("Media"), row.text("Date")
    told = people(named, Role.AUTHOR) | {
        "id": book,
        "ids": f"librarything:{book}" if book else "",
        "media_type": next((kind for word, kind in _KINDS.items() if word in media.casefold()), Kind.BOOK),
        "format": media,
        "year": year,
        "owned": "yes" if _LIBRARY in collections or not collections.keys() & {_WISHLIST, *_STATES} else "no",
        "wanted": "yes" if _WISHLIST in collections else "",
        "state": State.COMPLETED if finished else state or (State.STARTED if started else ""),
        "plays": f"{started or ''}/{finished or ''}" if started or finished else "",
        "tag": joined(name for known, name in collections.items() if known not in _COLLECTIONS),
    }
    if published := _PUBLICATION.fullmatch(row.text("Publication")):
        told |= {"publisher": published["publisher"], "edition": published["edition"] or ""}
        told["year"] = year or published["year"] or ""
        told["pages"] = published["pages"] or ""
    else:
        row.leave("Publication")
    return _SPEAKS.entry(row, told)


def _of_json(upload: Upload) -> Iterator[Cells | Fault]:
    """The books, as the text tells them."""
    for record in json_records.records(upload.file):
        if isinstance(record, Fault):
            yield record
            continue
        number, book = record
        told = {_OF_JSON.get(name.casefold(), name): _text(value) for name, value in book.items()}
        authors = book.get("authors")
        named = [one for one in authors if isinstance(one, dict)] if isinstance(authors, list) else []
        for place, column in (("lf", "Author"), ("role", "Author Role")):
            first, *others = [_text(one.get(place, "")) for one in named] or [""]
            told |= {
                f"Primary {column}": first,
                f"Secondary {column}{'s' * (place == 'role')}": "|".join(others),
            }
        yield Cells.of(number, {name: text for name, text in told.items() if name and text})


def _text(value: Any) -> str:
    """Lists of texts, and of objects that have one: `{"code": "1.1", "text": "Paperback"}`."""
    if isinstance(value, dict):
        value = [value["text"]] if "text" in value else list(value.values())
    if isinstance(value, list):
        return ", ".join(text for one in value if (text := _text(one)))
    return "" if value is None else str(value).strip()


def _recognises_json(upload: Upload) -> bool:
    if not json_records.is_json(upload.file):
        return False
    first = next(json_records.records(upload.file), None)
    return isinstance(first, tuple) and {"books_id", "title"} <= first[1].keys()


LIBRARYTHING = Format.of_table("librarything", ("Book Id", "Primary Author", "Publication"), _entry)
LIBRARYTHING_JSON = Format.of_records("librarything", _recognises_json, _of_json, _entry)
