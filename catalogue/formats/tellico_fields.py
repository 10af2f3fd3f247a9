"""The fields of Tellico's collections: what they are called, what stands in them, and our columns for them.

What Tellico has no field for, or would not give back as it was, stands in fields of ours besides. No Django.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from catalogue.formats.dialects import NOTHING, Dialect, day_of, leading_number, out_of, parts
from catalogue.formats.ours import COLUMNS, OWN, OWN_OF_WORK, joined, parted
from catalogue.values import Kind

KINDS = {"2": Kind.BOOK, "3": Kind.MOVIE, "4": Kind.AUDIO, "5": Kind.BOOK, "6": Kind.COMIC, "11": Kind.GAME}
"""The kinds of its collections, by their numbers."""

ADDED, CHANGED = "Date Created", "Date Modified"
OURS = "Taggarr: "
"""Before the titles of our collections, and of fields of ours."""

_PREFIX = "taggarr-"
_OWN = {OWN: "own-", OWN_OF_WORK: "work-own-"}
_OF_OURS = re.compile(r"taggarr(?:-|: )(.+)", re.IGNORECASE)
"""A field of ours, by its name in the XML or its title in the CSV."""

_UNSAFE, _CODED = re.compile("[^A-Za-z0-9]"), re.compile("_([0-9a-f]{1,5})_")
"""What of the name of an own field stands in that of an element as its number."""

_RATING = re.compile(r"\d{1,2}(?:\.\d{1,4})?")
_PEOPLE = (
    *("author", "editor", "translator", "director", "producer", "writer"),
    *("composer", "artist", "illustrator", "developer"),
)
NAMES = {
    **dict.fromkeys(("title", "album"), "title"),
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
    **dict.fromkeys(("cdate", ADDED.casefold()), "added_on"),
    **dict.fromkeys(("amazon", "amazon link"), "asin"),
    **{name: name for name in (*_PEOPLE, "cast", "genre", "studio", "platform", "series")},
    **{name: name for name in ("edition", "pages", "condition", "region")},
    "comments": "notes",
    **dict.fromkeys(("id", "mdate", CHANGED.casefold(), "cover", "front cover", "back cover"), NOTHING),
}


_values = parts(";")


def _cast(text: str) -> str:
    """The actors of a table, beside whom their roles stand."""
    return joined(name for row in text.split("|") if (name := row.split(":")[0].strip()))


SPEAKS = Dialect(
    NAMES,
    {
        **dict.fromkeys((*_PEOPLE, "genre", "tag", "studio", "platform", "isbn"), _values),
        "cast": _cast,
        "user_rating": out_of(5),
        "runtime": leading_number,
        "pages": leading_number,
        "added_on": day_of,
    },
)


@dataclass(frozen=True, slots=True)
class Collection:
    """Tellico's collection for a kind, and its field for each column of ours for which it has one."""

    type: int
    title: str
    fields: Mapping[str, str]
    titles: Mapping[str, str]
    """Of those that are declared, since Tellico's take but the words of a list, or it has none."""

    @property
    def member(self) -> str:
        return f"{self.title.casefold()}.xml"


_OF_ALL = {
    **{column: column for column in ("title", "genre", "year")},
    "added_on": "cdate",
    "acquired_on": "pur_date",
    "price": "pur_price",
    "user_rating": "rating",
    "notes": "comments",
}
_OF_PRINT = {
    **_OF_ALL,
    "tag": "keyword",
    **{column: column for column in ("publisher", "edition", "pages", "language", "series", "condition")},
    "overview": "plot",
}
_OF_VIDEO = {
    **_OF_ALL,
    "tag": "keyword",
    **{column: column for column in ("cast", "director", "producer", "writer", "composer", "studio")},
    "region": "region",
    "language": "language",
    "format": "medium",
    "audience_rating": "certification",
    "runtime": "running-time",
    "overview": "plot",
}
_OF_BOOK = {
    **_OF_PRINT,
    **{column: column for column in ("author", "editor", "translator", "isbn")},
    "format": "binding",
    "year": "cr_year",
    "position": "series_num",
}
_OF_MUSIC = {**_OF_ALL, "tag": "keyword", "artist": "artist", "format": "medium", "publisher": "label"}
_OF_COMIC = {**_OF_PRINT, "writer": "writer", "artist": "artist", "year": "pub_year", "position": "issue"}
_OF_GAME = {
    **_OF_ALL,
    **{column: column for column in ("platform", "publisher", "developer")},
    "audience_rating": "certification",
    "overview": "description",
}
_OF_OTHER = {
    **{column: column for column in ("title", "author", "isbn", "publisher", "year")},
    "added_on": "cdate",
}
_VIDEO_TITLES = {"medium": "Medium", "certification": "Certification", "region": "Region"}
_TITLES_OF_OTHERS = {"author": "Author", "isbn": "ISBN", "publisher": "Publisher", "year": "Year"}
COLLECTIONS = {
    Kind.BOOK: Collection(2, "Books", _OF_BOOK, {"binding": "Binding", "condition": "Condition"}),
    Kind.MOVIE: Collection(3, "Movies", _OF_VIDEO, _VIDEO_TITLES),
    Kind.TV: Collection(3, "Series", _OF_VIDEO, _VIDEO_TITLES),
    Kind.AUDIO: Collection(4, "Music", _OF_MUSIC, {"medium": "Medium"}),
    Kind.COMIC: Collection(6, "Comics", _OF_COMIC, {"condition": "Condition"}),
    Kind.GAME: Collection(11, "Games", _OF_GAME, {"platform": "Platform", "certification": "ESRB Rating"}),
    Kind.OTHER: Collection(1, "Others", _OF_OTHER, _TITLES_OF_OTHERS),
}


def name_of(column: str) -> str:
    """What the field of ours for a column is called."""
    for ours, theirs in _OWN.items():
        if column.startswith(ours):
            own = column.removeprefix(ours)
            return f"{_PREFIX}{theirs}{_UNSAFE.sub(lambda found: f'_{ord(found[0]):x}_', own)}"
    return f"{_PREFIX}{column}"


def column_of(name: str) -> str:
    """The column that a field of ours is for; none where it is no field that we wrote."""
    found = _OF_OURS.fullmatch(name)
    told = found[1] if found else ""
    for ours, theirs in _OWN.items():
        if told.startswith(theirs):
            return ours + _CODED.sub(lambda found: chr(int(found[1], 16)), told.removeprefix(theirs))
    return told if told in COLUMNS else ""


def shown(column: str, cells: Mapping[str, str]) -> str:
    """A cell of ours as Tellico shows it, and as it is read of its XML."""
    cell = cells[column]
    match column:
        case "cast":
            # The bar parts rows: nothing would tell one in a name from it.
            return "|".join(f"{name.replace('|', '/')}:" for name in parted(cell))
        case "user_rating" if _RATING.fullmatch(cell):
            half = (Decimal(cell) / 2).quantize(Decimal(1), ROUND_HALF_UP)
            return str(max(half, Decimal(1)))
        case "price":
            return f"{cell} {cells.get('currency', '')}".strip()
        case _ if column in SPEAKS.readings:
            return "; ".join(parted(cell))
        case _:
            return cell
