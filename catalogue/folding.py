"""Titles and names in the form in which two are compared, and what lists write into a title. No Django."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache

LONGEST = 1_000
"""Characters of a title that are looked at."""

_KEPT = 4_000
"""Titles and names whose forms are kept: a row asks for its own several times, and many have the same."""

SUBTITLE_LEFT_OUT = 0.9
"""How alike two titles are of which one has no subtitle."""

OTHER_NUMBER = 0.4
"""How alike two titles at most are that have other numbers: they are parts of one series."""

# "die" and "de" are words of other languages too: both sides are folded alike, so nothing is lost by it.
_ARTICLES = frozenset(
    (
        *(
            "a",
            "an",
            "the",
            "der",
            "die",
            "das",
            "ein",
            "eine",
            "le",
            "la",
            "les",
            "un",
            "une",
            "el",
            "los",
            "las",
        ),
        *(
            "una",
            "il",
            "lo",
            "gli",
            "i",
            "uno",
            "de",
            "het",
            "een",
            "den",
            "det",
            "en",
            "ett",
            "os",
            "as",
            "um",
        ),
    )
)
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "&": " and "}
)
_SUFFIXES = frozenset(("jr", "sr", "dr", "ii", "iii", "phd"))
_NAMESAKE = re.compile(r"\s*\(\d+\)")
_MARKS = re.compile("[\u0300-\u036f]+")
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc`\u00b4]")
_NO_WORD = re.compile(r"[\W_]+")
_TRAILING_ARTICLE = re.compile(r"(?P<rest>.+),\s*(?P<article>[^\W\d_]{1,4}['\u2019]?)\s*")
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9"}
"""Those that are no word, or are rarely one; single letters often are."""

_GROUP = re.compile(r"(?P<rest>.*\S)\s*(?:\((?P<round>[^()]*)\)|\[(?P<square>[^\[\]]*)\])\s*", re.DOTALL)
_NUMBER = r"(?P<number>\d{1,5}(?:\.\d{1,3})?(?:\s?[-\u2013]\s?\d{1,5})?[A-Za-z]{0,2})"
_IN_SERIES = re.compile(
    rf"(?P<series>.*?\S)(?:\s*,\s*|\s+)(?:#|book\s+|vol(?:ume|\.)?\s*|bd\.\s*|band\s+|tome?\s+){_NUMBER}\b[^#]*",
    re.IGNORECASE,
)
_ISSUE = re.compile(rf"(?P<rest>.*\S)\s*#\s*{_NUMBER}\s*")
_VOLUME = re.compile(
    rf"(?P<rest>.*[^\s,:;-])[\s,:;-]+(?:vol(?:ume|\.)?|bd\.|band)\s*#?{_NUMBER}\s*(?:[:\u2013-]\s*(?P<subtitle>\S.*))?",
    re.IGNORECASE | re.DOTALL,
)
_YEAR = re.compile(r"1[89]\d\d|20\d\d")
_FORMAT = re.compile(
    r"(?:(?:4k(?: ultra hd)?|uhd|ultra hd|hd) ?\+? ?)?(?:3d )?(?:blu-?ray(?: 3d)?|dvd|vhs|(?:audio )?cd|"
    r"vinyl|lp|cassette|laserdisc|umd|digital|(?:mass market )?paperback|hardcover|hardback|ebook|"
    r"kindle(?: edition)?|audiobook|4k|uhd|taschenbuch|gebundene ausgabe)(?: ?\+ ?.{1,30})?",
    re.IGNORECASE,
)
_EDITION = re.compile(
    r".*\b(?:edition|edici[oó]n|[eé]dition|edizione|ausgabe|fassung|cut|version|anniversary|remaster(?:ed)?|unrated|"
    r"extended|uncut|(?:un)?abridged|widescreen|full ?screen|steelbook|box ?set|\d+[- ]disc(?:s| set)?)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_PLATFORM = re.compile(
    r"(?:sony )?(?:playstation(?: ?[1-5]| portable| vita| vr)?|ps ?[1-5]|psp)|"
    r"(?:microsoft )?xbox(?: 360| one| series x(?:[|/ ]s)?)?|nintendo 64|n64|"
    r"(?:nintendo )?(?:wii(?: ?u)?|switch(?: 2)?|gamecube|3?ds|nes|snes)|game ?boy(?: color| advance)?|"
    r"(?:sega )?(?:genesis|mega drive|saturn|dreamcast)|pc|windows|mac|linux",
    re.IGNORECASE,
)
_DASHED = re.compile(r"(?P<rest>.*\S)\s+[-\u2013\u2014]\s+(?P<last>[^-\u2013\u2014]+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Titled:
    """A title, and apart from it what else stood in its line."""

    title: str
    series: str = ""
    position: str = ""
    edition: str = ""
    platform: str = ""
    format: str = ""
    year: int | None = None


def parsed(line: str) -> Titled:
    """Take apart what a list writes as the title. What is in brackets and is nothing known stays in it."""
    return _parsed(line[:LONGEST])


@lru_cache(maxsize=_KEPT)
def _parsed(line: str) -> Titled:
    found = Titled(" ".join(line.split()))
    while (shorter := _shorter(found)) is not None:
        found = shorter
    return found


def fold(title: str) -> str:
    """The form in which two titles are one: no case, marks, punctuation or leading articles; plain numbers.

    Where nothing but these is in it, it is the title without its case.
    """
    return _folded(title[:LONGEST])


@lru_cache(maxsize=_KEPT)
def _folded(title: str) -> str:
    text = title
    if (turned := _TRAILING_ARTICLE.fullmatch(text)) and turned["article"].casefold() in _ARTICLES:
        text = turned["rest"]
    text = _plain(text)
    while text.startswith("l'"):
        text = text[2:]
    words = _NO_WORD.sub(" ", text.replace("'", "")).split()
    while len(words) > 1 and words[0] in _ARTICLES:
        del words[0]
    words[1:] = [_ROMAN.get(word, word) for word in words[1:]]
    return " ".join(words) or " ".join(title.casefold().split())


def fold_name(name: str) -> str:
    """The form in which two names of one person are one: the last word, and the first letter of the first.

    Lists write "J. R. R. Tolkien", "John Ronald Reuel Tolkien" and "Tolkien, J.R.R."; some number namesakes.
    """
    return _folded_name(name[:LONGEST])


@lru_cache(maxsize=_KEPT)
def _folded_name(name: str) -> str:
    last, comma, first = _NAMESAKE.sub("", name).partition(",")
    turned = f"{first} {last}" if comma and first.strip() else last
    words = [
        word for word in _NO_WORD.sub(" ", _plain(turned).replace("'", "")).split() if word not in _SUFFIXES
    ]
    if len(words) < 2:
        return " ".join(words) or " ".join(name.casefold().split())
    return f"{words[-1]} {words[0][0]}"


def similarity(one: str, other: str) -> float:
    """How alike two titles are, from 0 to 1, whichever is named first; 1 is what folds to the same."""
    ours, theirs = fold(one), fold(other)
    if ours == theirs:
        return 1.0
    shared = _dice(ours, theirs) * 0.99
    numbers = [{word for word in title.split() if word.isdecimal()} for title in (ours, theirs)]
    if all(numbers) and numbers[0] != numbers[1]:
        return min(shared, OTHER_NUMBER)
    if _head(one) == theirs or _head(other) == ours:
        return max(shared, SUBTITLE_LEFT_OUT)
    return shared


def _shorter(found: Titled) -> Titled | None:
    """The same with one thing less in its title; None where there is no more."""
    if group := _GROUP.fullmatch(found.title):
        rest, content = group["rest"], (group["round"] or group["square"] or "").strip()
        if _YEAR.fullmatch(content) and found.year is None:
            return replace(found, title=rest, year=int(content))
        if (series := _IN_SERIES.fullmatch(content.split(";")[0].strip())) and not found.series:
            return replace(found, title=rest, series=series["series"], position=series["number"])
        return _without_words(found, rest, content)
    if not found.series and (volume := _VOLUME.fullmatch(found.title)):
        name, subtitle = volume["rest"], volume["subtitle"]
        title = f"{name}: {subtitle}" if subtitle else name
        return replace(found, title=title, series=name, position=volume["number"])
    if not found.series and (issue := _ISSUE.fullmatch(found.title)):
        return replace(found, title=issue["rest"], series=issue["rest"], position=issue["number"])
    dashed = _DASHED.fullmatch(found.title)
    return _without_words(found, dashed["rest"], dashed["last"].strip()) if dashed else None


def _without_words(found: Titled, rest: str, words: str) -> Titled | None:
    if _PLATFORM.fullmatch(words) and not found.platform:
        return replace(found, title=rest, platform=words)
    if _FORMAT.fullmatch(words) and not found.format:
        return replace(found, title=rest, format=words)
    if _EDITION.fullmatch(words):
        return replace(found, title=rest, edition=f"{words}, {found.edition}" if found.edition else words)
    return None


def _plain(text: str) -> str:
    """Without case and marks of Latin, Greek and Cyrillic letters; in other scripts marks are letters."""
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return _APOSTROPHES.sub("'", _MARKS.sub("", text).translate(_LETTERS))


def _head(title: str) -> str:
    """What stands before the subtitle, folded; nothing where there is none."""
    head, mark, _ = re.sub(r"\s[-\u2013\u2014]\s", ":", title).partition(":")
    return fold(head) if mark and head.strip() else ""


def _dice(one: str, other: str) -> float:
    """The share of pairs of letters that two texts have in common."""
    ours, theirs = (Counter(zip(f" {text}", f"{text} ", strict=True)) for text in (one, other))
    return 2 * (ours & theirs).total() / (ours.total() + theirs.total())
