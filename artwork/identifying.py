"""Which title of a provider a folder is: by its id, or by title and year where only one can be meant. Never a
guess: else a person decides among the five best.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from providers.contract import Found, Kind, Source

BEST = 5
YEARS_APART = 1
"""A premiere at a festival and one in cinemas may lie in two years."""

_ARTICLE_BEHIND = re.compile(
    r"^(?P<title>.+), (?P<article>the|an?|der|die|das|le|la|les|el|los|las|il|lo|l')$"
)
_ROMAN = {"ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9", "xii": "12"}
_LETTERS = str.maketrans(
    {"\u00f8": "o", "\u0142": "l", "\u0111": "d", "\u00e6": "ae", "\u0153": "oe", "&": " and "}
)


class By(StrEnum):
    ID = "id"
    TITLE = "title"


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of a title from its app, its NFO or its name."""

    kind: Kind
    titles: Sequence[str]
    year: int | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identified:
    """`id` is the provider's own, empty where a person must decide among the `best`."""

    id: str = ""
    by: By | None = None
    best: tuple[Found, ...] = ()


def identify(sought: Sought, source: Source, found: Iterable[Found] = ()) -> Identified:
    """Return which title it is for a provider with ids of `source`, given what that one's search found.

    An id decides without any search. Without a year, or with two that would do, nothing is decided.
    """
    if id := sought.ids.get(source):
        return Identified(id, By.ID)
    candidates = list({one.id: one for one in reversed(list(found)) if one.kind is sought.kind}.values())[
        ::-1
    ]
    exact = [
        one for one in candidates if is_same_title(sought.titles, one) and _is_near(sought.year, one.year)
    ]
    if len(exact) == 1:
        return Identified(exact[0].id, By.TITLE)
    return Identified(best=tuple(sorted(candidates, key=lambda one: _rank(sought, one))[:BEST]))


def is_same_title(titles: Iterable[str], found: Found) -> bool:
    """Whether one of these titles is that of what was found, or its original one."""
    theirs = {folded(one) for one in (found.title, found.original_title) if one.strip()}
    return any(folded(one) in theirs for one in titles if one.strip())


def folded(title: str) -> str:
    """The letters and digits of a title: without case, accents of Latin letters, blanks and signs.

    An article behind a comma goes to the front, and Roman numerals that can be nothing else become digits.
    What has neither letters nor digits is what it is.
    """
    text = unicodedata.normalize("NFKC", title).casefold().strip()
    text = _ARTICLE_BEHIND.sub(r"\g<article> \g<title>", text)
    plain = _without_accents(text).translate(_LETTERS)
    words = re.sub(r"['\u2019\u02bc.]", "", plain)
    words = "".join(letter if _tells(letter) else " " for letter in words)
    numbered = [_ROMAN.get(word, word) if place else word for place, word in enumerate(words.split())]
    return "".join(numbered) or text


def _without_accents(text: str) -> str:
    """Only of Latin letters: elsewhere a mark makes another letter."""
    kept: list[str] = []
    base = " "
    for letter in unicodedata.normalize("NFD", text):
        if not unicodedata.combining(letter):
            base = letter
        elif unicodedata.name(base, "").startswith("LATIN"):
            continue
        kept.append(letter)
    return unicodedata.normalize("NFC", "".join(kept))


def _tells(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LNM"


def _is_near(year: int | None, other: int | None) -> bool:
    return year is not None and other is not None and abs(year - other) <= YEARS_APART


def _rank(sought: Sought, one: Found) -> tuple[bool, int]:
    """Those of the same title first, then those nearest in time; else as the search had them."""
    apart = abs(sought.year - one.year) if sought.year and one.year else 10_000
    return not is_same_title(sought.titles, one), apart
