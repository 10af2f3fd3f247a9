"""What people are told, as codes with parts; the sentence is made where it is shown.

Every app's `words.py` holds one table from codes to texts (`core.features.Words`). Whatever is stored or
handed on is a `Phrase`: its code, its parts, and how it reads in English. This module works without Django,
for cages and the supervisor raise errors too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from html import escape
from typing import Any, Self

in_english: Callable[[], AbstractContextManager[Any]] = nullcontext
"""Makes English the active language for a moment; `core.features` sets it where there is Django."""

number: Callable[[float], str] = str
"""How a fraction is written in the active language; `core.features` sets it where there is Django."""

_table: dict[str, tuple[str, Any]] = {}
"""Every code with the app that brought it, and its entry."""


def add(app: str, entries: Mapping[str, Any]) -> None:
    """Make the codes of an app known. Raises ValueError where another app has one of them."""
    for code, entry in entries.items():
        if _table.get(code, (app,))[0] != app:
            raise ValueError(f"{app} and {_table[code][0]} both say what {code} means")
        _table[code] = (app, entry)


def table() -> dict[str, Any]:
    return {code: entry for code, (_, entry) in _table.items()}


def tell(code: str, params: Mapping[str, Any]) -> str:
    """The sentence in the active language. A code that no app knows shows as it is, with its parts."""
    if code in _table:
        entry = _table[code][1]
        try:
            if callable(entry):
                return str(entry(**params))
            return str(entry % {name: _told(part) for name, part in params.items()})
        except (LookupError, TypeError, ValueError, AttributeError):
            pass  # stored by another version
    return f"{code} {json.dumps(params, ensure_ascii=False)}" if params else code


class Phrase(str):
    """A sentence: its code, its parts in JSON types, and as a `str` its English.

    A text that is no code, such as what another program answered, stands for itself. Templates show a phrase
    in the language of the page; elsewhere that is `told`.
    """

    code: str
    params: dict[str, Any]

    def __new__(cls, code: str, /, **params: Any) -> Self:
        kept = {name: _kept(part) for name, part in params.items()}
        self = super().__new__(cls, _english(code, kept))
        self.code, self.params = code, kept
        return self

    @classmethod
    def of(cls, text: str | Mapping[str, Any]) -> Phrase:
        """A text as a phrase, and what `stored` returned as the phrase that it was."""
        if isinstance(text, Phrase):
            return text
        return cls(text) if isinstance(text, str) else cls(text["code"], **text["params"])

    @property
    def told(self) -> str:
        """The sentence in the active language."""
        return tell(self.code, self.params)

    def without(self, secret: str) -> Phrase:
        """The phrase with a secret masked in all of its parts."""
        return Phrase.of(json.loads(json.dumps(self.stored()).replace(json.dumps(secret)[1:-1], "****")))

    def stored(self) -> dict[str, Any]:
        return {"code": self.code, "params": self.params}

    def __html__(self) -> str:
        return escape(self.told)


def told(text: object) -> str:
    """A phrase, or an error, in the active language; any other text as it is."""
    text = getattr(text, "phrase", text)
    return text.told if isinstance(text, Phrase) else str(text)


def counted(numbers: Mapping[str, int], *, none: str) -> list[Phrase]:
    """A phrase for each number by its code, those of 0 left out; that of the code `none` where all are 0."""
    return [Phrase(code, number=number) for code, number in numbers.items() if number] or [Phrase(none)]


def _kept(part: Any) -> Any:
    part = getattr(part, "phrase", part)
    if isinstance(part, Phrase):
        return part.stored()
    if isinstance(part, Mapping):
        return {str(name): _kept(value) for name, value in part.items()}
    if isinstance(part, (list, tuple)):
        return [_kept(one) for one in part]
    return part if part is None or type(part) in (str, int, float, bool) else str(part)


def _told(part: Any) -> Any:
    if isinstance(part, dict) and part.keys() == {"code", "params"}:
        return tell(part["code"], part["params"])
    if isinstance(part, list):
        return ", ".join(str(_told(one)) for one in part)
    return _Fraction(part) if isinstance(part, float) else part


class _Fraction(float):
    def __str__(self) -> str:
        return number(float(self))


def _english(code: str, params: Mapping[str, Any]) -> str:
    with in_english():
        return tell(code, params)
