"""Languages: one canonical form for every code and name, and which of them count as the same.

The base of a language is its ISO 639-3 code, its region an ISO 3166 code or `419` (Latin America). A group of
languages has its code of ISO 639-5 ("sla", Slavic languages), which ISO 639-2 calls collective. Codes and
English names come from pycountry; what it does not know stands in `languages.toml`.
"""

from __future__ import annotations

import difflib
import json
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import pycountry

from core.errors import ConfigError
from core.words import Phrase

_TABLES = tomllib.loads(Path(__file__).with_name("languages.toml").read_text("utf-8"))

MACROLANGUAGE: Final = {
    member: macro for macro, members in _TABLES["members"].items() for member in members.split()
}
"""Member -> macrolanguage."""

LATIN_AMERICA: Final = frozenset(_TABLES["latin_america"].split())
LATIN_AMERICA_CODE = "419"


@dataclass(frozen=True, slots=True)
class Language:
    """A language as Taggarr compares it.

    `base` is an ISO 639-3 or 639-5 code; `region` a lower-case ISO 3166 alpha-2 code, `419` for Latin
    America, or None. The canonical code, `str(language)`, is `jpn` or `por-br`: that is what policies and
    media store.
    """

    base: str
    region: str | None = None

    def __str__(self) -> str:
        return f"{self.base}-{self.region}" if self.region else self.base


ORIGINAL: Final = Language("qaa")
"""A track that says "the original language" without naming it (ETSI EN 300 468), and the apps' Original."""

DESCRIPTION: Final = Language("qad")
"""A track that is an audio description."""

SEVERAL = "mul"
"""The code of what holds several languages and says not which."""

NO_SPEECH: Final = Language("zxx")
"""A track in which nobody speaks."""

NO_LANGUAGES = (ORIGINAL, DESCRIPTION, NO_SPEECH)
"""What stands where a language would, and names none."""

# RFC 5646 without the parts that never stand in media files; the region is what we are after.
_TAG = re.compile(
    r"(?P<base>[a-z]{2,3})"
    r"(?:-(?P<extension>[a-z]{3}))?"
    r"(?:-[a-z]{4})?"
    r"(?:-(?P<region>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[a-z0-9](?:-[a-z0-9]{1,8})+)?"
)
_CODE_LENGTH = 3
_SHORTEST_NAME = 4
"""A shorter text is a code or nothing: small languages are called En, Ju or Ron (in characters)."""

_LONGEST_TEXT = 100
"""No code and no name of a language is longer (in characters); what is, is not looked at."""


@lru_cache(maxsize=8192)
def normalise(text: str | None) -> Language | None:
    """Return the language that a code or an English name means, None where it names no single known language.

    Understood are ISO 639-1, 639-2 (both kinds), 639-3 and 639-5 codes, BCP 47 tags (RFC 5646), POSIX
    locales, English names and the names that Sonarr and Radarr use. `Original` and `qaa` are `ORIGINAL`,
    `qad` is `DESCRIPTION`; `und`, `mis`, `mul`, `Unknown`, `Any` and codes that nobody assigned are None.
    """
    if not text or len(text) > _LONGEST_TEXT:
        return None
    tag = re.split(r"[.@]", text.strip().lower())[0].replace("_", "-")
    return _from_tag(tag) or _from_name(text)


@lru_cache(maxsize=4096)
def from_parts(code: str | None, region: str | None) -> Language | None:
    """Return the language of a track by its code and region, None where these name no known language."""
    return normalise(f"{code}-{region}" if code and region else code)


def matches(a: Language, b: Language) -> bool:
    """Return whether two languages may be the same: equal, or one a wider name for the other.

    A macrolanguage matches its members either way, two of its members never match each other; with a region
    it may mean one of them ("Chinese" of Taiwan is Mandarin). A language without a region matches every
    region, and `419` every region of Latin America. Symmetric.
    """
    if a.base != b.base and not _is_member(a, b) and not _is_member(b, a):
        return False
    if a.region is None or b.region is None or a.region == b.region:
        return True
    return _is_latin(a, b) or _is_latin(b, a)


def contains(wide: Language, narrow: Language) -> bool:
    """Return whether what is `narrow` is surely `wide` too: `por` contains `por-br`, not the reverse."""
    if wide.base != narrow.base and not _is_member(narrow, wide):
        return False
    return wide.region is None or wide.region == narrow.region or _is_latin(narrow, wide)


def _is_member(narrow: Language, wide: Language) -> bool:
    """Whether the macrolanguage `wide` may mean `narrow`, as far as its own region goes."""
    member = MACROLANGUAGE.get(narrow.base) == wide.base
    return member and _TABLES["spoken_there"].get(str(wide), narrow.base) == narrow.base


def _is_latin(narrow: Language, wide: Language) -> bool:
    """Whether `wide` is for all of Latin America, and `narrow` is spoken there."""
    if wide.region != LATIN_AMERICA_CODE:
        return False
    return narrow.region in LATIN_AMERICA or str(narrow) in _TABLES["latin_american_abroad"]


def require(text: str) -> Language:
    """Return the language that a person named.

    Raises `ConfigError`, with the nearest known name, where the input is no single language.
    """
    language = normalise(text)
    if language is not None and language not in (ORIGINAL, DESCRIPTION):
        return language
    shown = text.strip()[:_LONGEST_TEXT]
    advice = Phrase("language.advice")
    if not shown:
        raise ConfigError("language.missing", advice=advice)
    if language is not None:
        raise ConfigError("language.not-one", text=shown, advice=advice)
    near = difflib.get_close_matches(_fold(shown), list(_suggestions()), n=1, cutoff=0.6)
    near_name = Phrase("language.name", code=_suggestions()[near[0]]) if near else ""
    hint = Phrase("language.guess", language=near_name) if near else advice
    raise ConfigError("language.unknown", text=shown, hint=hint)


