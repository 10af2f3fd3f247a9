"""What the title of an audio track says: commentary, audio description, music alone, or its language.

Titles are compared without case, accents and punctuation. The words stand in `titles.toml`, by language.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from scanner.languages.codes import SEVERAL, Language, choices, from_parts, normalise

WORDS: dict[str, dict[str, list[str]]] = tomllib.loads(
    Path(__file__).with_name("titles.toml").read_text("utf-8")
)
"""The words of each language, by its ISO 639-3 code and what they are for."""

_LONGEST_TITLE = 500
"""What stands behind so many characters of a title is not looked at."""

_LONGEST_CODE = 3
"""A name of so many letters is a code, or the name of a language that hardly anybody speaks."""

_EDITIONS = re.compile(r"\b(?:directors?(?: s)?|producers?(?: s)?) (?:cut|edition|version)\b")
"""Names of editions, which hold the people that comment and say nothing of a commentary."""

_VIETNAMESE = re.compile("viet|thuyet minh|long tieng")
"""What tells that "(VI)" is the code of Vietnamese: its name, its words for voice-over and dub."""

# Audio description is "AD" in capitals. It is so at the end, before punctuation or before the form of the
# sound, and before a language; not in "AD ASTRA", nor in "79 AD" and "ca-AD" (Catalan of Andorra).
_AD = re.compile(r"(?<![^\W_])AD(?![^\W_])")
_AD_BEHIND = re.compile(
    r"\s*$|\s*[\])/|,;:\-–(\[]|[\s_]+(?:\d|(?i:stereo|mono|surround|track|mix)(?![^\W_]))"  # noqa: RUF001
)
_YEAR = re.compile(r"(?<!\d)(?!(?:10|20|21|51|61|71)\D)\d{2,4}[\s_]$")
_ANDORRA = re.compile(r"(?<![^\W_])ca[-_]$", re.IGNORECASE)
_VI = re.compile(r"[(\[]VI[)\]]")


def fold(title: str) -> str:
    """Return the words of `title` one blank apart, without case, accents and punctuation."""
    # Accents of the Latin, Greek and Cyrillic scripts go; the vowel signs of others belong to their words.
    marked = unicodedata.normalize("NFKD", title[:_LONGEST_TITLE].casefold())
    text = unicodedata.normalize("NFC", re.sub(r"[\u0300-\u036f]", "", marked))
    kept = (c if c.isalnum() or unicodedata.category(c).startswith("M") else " " for c in text)
    return " ".join("".join(kept).split())


@lru_cache(maxsize=16384)
def is_commentary(title: str) -> bool:
    """Return whether the title of an audio track says that people talk over the film."""
    folded = _NO_COMMENTARY.sub(" ", fold(title))
    if _COMMENTARY.search(folded):
        return True
    people = _EDITIONS.sub(" ", folded)
    return bool(_WHO.search(people) and _SPEAKS.search(people))


@lru_cache(maxsize=16384)
def is_description(title: str, code: str | None = None) -> bool:
    """Return whether the title of an audio track says that it describes the picture to the blind.

    `code` is the language of the track: "(VI)" means visually impaired, of a Vietnamese track its language.
    """
    folded = fold(title)
    if _DESCRIPTION.search(_NO_DESCRIPTION.sub(" ", folded)) or _says_ad(title[:_LONGEST_TITLE]):
        return True
    return bool(code != "vie" and _VI.search(title[:_LONGEST_TITLE]) and not _VIETNAMESE.search(folded))


@lru_cache(maxsize=16384)
def is_music(title: str) -> bool:
    """Return whether the title of an audio track says that nobody speaks in it: an isolated score."""
    return bool(_MUSIC.search(_NO_MUSIC.sub(" ", fold(title))))


@lru_cache(maxsize=16384)
def language_of(title: str) -> Language | None:
    """Return the language that a title names, words about the sound aside ("English Dub", "Deutsch 5.1").

    None where anything else is said: in "Japanese (English subs)" English is not what is heard.
    """
    name = " ".join(word for word in fold(title).split() if not _SOUND.fullmatch(word))
    if code := _NAMES.get(name):
        return Language(code)
    language = normalise(name) if len(name) > _LONGEST_CODE else None
    # Of the other thousands some are called Main or Male, and "English AD" is no English of Andorra.
    return language if language is not None and str(language) in _offered() else None


def _says_ad(title: str) -> bool:
    for found in _AD.finditer(title):
        before, behind = title[: found.start()], title[found.end() :]
        denied = {*fold(before).split()[-1:]} & {*_BEFORE} or {*fold(behind).split()[:1]} & {*_BEHIND}
        if denied or _YEAR.search(before) or _ANDORRA.search(before):
            continue
        if _AD_BEHIND.match(behind) or language_of(behind):
            return True
    return False


@lru_cache(maxsize=1)
def _offered() -> frozenset[str]:
    return frozenset(code for code, _ in choices())


def _words(kind: str) -> list[str]:
    """Return the words of this kind in all languages."""
    return list(dict.fromkeys(entry for words in WORDS.values() for entry in words.get(kind, ())))


def _any_of(entries: Iterable[str]) -> str:
    """Return the pattern that finds any of these entries of the table in a folded title."""
    found = []
    for (start, end), same in groupby(entries, lambda one: (one.startswith("*"), one.endswith("*"))):
        either = _either(map(fold, same))
        found.append(f"{'' if start else r'(?<![^ ])'}(?:{either}){'' if end else r'(?![^ ])'}")
    return "|".join(found)


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


def _denying(words: str) -> re.Pattern[str]:
    """Return what finds `words` (a pattern) together with what turns them around, in all languages."""
    joined_before = [
        fold(left) for left, place, right in _NEGATIONS if place and left.strip() == left and not right
    ]
    joined_behind = [fold(right) for left, _, right in _NEGATIONS if not left and right.strip() == right]
    # "No director's commentary": a person may stand between.
    between = rf"(?:(?:any|audio|the|s|{_either(_words('people'))}) )*"
    patterns = (
        _any_of(left for left, place, _ in _NEGATIONS if not place),
        rf"(?<![^ ])(?:{_either(_BEFORE)}) {between}[^ ]*?(?:{words})[^ ]*",
        rf"(?:{_either(joined_before)})(?:{words})",
        rf"(?:{words})[^ ]* (?:{_either(_BEHIND)})(?![^ ])",
        rf"(?:{words})[^ ]*?(?:{_either(joined_behind)})",
    )
    return re.compile("|".join(patterns))


_NAMES = {fold(name): code for code, words in WORDS.items() for name in words["names"]}
_SOUND = re.compile(rf"{_either(_words('sound'))}|\d\w*")
_WHO, _SPEAKS, _COMMENTARY, _DESCRIPTION, _MUSIC = (
    re.compile(_any_of(_words(kind))) for kind in ("people", "speaking", "commentary", "description", "music")
)
_NEGATIONS = [entry.partition("…") for entry in _words("negation")]
_BEFORE = [fold(left) for left, _, _ in _NEGATIONS if left.endswith(" ")]
_BEHIND = [fold(right) for _, _, right in _NEGATIONS if right.startswith(" ")]
_NO_COMMENTARY = _denying(f"{_COMMENTARY.pattern}|{_SPEAKS.pattern}")
_NO_DESCRIPTION, _NO_MUSIC = _denying(_DESCRIPTION.pattern), _denying(_MUSIC.pattern)


def spoken(code: str | None, region: str | None, title: str) -> Language | None:
    """Return the language that a track names, by its code or else by a title such as "English Dub"."""
    named = from_parts(code, region)
    if named is not None or not title or code == SEVERAL:
        return named
    return language_of(title)
