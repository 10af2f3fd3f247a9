"""What the name of a folder or file tells of a series or movie: title, year, ids. No Django.

The shapes are those that Plex, Jellyfin, Emby and Kodi document, and those of releases:
`Title (2019) {tmdb-1}`, `Title (2019) [imdbid-tt0000001]`, `Title.2019.1080p.BluRay.x264-GROUP`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from library.folder import any_of

LONGEST = 500
"""Characters of a title that are kept."""

_LARGEST_ID = 2**31 - 1
_FIRST_FILM, _LAST_YEAR = 1870, 2099

_ID = re.compile(
    r"[\[{(]\s*(?P<of>tmdb|tvdb|imdb)(?:id)?\s*[-=:]?\s*(?P<id>tt\d{5,10}|\d{1,10})\s*[\]})]", re.IGNORECASE
)
_BARE_ID = re.compile(
    r"(?<![a-z0-9])(?:imdb(?:id)?\s*[-=:]\s*)?(?P<id>tt\d{7,10})(?![a-z0-9])", re.IGNORECASE
)
_EDITION = re.compile(r"\{\s*edition\s*-[^{}]*\}", re.IGNORECASE)
_YEAR = r"(?:18[7-9]\d|19\d\d|20\d\d)"
# In brackets it is one wherever it stands: (2019), [2019], (2010-2014), (2010-).
_YEAR_IN_BRACKETS = re.compile(rf"[\[(](?P<year>{_YEAR})(?:\s*[-\u2013]\s*(?:{_YEAR})?)?[\])]")
_TECHNICAL = rf"(?:\d{{3,4}}[pi]|[xh][ .]?26[456]|{any_of('release')})"
_BREAK = r"(?<![^\s\[(._-])"
_RELEASE = re.compile(rf"{_BREAK}{_TECHNICAL}(?![^\s\])._-])", re.IGNORECASE)
_BARE_YEAR = re.compile(rf"(?<=[\s])(?P<year>{_YEAR})(?=\s*$|\s+\S)")
_LEADING_GROUP = re.compile(r"^\s*\[[^\]]*\]\s*(?=\S)")
_TRAILING_GROUP = re.compile(r"\s*(?:\[[^\]]*\]|\{[^}]*\}|\((?!\d)[^)]*\))\s*$")
_OPEN_BRACKET = re.compile(r"[\[({][^\])}]*$")
_EMPTY_BRACKETS = re.compile(r"\(\s*\)|\[\s*\]|\{\s*\}")
_ARTICLE = re.compile(r"^(?:the|an?)\s+(?=\S)")


@dataclass(frozen=True, slots=True)
class TitleName:
    """What a name tells. `title` is never empty where the name has anything but spaces."""

    title: str
    year: int | None = None
    tmdb_id: int | None = None
    tvdb_id: int | None = None
    imdb_id: str = ""

    @property
    def is_certain(self) -> bool:
        """Whether the name is surely that of a series or movie: it has a year or an id."""
        return bool(self.year or self.tmdb_id or self.tvdb_id or self.imdb_id)

    @property
    def sort_title(self) -> str:
        """The title as it is sorted: in small letters, without an article before it."""
        return _ARTICLE.sub("", self.title.casefold())[:LONGEST]


def parse_title(name: str) -> TitleName:
    """Return what the name of a folder, or of a file without its suffix, tells.

    Whatever cannot be made out is left away, and a name that tells nothing is the title itself.
    """
    whole = _plain(name)
    ids = {match["of"].lower(): match["id"].lower() for match in _ID.finditer(whole)}
    rest = _EDITION.sub(" ", _ID.sub(" ", whole))
    if bare := _BARE_ID.search(rest):
        ids.setdefault("imdb", bare["id"].lower())
        rest = _BARE_ID.sub(" ", rest)
    title, year = _title_and_year(_EMPTY_BRACKETS.sub(" ", rest))
    return TitleName(
        title=(title or _trimmed(whole) or whole.strip())[:LONGEST].strip(),
        year=year,
        tmdb_id=_number(ids.get("tmdb")),
        tvdb_id=_number(ids.get("tvdb")),
        imdb_id=ids.get("imdb", "") if ids.get("imdb", "").startswith("tt") else "",
    )


def _plain(name: str) -> str:
    """The name in one form of Unicode, without what cannot be shown, and no longer than names are."""
    text = unicodedata.normalize("NFC", name[: 2 * LONGEST])
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _title_and_year(text: str) -> tuple[str, int | None]:
    """What stands before the last year in brackets; else before the year or the words of a release."""
    in_brackets = [match for match in _YEAR_IN_BRACKETS.finditer(text) if _trimmed(text[: match.start()])]
    if in_brackets:
        last = in_brackets[-1]
        return _trimmed(_spaced(text[: last.start()])), int(last["year"])
    is_release = " " not in text.strip()
    text = _LEADING_GROUP.sub("", _spaced(text))
    release = _RELEASE.search(text)
    head = text
    if release:
        before = _OPEN_BRACKET.sub("", text[: release.start()])
        head = before if _trimmed(before) else text
    # A bare number may be of the title (Wonder Woman 1984); before the words of a release it is the year.
    if is_release or head is not text:
        years = [match for match in _BARE_YEAR.finditer(head) if _trimmed(head[: match.start()])]
        if years and int(years[-1]["year"]) <= _LAST_YEAR:
            return _trimmed(head[: years[-1].start()]), int(years[-1]["year"])
    return _trimmed(_without_groups(head)), None


def _spaced(text: str) -> str:
    """The words of a release apart: `The.Title.2019` and `The_Title` have no spaces of their own."""
    text = text.strip()
    if " " in text:
        return text
    # The dots of S.W.A.T. and of 2.0 belong to the title.
    spaced = re.sub(r"_+|(?<![A-Z])\.|(?<=[A-Z])\.(?![A-Z](?:\.|$))", " ", text)
    return spaced if len(spaced.split()) > 1 else text


def _without_groups(text: str) -> str:
    while (shorter := _TRAILING_GROUP.sub("", text)) != text and _trimmed(shorter):
        text = shorter
    return text


def _trimmed(text: str) -> str:
    """The text without spaces and dashes at its ends, and without a bracket that was left open."""
    return " ".join(text.split()).lstrip(" -\u2013_,").rstrip(" -\u2013_,([{")


def _number(text: str | None) -> int | None:
    number = int(text) if text and text.isascii() and text.isdigit() else 0
    return number if 0 < number <= _LARGEST_ID else None
