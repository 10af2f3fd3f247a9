"""NFOs read as players and other programs leave them: several roots, wrong encodings, an address alone.

The elements are those that Kodi documents (https://kodi.wiki/view/NFO_files) and that Jellyfin, Emby and
tinyMediaManager read and write too. What is hostile or past mending is refused; nothing else is.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from html.entities import html5
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import escape

from artwork.nfo import value as values
from artwork.nfo.value import Nfo, Rating, Root, clean
from core.errors import NfoError
from library.folder.nfo import parse_title_nfo
from library.nfo import MAX_SIZE, Element, Outline, read_outline
from providers.contract import Actor

MOST_ROOTS = 50
"""No file holds more episodes."""

LINES: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("title",),
    "original_title": ("originaltitle",),
    "sort_title": ("sorttitle",),
    "original_language": ("originallanguage", "original_language"),
    "tagline": ("tagline",),
    "certification": ("mpaa",),
    "status": ("status",),
    "trailer": ("trailer",),
    "plot": ("plot",),
    "outline": ("outline",),
}
"""The elements that tell a text; the first is the one that is written."""

LISTS: Final[Mapping[str, str]] = {
    "genres": "genre",
    "countries": "country",
    "studios": "studio",
    "directors": "director",
    "credits": "credits",
    "tags": "tag",
}
_ID_NAMES = {"imdbid": "imdb", "imdb_id": "imdb", "tmdbid": "tmdb", "tvdbid": "tvdb"}
_LEADING_NUMBER = re.compile(r"\s*(\d{1,10})(?!\d)", re.ASCII)
_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:\D|$)", re.ASCII)
_YEAR = re.compile(r"(\d{4})(?:\D|$)", re.ASCII)
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"<\?xml[^>]{0,200}encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_REFERENCE = re.compile(r"&(?:#(?P<code>\d{1,7});|#[xX](?P<hex>[0-9a-fA-F]{1,6});|(?P<name>\w{1,40};))?")
_XML = {"amp;", "lt;", "gt;", "quot;", "apos;"}
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"


def read(data: bytes) -> tuple[Nfo, ...]:
    """Return what an NFO tells, one value for each root: two where a file holds two episodes.

    One that holds addresses alone tells the ids in them. Nothing where it is no NFO at all. Raises NfoError
    where it is too large, hostile, or malformed past mending.
    """
    if len(data) > MAX_SIZE:
        raise NfoError("nfo.too-large", size=MAX_SIZE // 1024**2)
    if not data.strip(b" \t\r\n\0\xef\xbb\xbf\xff\xfe"):
        return ()
    if b"<" not in data:
        return _of_addresses(_decoded(data).encode())
    try:
        found = outlines(data)
    except NfoError as error:
        if error.phrase.code not in ("nfo.malformed", "nfo.encoding", "nfo.no-xml"):
            raise
        data = mended(data)
        found = outlines(data)
    told = [clean(read_root(one)) for one in found if one.root in set(Root)]
    rest = data[found[-1].end :]
    if len(told) == 1 and b"/" in rest and (behind := _of_addresses(rest)):
        return (replace(told[0], ids={**behind[0].ids, **told[0].ids}),)
    return tuple(told)


def outlines(data: bytes) -> list[Outline]:
    """Return the outlines of all roots that stand one behind the other. Raises as `read_outline`."""
    encoding = "utf-8" if _is_utf8(data) else None
    found = [read_outline(data, encoding)]
    while len(found) < MOST_ROOTS:
        last = found[-1]
        start = last.end
        blanks = {last.encode(blank) for blank in " \t\r\n"}
        width = len(last.encode(" "))
        while data[start : start + width] in blanks:
            start += width
        if not data.startswith(last.encode("<"), start):
            break
        wide = last.codec.replace("16-", "16") if last.codec != "ascii" else None
        outline = Outline(data, start, wide or encoding or last.declared)
        try:
            outline.parse()
        except (expat.ExpatError, NfoError, LookupError, ValueError):
            break
        found.append(outline)
    return found


def read_root(outline: Outline) -> Nfo:
    """What one root tells, as it stands there: it is not clean yet."""
    by_name: dict[str, list[Element]] = {}
    for child in outline.children:
        by_name.setdefault(child.name, []).append(child)

    def first(*names: str) -> str:
        return next((child.plain for name in names for child in by_name.get(name, ()) if child.plain), "")

    root = Root(outline.root)
    premiered = first("aired", "premiered") if root is Root.EPISODE else first("premiered", "releasedate")
    collection, collection_plot = _collection(by_name.get("set", []))
    texts = {name: first(*names) for name, names in LINES.items()}
    lists = {
        name: tuple(child.plain for child in by_name.get(element, ())) for name, element in LISTS.items()
    }
    return Nfo(
        root,
        ids=_ids(by_name),
        **texts,  # type: ignore[arg-type]
        **lists,  # type: ignore[arg-type]
        year=_year(first("year") or premiered),
        premiered=_date(premiered),
        runtime=_number(first("runtime")),
        season=_number(first("seasonnumber" if root is Root.SEASON else "season")),
        episode=_number(first("episode")),
        display_season=_number(first("displayseason")),
        display_episode=_number(first("displayepisode")),
        ratings=tuple(_ratings(by_name)),
        collection=collection,
        collection_plot=collection_plot,
        cast=tuple(_cast(by_name.get("actor", []))),
        season_names=_season_names(by_name.get("namedseason", [])),
        art=_art(by_name),
    )


# The parts


def who_of(child: Element) -> str:
    """Whose id a `<uniqueid>` tells."""
    return values.whose(child.attributes.get("type", ""))


def season_of(child: Element) -> int | None:
    """Which season a `<namedseason>` names."""
    return _number(child.attributes.get("number", ""))


def _ids(by_name: Mapping[str, Sequence[Element]]) -> dict[str, str]:
    told = [(who_of(child), child.plain) for child in by_name.get("uniqueid", ())]
    told += [(who, child.plain) for name, who in _ID_NAMES.items() for child in by_name.get(name, ())]
    for child in by_name.get("id", ()):
        told.append(("imdb", child.plain))
        told += child.attributes.items()
    told += [pair for child in by_name.get("episodeguide", ()) for pair in _of_guide(child.plain)]
    return values.clean_ids(told)


def _of_guide(text: str) -> Iterator[tuple[str, str]]:
    """The ids that Kodi 20 keeps in the guide of a series, as JSON."""
    if text.startswith("{") and len(text) < values.LONGEST:
        try:
            guide = json.loads(text)
        except ValueError:
            return
        yield from ((who, str(id)) for who, id in guide.items() if isinstance(id, (str, int)))


def _ratings(by_name: Mapping[str, Sequence[Element]]) -> Iterator[Rating]:
    nested = [one for child in by_name.get("ratings", ()) for one in child.children if one.name == "rating"]
    for one in nested:
        told = {child.name: child.plain for child in one.children}
        best = _decimal(one.attributes.get("max", "")) or values.BEST
        value = _decimal(told.get("value", ""))
        if value:
            name = one.attributes.get("name", "")
            yield Rating(name, value * values.BEST / best, _count(told.get("votes", "")))
    if not nested:
        votes = next((_count(child.plain) for child in by_name.get("votes", ())), 0)
        for child in by_name.get("rating", ()):
            if value := _decimal(child.plain):
                yield Rating("", value, votes)


def _collection(children: Sequence[Element]) -> tuple[str, str]:
    for child in children:
        told = {one.name: one.plain for one in child.children}
        if name := told.get("name", "") or child.plain:
            return name, told.get("overview", "")
    return "", ""


def _cast(children: Sequence[Element]) -> Iterator[Actor]:
    for place, child in enumerate(children):
        told = {one.name: one.plain for one in reversed(child.children)}
        told.setdefault("order", str(place))
        yield Actor(
            told.get("name", ""), told.get("role", ""), _number(told["order"]) or 0, told.get("thumb", "")
        )


def _season_names(children: Sequence[Element]) -> dict[int, str]:
    found: dict[int, str] = {}
    for child in children:
        season = season_of(child)
        if season is not None and child.plain:
            found.setdefault(season, child.plain)
    return found


def _art(by_name: Mapping[str, Sequence[Element]]) -> dict[str, tuple[str, ...]]:
    told = [(one.name, one.plain) for child in by_name.get("art", ()) for one in child.children]
    told += [(child.attributes.get("aspect", "thumb"), child.plain) for child in by_name.get("thumb", ())]
    told += [("fanart", one.plain) for child in by_name.get("fanart", ()) for one in child.children]
    found: dict[str, list[str]] = {}
    for name, address in told:
        found.setdefault(values.line(name).lower(), []).append(values.line(address))
    return {name: tuple(filter(None, some))[: values.MOST] for name, some in found.items() if any(some)}


# Numbers and dates


def _number(text: str) -> int | None:
    found = _LEADING_NUMBER.match(text)
    return int(found[1]) if found else None


def _count(text: str) -> int:
    digits = re.sub(r"[.,\s]", "", text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 10 else 0


def _decimal(text: str) -> float | None:
    found = re.match(r"\s*(\d{1,6}(?:[.,]\d{1,12})?)", text, re.ASCII)
    return float(found[1].replace(",", ".")) if found else None


def _date(text: str) -> date | None:
    found = _DATE.match(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _year(text: str) -> int | None:
    found = _YEAR.match(text)
    return int(found[1]) or None if found else None


# What is wrong with the bytes


def _of_addresses(data: bytes) -> tuple[Nfo, ...]:
    """The ids in the addresses of a text: Kodi puts one behind the last element, or in an NFO of its own."""
    told = parse_title_nfo(data, "movie")
    numbers = {"tmdb": told.tmdb_id, "tvdb": told.tvdb_id, "imdb": told.imdb_id}
    ids = {who: str(id) for who, id in numbers.items() if id}
    return (Nfo(None, ids),) if ids else ()


def _is_utf8(data: bytes) -> bool:
    """Whether these bytes are surely UTF-8, whatever they declare: other encodings do not look like it."""
    if data.isascii() or b"\0" in data:
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def mended(data: bytes) -> bytes:
    """The same in UTF-8, with the entities of HTML resolved, and without what XML does not allow."""
    text = _ILLEGAL.sub("", _decoded(data))
    text = _DECLARATION.sub("", text[max(text.find("<"), 0) :], count=1)
    parts: list[str] = []
    position = 0
    while (start := text.find(_CDATA, position)) >= 0 and (end := text.find(_CDATA_END, start)) >= 0:
        parts += [_REFERENCE.sub(_resolved, text[position:start]), text[start : end + len(_CDATA_END)]]
        position = end + len(_CDATA_END)
    return "".join([*parts, _REFERENCE.sub(_resolved, text[position:])]).encode()


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:2]:
        return data.decode("utf-16-be" if data[:1] == b"\0" else "utf-16-le", "replace")
    declared = _DECLARED.match(data.lstrip())
    for codec in ("utf-8-sig", declared[1].decode() if declared else "utf-8"):
        try:
            return data.decode(codec)
        except (UnicodeError, LookupError):
            continue
    return data.decode("windows-1252", "replace")


def _resolved(match: re.Match[str]) -> str:
    if match["code"] or match["hex"]:
        code = int(match["code"]) if match["code"] else int(match["hex"], 16)
        return "" if code > 0x10FFFF else escape(_ILLEGAL.sub("", chr(code)))
    name = match["name"] or ""
    if name in _XML:
        return match[0]
    return escape(html5[name]) if name in html5 else f"&amp;{match[0][1:]}"