@lru_cache(maxsize=1024)
def display_name(language: Language) -> str:
    """Return the English name, such as `Portuguese (Brazil)`; the code itself where there is no name."""
    index = _index()
    if name := index.name_of.get(str(language)):
        return name
    name = index.name_of.get(language.base, language.base)
    if not language.region:
        return name
    return f"{name} ({index.region_name_of.get(language.region, language.region.upper())})"


def name_of_code(code: str) -> str:
    """Return the English name of a stored code; the code itself where it names no known language."""
    language = normalise(code)
    return display_name(language) if language else code


@lru_cache(maxsize=1024)
def short_code(language: Language) -> str:
    """Return the shortest code of a language, of letters, digits and hyphens: `ja`, `pt-br`, `yue`."""
    base = _index().short_of.get(language.base, language.base)
    return f"{base}-{language.region}" if language.region else base


@lru_cache(maxsize=1)
def choices() -> tuple[tuple[str, str], ...]:
    """Return (canonical code, name) of the languages to offer in a list, sorted by name."""
    codes = [*_index().short_of, *_TABLES["offered"]]
    named = ((code, display_name(_parse(code))) for code in codes)
    return tuple(sorted(named, key=lambda pair: _fold(pair[1])))


@dataclass(frozen=True, slots=True)
class _Index:
    """All of pycountry that we need, as plain dictionaries. Names are folded."""

    base_of: dict[str, str]
    short_of: dict[str, str]
    name_of: dict[str, str]
    code_named: dict[str, str]
    region_named: dict[str, str]
    region_name_of: dict[str, str]


@lru_cache(maxsize=1)
def _index() -> _Index:
    languages = [*_rows("639-3"), *_rows("639-5")]
    preferred: dict[str, str] = _TABLES["names"]
    kinds = ("alpha_3", "alpha_2", "bibliographic")
    base_of = {one[kind]: one["alpha_3"] for one in languages for kind in kinds if kind in one}
    base_of |= _TABLES["old_codes"] | {code: code for code in preferred if len(code) == _CODE_LENGTH}
    name_of = {one["alpha_3"]: one["name"] for one in languages} | preferred
    named: dict[str, str] = {}
    for one in languages:
        for kind in ("name", "inverted_name", "common_name"):
            if len(name := one.get(kind, "")) >= _SHORTEST_NAME:
                named.setdefault(_fold(name), one["alpha_3"])
    named |= {_fold(name): code for code, name in preferred.items()}
    named |= {_fold(name): code for name, code in _TABLES["aliases"].items()}
    for code in _TABLES["no_language"]:
        base_of.pop(code)
        named.pop(_fold(name_of[code]), None)
    regions = {one["alpha_2"].lower(): one.get("common_name") or one["name"] for one in _rows("3166-1")}
    regions[LATIN_AMERICA_CODE] = "Latin America"
    by_name = {_fold(name): region for region, name in regions.items()}
    return _Index(
        base_of=base_of,
        short_of={one["alpha_3"]: one["alpha_2"] for one in languages if "alpha_2" in one},
        name_of=name_of,
        code_named=named,
        region_named=by_name | {region: region for region in regions} | _TABLES["regions"],
        region_name_of=regions,
    )


def _rows(standard: str) -> list[dict[str, str]]:
    """Return what pycountry's table of a standard of ISO holds, without the objects that it keeps for it."""
    table = Path(pycountry.DATABASE_DIR, f"iso{standard}.json")
    rows: list[dict[str, str]] = json.loads(table.read_text("utf-8"))[standard]
    return rows


def _parse(code: str) -> Language:
    base, _, region = code.partition("-")
    return Language(base, region or None)


def _from_tag(tag: str) -> Language | None:
    if code := _TABLES["whole_tags"].get(tag):
        return _parse(code)
    match = _TAG.fullmatch(tag)
    base = _index().base_of.get(match["base"]) if match else None
    if match is None or base is None:
        return None
    extension = match["extension"]
    if extension and MACROLANGUAGE.get(extension) == base:
        base = extension
    region = _index().region_named.get(match["region"]) if match["region"] else None
    return Language(base, region or None)


def _from_name(text: str) -> Language | None:
    """Return the language of "Portuguese" or, with a region behind it, "Portuguese (Brazil)"."""
    index = _index()
    words = _fold(text).split()
    if whole := index.code_named.get(" ".join(words)):
        return _parse(whole)
    for cut in range(len(words) - 1, 0, -1):
        base = index.code_named.get(" ".join(words[:cut]))
        region = index.region_named.get(" ".join(words[cut:]))
        if base is not None and "-" not in base and region is not None:
            return Language(base, region or None)
    return None


def _fold(text: str) -> str:
    """Return `text` without case, accents and punctuation, its words one blank apart."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", plain))


@lru_cache(maxsize=1)
def _suggestions() -> dict[str, str]:
    """Folded name -> name of what is proposed for a mistyped language, and of what is another word for it."""
    names = [name for _, name in choices()] + list(_TABLES["aliases"])
    return {_fold(name): name for name in names}
