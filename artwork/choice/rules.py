"""The rules of types of pictures as a person writes them, such as `most 5, min_width 1920`. No Django."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from artwork.choice.scoring import Rule, Weights, usual_rule
from artwork.names import ArtType
from core.errors import ConfigError

MOST_WANTED, LARGEST, BITS = 20, 20_000, 64
YES, NO = "yes", "no"


def _number(most: int) -> Callable[[Sequence[str]], int]:
    def read(words: Sequence[str]) -> int:
        (word,) = words
        if not (word.isascii() and word.isdecimal() and int(word[:9]) <= most):
            raise ValueError(f"no number up to {most}")
        return int(word)

    return read


def _percent(words: Sequence[str]) -> float:
    return _number(100)(words) / 100


def _flag(words: Sequence[str]) -> bool:
    (word,) = words
    return {YES: True, NO: False}[word]


def _weights(words: Sequence[str]) -> list[int]:
    found = [_number(100)([word]) for word in words]
    Weights(*found)
    if len(found) != len(fields(Weights)):
        raise ValueError("one weight for each part of a score")
    return found


_READ: Mapping[str, Callable[[Sequence[str]], Any]] = {
    "most": _number(MOST_WANTED),
    "least": _number(MOST_WANTED),
    "min_width": _number(LARGEST),
    "min_height": _number(LARGEST),
    "alike": _number(BITS),
    "tolerance": _percent,
    "weights": _weights,
    "tiers": _flag,
    "languages": lambda words: [checked_language(word) for word in words],
}
NAMES = tuple(_READ)


def checked_language(word: str) -> str:
    """A language of a rule: a code, `original`, or `none`. Raises ConfigError."""
    word = word.strip()
    if not 2 <= len(word) <= 10 or not (word.isascii() and word.replace("-", "").isalpha()):
        raise ConfigError("artwork.language", language=word)
    return word.lower()


def parse_rule(art: str, text: str) -> dict[str, Any]:
    """What a text says of a type of pictures, in JSON types. Raises ConfigError."""
    if art not in list(ArtType):
        raise ConfigError("artwork.rule-type", art=art, known=[str(one) for one in ArtType])
    found = {}
    for part in text.split(","):
        name, *words = part.split() or [""]
        try:
            found[name] = _READ[name](words)
        except (KeyError, ValueError, TypeError):
            raise ConfigError("artwork.rule", art=art, part=part.strip(), known=list(_READ)) from None
    try:
        rule_from(ArtType(art), found, (), ())
    except ValueError:
        raise ConfigError("artwork.rule-least", art=art) from None
    return found


def write_rule(rule: Mapping[str, Any]) -> str:
    """The text that says this: `parse_rule` undoes it."""
    return ", ".join(f"{name} {_written(name, value)}" for name, value in rule.items())


def _written(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, list):
        return " ".join(map(str, value))
    return str(round(value * 100) if name == "tolerance" else value)


def rule_from(
    art: ArtType, own: Mapping[str, Any], languages: Sequence[str], providers: Sequence[str]
) -> Rule | None:
    """How pictures of a type are chosen; None where none are wanted. Raises ValueError where that is none."""
    if own.get("most") == 0:
        return None
    given = dict(own)
    if "languages" in given:
        given["languages"] = tuple(given["languages"])
    if "weights" in given:
        given["weights"] = Weights(*given["weights"])
    return replace(usual_rule(art, tuple(languages)), providers=tuple(providers), **given)
