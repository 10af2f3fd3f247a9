"""Sentences in English that remember what they are made of, so that a page can tell them in its own language.

Histories, logs and the API speak English; a `Sentence` is that English text. What it was made of is kept
beside it (`told`) and made anew by `history.sentences`. No Django.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Told = dict[str, Any]
"""What a sentence is made of, in JSON types, one of:

`{"say": text, "with": {name: part}}`, the English text with named places and what is to stand there;
`{"say": [one, many], "number": n, "with": {…}}`, the same in singular and plural;
`{"all": [part, …]}`, parts with commas between;
`{kind: value}`, which only the app that knows the kind can tell (`history.sentences.register`).
A part is a text, a number, or what another sentence is made of.
"""


Forms = tuple[str, str]
"""A text in singular and plural."""


class Sentence(str):
    """A text in English, and what it was made of. Whatever takes a text takes it."""

    told: Told

    @classmethod
    def of(cls, text: str, told: Told) -> Sentence:
        """Return a text with what it was made of."""
        sentence = cls(text)
        sentence.told = told
        return sentence


def say(text: str, /, **parts: Any) -> Sentence:
    """Return a sentence; `text` names its parts as `%(name)s` and stands in the translations."""
    return Sentence.of(text % parts, {"say": text, "with": _told(parts)})


def say_many(one: str, many: str, number: int, /, **parts: Any) -> Sentence:
    """Return a sentence in singular or plural; `number` is one of its parts."""
    parts = {"number": number, **parts}
    told = {"say": [one, many], "number": number, "with": _told(parts)}
    return Sentence.of((one if number == 1 else many) % parts, told)


def in_numbers(one: str, many: str) -> Forms:
    """Return a text in singular and plural for a later `say_many`, where translators find it."""
    return one, many


def say_all(parts: Iterable[str]) -> Sentence:
    """Return parts with commas between."""
    parts = list(parts)
    return Sentence.of(", ".join(parts), {"all": [part_of(part) for part in parts]})


def told_of(text: str) -> Told | None:
    """Return what a text was made of, None where that is not known."""
    return text.told if isinstance(text, Sentence) else None


def part_of(value: Any) -> Any:
    """Return what is kept of a part: a text, a number, or what a sentence was made of."""
    if isinstance(value, Sentence):
        return value.told
    return value if isinstance(value, (int, float)) else str(value)


def _told(parts: dict[str, Any]) -> dict[str, Any]:
    return {name: part_of(part) for name, part in parts.items()}
