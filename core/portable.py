"""Configuration as code: what a document may hold, section by section. No Django.

An app brings its sections (`core.features.Portable`); `system.configuration` reads and writes whole
documents. All of a document is checked before anything of it is applied.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from core.words import Phrase

LARGEST = 2**31 - 1
"""The largest number that a column of the database holds."""


class Entry(dict[str, Any]):
    """One mapping of a document; `line` is where it begins, `lines` where each of its keys stands."""

    def __init__(
        self,
        values: Mapping[str, Any] | Iterable[tuple[str, Any]] = (),
        *,
        line: int = 1,
        lines: Mapping[str, int] | None = None,
    ) -> None:
        super().__init__(values)
        self.line = line
        self.lines = dict(lines or {})


@dataclass(frozen=True, slots=True)
class Unset:
    """Stands for a `${NAME}` that no environment variable answers."""

    name: str


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong with a document."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.text}"


@dataclass
class Reading:
    """A document that is being checked: its sections, and what was found wrong so far.

    `connect` says that instances are to be connected to.
    """

    sections: dict[str, list[Entry]]
    connect: bool = True
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, entry: Entry, key: str, text: str) -> None:
        self.problems.append(Problem(entry.lines.get(key, entry.line), text))

    def names(self, section: str) -> set[str]:
        return {str(entry.get("name", "")).lower() for entry in self.sections.get(section, [])}

    def text(self, entry: Entry, key: str, default: str = "") -> str:
        """Return the text under a key; what is no text, or no variable is set for, is noted."""
        value = entry.get(key, default)
        if isinstance(value, Unset):
            self.refuse(entry, key, f"The variable {value.name} is not set: set it, or write the value here.")
            return ""
        if not isinstance(value, str):
            self.refuse(entry, key, f"{key} is a text: put it between quotation marks.")
            return ""
        return value

    def flag(self, entry: Entry, key: str, *, default: bool) -> bool:
        """Return whether a key says true; what is neither true nor false is noted."""
        value = entry.get(key, default)
        if not isinstance(value, bool):
            self.refuse(entry, key, f"{key}: give true or false.")
            return default
        return value

    def whole(self, entry: Entry, key: str, default: int | None) -> int | None:
        """Return the whole number under a key; anything else is noted."""
        value = entry.get(key, default)
        if value is None and default is None:
            return None
        if type(value) is not int or abs(value) > LARGEST:
            self.refuse(entry, key, f"{key}: give a whole number of at most {LARGEST}.")
            return default
        return value

    def known_name(self, entry: Entry, key: str, section: str, there: Iterable[str]) -> str:
        """Return the name under a key, of what is `there` or what the document names in that section.

        Any other name is noted, an empty one too.
        """
        before = len(self.problems)
        name = self.text(entry, key)
        known = {one.lower() for one in there} | self.names(section)
        if len(self.problems) == before and name.lower() not in known:
            hint = nearest(name.lower(), tuple(sorted(known)))
            self.refuse(entry, key, f"There is no {key} {name}: {hint}")
        return name

    def texts(self, entry: Entry, key: str) -> list[str]:
        value = entry.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            self.refuse(entry, key, f"{key} is a list of texts: [one, two].")
            return []
        return value


Apply = Callable[[], str]
"""Applies one checked entry; returns `added`, `changed` or `same`."""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the document: a list of entries with these `keys`, of which `required` must be there.

    `check` looks at one entry, notes what is wrong, and returns what applies it (None where it cannot be).
    Sections are applied in the order of `place`.
    """

    name: str
    place: int
    keys: tuple[str, ...]
    required: tuple[str, ...]
    export: Callable[[], list[dict[str, Any]]]
    check: Callable[[Entry, Reading], Apply | None]


def variable_for(name: str, what: str) -> str:
    """Return the placeholder that an exported secret is replaced with: `${MY_TV_API_KEY}`."""
    word = "".join(letter if letter.isascii() and letter.isalnum() else "_" for letter in name.upper())
    return f"${{{word}_{what}}}"


def nearest(word: str, known: tuple[str, ...]) -> Phrase:
    near = difflib.get_close_matches(str(word), known, n=1, cutoff=0.5)
    return Phrase("hint.near", word=near[0]) if near else Phrase("hint.known", words=list(known))
