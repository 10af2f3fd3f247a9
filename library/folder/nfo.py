"""What the NFO of a series or movie tells (`movie.nfo`, `tvshow.nfo`, `<name>.nfo`). No Django.

The elements are those that Kodi documents (https://kodi.wiki/view/NFO_files) and that Jellyfin, Emby and
tinyMediaManager read and write too; of the original language, `<originallanguage>` and `<original_language>`.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from defusedxml import DefusedXmlException, ElementTree

from library.nfo import DUB_GENRE

LARGEST = 1024 * 1024
"""Bytes of an NFO that are read. Real ones have a few KiB."""

_LARGEST_ID = 2**31 - 1
_ROOTS = {"movie": "movie", "series": "tvshow"}
_IMDB = re.compile(r"(?<![a-z0-9])tt\d{5,10}(?!\d)")
_TMDB = re.compile(r"themoviedb\.org/(?:movie|tv)/(\d{1,10})")
_TVDB = re.compile(r"thetvdb\.com/\S*?[?&/](?:id=|series/)(\d{1,10})")


@dataclass(frozen=True, slots=True)
class TitleNfo:
    """What an NFO tells; empty where it tells nothing. The language is as it stands there: a name or code."""

    title: str = ""
    year: int | None = None
    tmdb_id: int | None = None
    tvdb_id: int | None = None
    imdb_id: str = ""
    original_language: str = ""
    genres: tuple[str, ...] = ()
    overview: str = ""


NOTHING = TitleNfo()


def read_title_nfo(path: Path, kind: Literal["movie", "series"]) -> TitleNfo:
    """Return what the NFO at a path tells; nothing where it cannot be read or is no NFO of this kind.

    No link is followed: an NFO is read from where its title lies, and from nowhere else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return NOTHING
            data = file.read(LARGEST + 1)
    except (OSError, ValueError):
        return NOTHING
    return parse_title_nfo(data, kind) if len(data) <= LARGEST else NOTHING


def parse_title_nfo(data: bytes, kind: Literal["movie", "series"]) -> TitleNfo:
    """Return what the bytes of an NFO tell. One that holds an address alone names its ids by that."""
    name = _ROOTS[kind]
    # Kodi's combination NFO has an address behind the last element.
    whole, closing, rest = data.rpartition(f"</{name}>".encode())
    try:
        root = ElementTree.fromstring((whole + closing).lstrip() if closing else data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        return _of_addresses(data if not closing else rest)
    if root.tag != name:
        return NOTHING
    told = {child.tag: text for child in reversed(root) if (text := (child.text or "").strip())}
    unique = {
        str(child.get("type", "")).lower(): (child.text or "").strip() for child in root.iter("uniqueid")
    }
    imdb = unique.get("imdb") or told.get("imdbid") or told.get("imdb_id") or told.get("id", "")
    return TitleNfo(
        title=_text(told.get("title"), 500),
        year=_year(told.get("year") or told.get("premiered") or told.get("releasedate") or ""),
        tmdb_id=_number(unique.get("tmdb") or told.get("tmdbid")),
        tvdb_id=_number(unique.get("tvdb") or told.get("tvdbid")),
        imdb_id=imdb if _IMDB.fullmatch(imdb) else "",
        original_language=_text(told.get("originallanguage") or told.get("original_language"), 100),
        genres=tuple(
            text for child in root.findall("genre") if (text := _text(child.text, 200)) and text != DUB_GENRE
        ),
        overview=_text(told.get("plot") or told.get("outline"), 1000),
    )


def _of_addresses(data: bytes) -> TitleNfo:
    text = data[:4096].decode("utf-8", "replace")
    if "<" in text:
        return NOTHING
    imdb, tmdb, tvdb = _IMDB.search(text), _TMDB.search(text), _TVDB.search(text)
    return TitleNfo(
        tmdb_id=_number(tmdb[1]) if tmdb else None,
        tvdb_id=_number(tvdb[1]) if tvdb else None,
        imdb_id=imdb[0] if imdb else "",
    )


def _text(text: str | None, longest: int) -> str:
    """Text on one line, without what no database takes."""
    return "".join(letter for letter in " ".join((text or "").split()) if letter.isprintable())[:longest]


def _year(text: str) -> int | None:
    found = re.match(r"(\d{4})(?:\D|$)", text, re.ASCII)
    return int(found[1]) or None if found else None


def _number(text: str | None) -> int | None:
    number = int(text) if text and len(text) < 12 and text.isascii() and text.isdigit() else 0
    return number if 0 < number <= _LARGEST_ID else None
