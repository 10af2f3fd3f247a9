"""The numbers printed on things, in the one form in which they are compared and stored.

What stands here is of the standards: ISO 2108 (ISBN), ISO 3297 (ISSN) and GS1's General Specifications
(GTIN, UPC-E, add-ons). That the add-on of a comic is issue, variant and printing is a custom of its
publishers. No Django.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum


class Scheme(StrEnum):
    """What a number is one of: printed codes, and the ids by which others know a thing."""

    ISBN = "isbn13"
    GTIN = "gtin"
    ADDON = "gtin_addon"
    ISSN = "issn"
    ASIN = "asin"
    IMDB = "imdb"
    TMDB_MOVIE = "tmdb_movie"
    TMDB_TV = "tmdb_tv"
    TVDB = "tvdb"
    MUSICBRAINZ = "musicbrainz_release"
    DISCOGS = "discogs_release"
    IGDB = "igdb"
    METRON = "metron_issue"
    GCD = "gcd_issue"
    COMICVINE = "comicvine_issue"
    OPEN_LIBRARY = "openlibrary_edition"
    GOOGLE = "google_volume"
    GOODREADS = "goodreads"
    LIBRARYTHING = "librarything"
    LETTERBOXD = "letterboxd"
    CALIBRE = "calibre_uuid"
    CLZ = "clz"
    DELICIOUS = "delicious_uuid"


PRINTED = frozenset({Scheme.ISBN, Scheme.GTIN, Scheme.ADDON, Scheme.ISSN, Scheme.ASIN})
"""Codes that are typed and scanned, reused and misprinted: alone they prove less than an id."""


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A canonical number.

    An ISBN has 13 digits; a GTIN 13, or the 8 of an EAN-8; an add-on follows the 13 digits that it stands
    beside; an ISSN is written 1234-567X.
    """

    scheme: Scheme
    value: str


@dataclass(frozen=True, slots=True)
class Issue:
    """What the five digits beside the barcode of a comic say."""

    issue: int
    variant: int
    printing: int


LONGEST = 400
"""Characters of a text in which a code is looked for: links of shops are long."""

_BOOKLAND = ("978", "979")
_MUSIC = "9790"
_LABEL = re.compile(
    r"\A(?:urn:)?(?:isbn|issn|ean|upc|gtin|asin)(?:[- ]?(?:1[0234]|8|a|e)(?=[^\w]))?[:\s]*", re.IGNORECASE
)
_AMAZON = re.compile(
    r"/(?:dp|gp/product|gp/aw/d|ASIN|o/ASIN|product)/([A-Z0-9]{10})(?![A-Z0-9])", re.IGNORECASE
)
_ASIN = re.compile(r"B[A-Z0-9]{9}")
_DASHES = re.compile(r"[\s\u00ad\u2010-\u2015\u2212-]+")
_WRAPPED = re.compile(r"""=?["'\[(]*([^"'\])]*)["'\])]*""")
_FLOAT = re.compile(r"(\d{8,18})\.0+")
"""What a spreadsheet makes of a code that it takes for a number."""


def read(text: str, *, bookish: bool = True) -> Code | None:
    """Return the code that a person, a scanner or a cell gives; None where its check digit does not hold.

    What is not `bookish`, such as a film, has no ISBN: a number of bookland on it is a GTIN.
    """
    if len(text) > LONGEST:
        return None
    if link := _AMAZON.search(text):
        shown = bare = link[1].upper()
    else:
        shown, bare = _bare(text)
    found = _of_book(bare) or _of_serial(bare, shown) or _of_trade(bare) or _of_serial(bare)
    if found and found.scheme is Scheme.ISBN and not bookish:
        return Code(Scheme.GTIN, found.value)
    return found


def looked_up_as(code: Code) -> tuple[Code, ...]:
    """All codes under which a thing with this one may be known: an ISBN is printed as a GTIN."""
    if code.scheme is Scheme.ISBN:
        return code, Code(Scheme.GTIN, code.value)
    if code.scheme is Scheme.GTIN and _is_isbn(code.value):
        return code, Code(Scheme.ISBN, code.value)
    return (code,)


def issue_of(code: Code) -> Issue | None:
    """What the add-on of a comic says; None where a code has none of five digits."""
    addon = code.value[13:] if code.scheme is Scheme.ADDON else ""
    return Issue(int(addon[:3]), int(addon[3]), int(addon[4])) if len(addon) == 5 else None


