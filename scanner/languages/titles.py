"""What the title of an audio track says: commentary, audio description, music alone, or its language.

Titles are compared without case, accents and punctuation. The words stand in `title_words`, by language; what
is here holds for all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from scanner.languages.codes import SEVERAL, Language, choices, from_parts, normalise
from scanner.languages.title_words import WORDS

_LONGEST_TITLE = 500
"""What stands behind so many characters of a title is not looked at."""

_LONGEST_CODE = 3
"""A name of so many letters is a code, or the name of a language that hardly anybody speaks."""

_PEOPLE = (
    "dir|directors?|filmmakers?|producers?|writers?|screenwriters?|creators?|cast|crew|actors?|actress(?:es)?|"
    "historians?|critics?|composers?|animators?|cinematographers?"
)
"""Who comments, in English. They mean nothing alone: a director has a cut, too."""

_SPEAKING = (
    "comm|comments?|notes?|talks?|speaks?|discuss(?:es|ions?)?|remarks?|interviews?|q a|round ?table|"
    "conversations?|chats?"
)
"""What makes a commentary together with `_PEOPLE` beside it, and nothing alone ("No Comment")."""

_EDITIONS = re.compile(r"\b(?:directors?(?: s)?|producers?(?: s)?) (?:cut|edition|version)\b")
"""Names of editions, which hold `_PEOPLE` and say nothing of a commentary."""

_SOUND = re.compile(
    r"aac|ac|ac3|ac4|alac|atmos|audio|bit|bits|bluray|cbr|ch|channel|channels|dd|ddp|"
    r"digital|discrete|dolby|dts|dtsx|dub|dubbed|dubbing|dvd|eac3|flac|hd|hq|hz|kbps|khz|"
    r"lc|lossless|lossy|lpcm|ma|main|master|mono|mp2|mp3|opus|original|pcm|plus|pro|s|"
    r"sound|soundtrack|stereo|surround|theatrical|track|truehd|vbr|vorbis|wav|web|x"
    r"|\d\w*"
)
"""Words about the form of a sound, which say nothing of what is heard in it."""

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
    folded = _NO_COMMENTARY.strike(fold(title))
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
    if _DESCRIPTION.search(_NO_DESCRIPTION.strike(folded)) or _says_ad(title[:_LONGEST_TITLE]):
        return True
    return bool(code != "vie" and _VI.search(title[:_LONGEST_TITLE]) and not _VIETNAMESE.search(folded))


@lru_cache(maxsize=16384)
def is_music(title: str) -> bool:
    """Return whether the title of an audio track says that nobody speaks in it: an isolated score."""
    return bool(_MUSIC.search(_NO_MUSIC.strike(fold(title))))


@lru_cache(maxsize=16384)
def language_of(title: str) -> Language | None:
    """Return the language that a title names, words about the sound aside ("English Dub", "Deutsch 5.1").

    None where anything else is said: in "Japanese (English subs)" English is not what is heard.
    """
    words = [word for word in fold(title).split() if not _SOUND.fullmatch(word)]
    name = " ".join(words)
    if code := _NAMES.get(name):
        return Language(code)
    language = normalise(name) if len(name) > _LONGEST_CODE else None
    # Of the other thousands some are called Main or Male, and "English AD" is no English of Andorra.
    return language if language is not None and str(language) in _offered() else None


def _says_ad(title: str) -> bool:
    for found in _AD.finditer(title):
        before, behind = title[: found.start()], title[found.end() :]
        if _YEAR.search(before) or _ANDORRA.search(before) or _NO_DESCRIPTION.is_around(before, behind):
            continue
        if _AD_BEHIND.match(behind) or language_of(behind):
            return True
    return False


@lru_cache(maxsize=1)
def _offered() -> frozenset[str]:
    return frozenset(code for code, _ in choices())


def _any_of(entries: Iterable[str]) -> str:
    """Return the pattern that finds any of these entries of `title_words` in a folded title."""
    return "|".join(_one(entry) for entry in dict.fromkeys(entries))


def _one(entry: str) -> str:
    start = "" if entry.startswith("*") else r"(?<![^ ])"
    end = "" if entry.endswith("*") else r"(?![^ ])"
    return f"{start}{re.escape(fold(entry))}{end}"


@dataclass(frozen=True, slots=True)
class _Negated:
    """What finds words together with what turns them around, in all languages."""

    pattern: re.Pattern[str]
    before: frozenset[str]
    behind: frozenset[str]

    def strike(self, folded: str) -> str:
        """Return a folded title without what it denies."""
        return self.pattern.sub(" ", folded)

    def is_around(self, before: str, behind: str) -> bool:
        """Return whether what stands `before` a word and `behind` it turns that around."""
        return bool(
            self.before.intersection(fold(before).split()[-1:])
            or self.behind.intersection(fold(behind).split()[:1])
        )


def _negated(words: str) -> _Negated:
    """Return what finds `words` (a pattern) where a title denies them."""
    entries = dict.fromkeys(entry for language in WORDS.values() for entry in language.negation)
    parts = [entry.partition("…") for entry in entries]
    before = [fold(left) for left, _, _ in parts if left.endswith(" ")]
    behind = [fold(right) for _, _, right in parts if right.startswith(" ")]
    joined_before = [
        fold(left) for left, place, right in parts if place and left.strip() == left and not right
    ]
    joined_behind = [fold(right) for left, _, right in parts if not left and right.strip() == right]
    # "No director's commentary": a person may stand between.
    between = rf"(?:(?:any|audio|the|s|{_PEOPLE}) )*"
    patterns = (
        _any_of(left for left, place, _ in parts if not place),
        rf"(?<![^ ])(?:{_either(before)}) {between}[^ ]*?(?:{words})[^ ]*",
        rf"(?:{_either(joined_before)})(?:{words})",
        rf"(?:{words})[^ ]* (?:{_either(behind)})(?![^ ])",
        rf"(?:{words})[^ ]*?(?:{_either(joined_behind)})",
    )
    return _Negated(re.compile("|".join(patterns)), frozenset(before), frozenset(behind))


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, words))


_NAMES = {fold(name): code for code, words in WORDS.items() for name in words.names}
_WHO = re.compile(rf"\b(?:{_PEOPLE})\b")
_SPEAKS = re.compile(rf"\b(?:{_SPEAKING})\b")
_COMMENTARY = re.compile(_any_of(entry for words in WORDS.values() for entry in words.commentary))
_DESCRIPTION = re.compile(_any_of(entry for words in WORDS.values() for entry in words.description))
_MUSIC = re.compile(_any_of(entry for words in WORDS.values() for entry in words.music))
_NO_COMMENTARY = _negated(rf"{_COMMENTARY.pattern}|(?<![^ ])(?:{_SPEAKING})(?![^ ])")
_NO_DESCRIPTION = _negated(_DESCRIPTION.pattern)
_NO_MUSIC = _negated(_MUSIC.pattern)


def spoken(code: str | None, region: str | None, title: str) -> Language | None:
    """Return the language that a track names, by its code or else by a title such as "English Dub"."""
    named = from_parts(code, region)
    if named is not None or not title or code == SEVERAL:
        return named
    return language_of(title)
