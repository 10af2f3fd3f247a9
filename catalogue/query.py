"""What somebody writes into the search of the collection, taken apart. No Django.

`dune by:herbert year:1960..1969 -format:dvd "left hand"`: words, which are looked for in titles, series and
names, and fields. While somebody types it is readable too: with a quote open, or a field without its value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalogue.values import Kind, Role, State
from core.words import Phrase

MOST = 20
"""Conditions of one search; what comes after them is not read."""

ANYBODY = "by"
TEXTS = frozenset(
    {
        *(ANYBODY, *(role.value for role in Role)),
        *("title", "series", "about", "publisher", "format", "resolution", "language", "code"),
        *("genre", "tag", "studio", "platform", "place", "owner", "lent", "library", "own"),
    }
)
"""Fields in which a text is looked for."""

NUMBERS = {"year": "1990", "added": "2024", "rating": "7", "mine": "8", "pages": "300", "minutes": "90"}
"""Fields that are numbers, each with an example."""

_KINDS = {
    **{kind.value: kind.value for kind in Kind},
    "film": Kind.MOVIE,
    "tv": Kind.TV,
    "series": Kind.TV,
    "music": Kind.AUDIO,
}
_STATES = {
    **{state.value: state.value for state in State},
    "unstarted": State.UNSTARTED,
    "unread": State.UNSTARTED,
    "started": State.STARTED,
    "reading": State.STARTED,
    "watching": State.STARTED,
    "done": State.COMPLETED,
    "read": State.COMPLETED,
    "watched": State.COMPLETED,
    "seen": State.COMPLETED,
}
_IS = {name: name for name in ("owned", "wanted", "lent", "signed", "boxed", "complete", "filed")}
CHOICES: Mapping[str, Mapping[str, str]] = {"kind": _KINDS, "state": _STATES, "is": _IS}
"""Fields that have one of some values, by all the names of these."""

FIELDS = tuple(sorted({*TEXTS, *NUMBERS, *CHOICES}))

_QUOTES = str.maketrans(dict.fromkeys("“”„«»", '"'))
_TOKEN = re.compile(
    r'(?P<without>-(?=[^\s-]))?(?:(?P<field>[A-Za-z_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>[^\s"]+))?'
)
_NUMBER = r"\d{1,6}(?:[.,]\d{1,3})?"
_RANGE = re.compile(rf"(?P<low>{_NUMBER})?(?P<to>\.\.)?(?P<high>{_NUMBER})?")
_WORD = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class Words:
    """A word, or words in their order, wherever they stand."""

    text: str
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A field that says something; of those in `CHOICES` it is one of their values."""

    field: str
    text: str
    is_not: bool = False


@dataclass(frozen=True, slots=True)
class Between:
    """A number from `low` to `high`, both included; None is no limit."""

    field: str
    low: Decimal | None
    high: Decimal | None
    is_not: bool = False


Condition = Words | Said | Between


@dataclass(frozen=True, slots=True)
class Query:
    """What was understood, and what was not: a sentence for each of these."""

    conditions: tuple[Condition, ...] = ()
    faults: tuple[Phrase, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """What is looked for anywhere, and may be misspelled."""
        return tuple(one.text for one in self.conditions if isinstance(one, Words) and not one.is_not)


def parse(text: str) -> Query:
    """Take a search apart. Never raises; what cannot be read is a fault, and the rest still counts."""
    conditions: list[Condition] = []
    faults: list[Phrase] = []
    for token in _TOKEN.finditer(text.translate(_QUOTES)):
        field = (token["field"] or "").casefold()
        value = " ".join((token["quoted"] if token["quoted"] is not None else token["bare"] or "").split())
        if len(conditions) == MOST:
            break
        if field and not value and field not in FIELDS:
            # A word with a colon behind it, as titles have them.
            field, value = "", field
        if not _WORD.search(value):
            continue
        found = _condition(field, value, is_not=token["without"] is not None)
        if isinstance(found, Phrase):
            faults.append(found)
        else:
            conditions.append(found)
    return Query(tuple(dict.fromkeys(conditions)), tuple(faults))


def _condition(field: str, value: str, *, is_not: bool) -> Condition | Phrase:
    if not field:
        return Words(value, is_not)
    if field in TEXTS:
        return Said(field, value, is_not)
    if field in NUMBERS:
        return _between(field, value, is_not=is_not)
    if field in CHOICES:
        return _choice(field, value, is_not=is_not)
    return Phrase("catalogue.search-no-field", name=field)


def _between(field: str, value: str, *, is_not: bool) -> Condition | Phrase:
    found = _RANGE.fullmatch(value)
    if not found or not (found["low"] or found["high"]):
        return Phrase("catalogue.search-no-number", name=field, text=value, example=NUMBERS[field])
    low, high = (Decimal(found[side].replace(",", ".")) if found[side] else None for side in ("low", "high"))
    if not found["to"]:
        low = high = low if low is not None else high
    if low is not None and high is not None and low > high:
        low, high = high, low
    return Between(field, low, high, is_not)


def _choice(field: str, value: str, *, is_not: bool) -> Condition | Phrase:
    known, wanted = CHOICES[field], value.casefold()
    # The movies are of the kind movie.
    for name in (wanted, wanted.removesuffix("s")):
        if name in known:
            return Said(field, str(known[name]), is_not)
    return Phrase("catalogue.search-no-value", name=field, text=value, known=sorted(known))