def serial_of(code: Code) -> Code | None:
    """The ISSN in the barcode of a periodical: of all its issues, not of this one."""
    if code.scheme not in (Scheme.GTIN, Scheme.ADDON) or not code.value.startswith("977"):
        return None
    digits = code.value[3:10]
    return Code(Scheme.ISSN, f"{digits[:4]}-{digits[4:]}{_issn_digit(digits)}")


def gtin_digit(digits: str) -> str:
    """The check digit behind these digits of a GTIN of any length."""
    total = sum(int(digit) * (1 if place % 2 else 3) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def expanded(upc_e: str) -> str | None:
    """The UPC-A of the eight digits of a UPC-E; None where that is none."""
    system, body, check = upc_e[0], upc_e[1:7], upc_e[7]
    if system not in "01":
        return None
    last = body[5]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:5]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:5]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4]}"
    else:
        middle = f"{body[:5]}0000{last}"
    full = f"{system}{middle}"
    return f"{full}{check}" if gtin_digit(full) == check else None


def _bare(text: str) -> tuple[str, str]:
    """A code as it was written, and without all that is no part of it."""
    shown = unicodedata.normalize("NFKC", text).strip()
    if wrapped := _WRAPPED.fullmatch(shown):
        shown = wrapped[1].strip()
    if number := _FLOAT.fullmatch(shown):
        shown = number[1]
    shown = _LABEL.sub("", shown)
    bare = _DASHES.sub("", shown).upper()
    return (shown, bare) if bare.isascii() else ("", "")


def _of_book(bare: str) -> Code | None:
    """An ISBN; the ten characters of an old one are also what a shop calls a book."""
    if re.fullmatch(r"\d{9}[\dX]", bare):
        total = sum((10 - place) * (10 if digit == "X" else int(digit)) for place, digit in enumerate(bare))
        if total % 11 or not bare.strip("0"):
            return None
        digits = f"978{bare[:9]}"
        return Code(Scheme.ISBN, digits + gtin_digit(digits))
    return Code(Scheme.ISBN, bare) if bare.isdecimal() and _is_isbn(bare) and _gtin(bare) else None


def _of_serial(bare: str, shown: str = "") -> Code | None:
    """An ISSN: of eight digits only one that is written as one, as far as `shown` says how it is written."""
    is_written = not shown or bare[-1:] == "X" or bool(_DASHES.match(shown, 4))
    if not is_written or not re.fullmatch(r"\d{7}[\dX]", bare) or not bare.strip("0"):
        return None
    return Code(Scheme.ISSN, f"{bare[:4]}-{bare[4:]}") if bare[7] == _issn_digit(bare[:7]) else None


def _of_trade(bare: str) -> Code | None:
    if _ASIN.fullmatch(bare):
        return Code(Scheme.ASIN, bare)
    if not bare.isdecimal():
        return None
    if number := _gtin(bare):
        return Code(Scheme.ISBN if _is_isbn(number) else Scheme.GTIN, number)
    for length in (13, 12):
        number, addon = _gtin(bare[:length]), bare[length:]
        if number and len(addon) in (2, 5):
            # Beside an ISBN stands its price.
            return Code(Scheme.ISBN, number) if _is_isbn(number) else Code(Scheme.ADDON, number + addon)
    return None


def _is_isbn(digits: str) -> bool:
    return len(digits) == 13 and digits.startswith(_BOOKLAND) and not digits.startswith(_MUSIC)


def _gtin(bare: str) -> str | None:
    """The canonical GTIN of 8, 12, 13 or 14 digits. No EAN-8 in a shop begins with 0: it is a UPC-E."""
    if len(bare) not in (8, 12, 13, 14) or not bare.strip("0"):
        return None
    holds = gtin_digit(bare[:-1]) == bare[-1]
    if len(bare) == 8 and (upc := expanded(bare)) and (bare[0] == "0" or not holds):
        return f"0{upc}"
    # Fourteen digits that begin otherwise are a case with many of the thing in it.
    if not holds or (len(bare) == 14 and bare[0] != "0"):
        return None
    return bare if len(bare) == 8 else bare[-13:].rjust(13, "0")


def _issn_digit(digits: str) -> str:
    rest = -sum((8 - place) * int(digit) for place, digit in enumerate(digits)) % 11
    return "X" if rest == 10 else str(rest)
