"""Entries as they are stored with a row, and by what a row is known again. No Django."""

from __future__ import annotations

import json
import re
import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from hashlib import blake2b
from operator import attrgetter
from typing import Any, Union, get_args, get_origin, get_type_hints

from catalogue.folding import fold, fold_name
from catalogue.values import Entry

LONGEST_NAME = 200
"""Characters of what a list calls its row; a longer one is known by its digest."""

_LOST = {0: None, **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}
"""What no database takes: NUL goes, half of a pair of UTF-16 is replaced."""

_WITH_LOST = re.compile("[\0\ud800-\udfff]")

Reader = Callable[[Any], Any]

_in_order = json.JSONEncoder(sort_keys=True).encode


def stored(entry: Entry) -> dict[str, Any]:
    """An entry in JSON types, without what it does not say. `entry_of` makes it an equal entry again."""
    told: dict[str, Any] = _tellers[Entry](entry)
    return told


def entry_of(told: dict[str, Any]) -> Entry:
    entry: Entry = _reader(Entry)(told)
    return entry


def digest_of(told: dict[str, Any]) -> str:
    """What changes with anything that a stored entry says, but not with its place in the file."""
    said = {name: value for name, value in told.items() if name != "number"}
    return _hash(_in_order(said))


def known_as(entry: Entry) -> str:
    """By what a row is known when its list comes again: its id there, or all by which two are told apart."""
    if entry.id and len(entry.id) <= LONGEST_NAME:
        return clean(entry.id)
    work = entry.work
    named = [
        *(entry.id, work.kind, fold(work.title), work.year, fold(work.series), work.position),
        *sorted(f"{code.scheme} {code.value}" for code in entry.codes),
        *sorted({fold_name(person.name) for person in work.people}),
        fold(entry.edition.format),
    ]
    return f"#{_hash(json.dumps(named))}"


def _hash(text: str) -> str:
    return blake2b(text.encode(), digest_size=16).hexdigest()


def clean(text: str) -> str:
    """A text as a database takes it."""
    return text.translate(_LOST) if _WITH_LOST.search(text) else text


class _Tellers(dict[Any, Reader]):
    """What makes JSON types of the values of a class, by the class."""

    def __missing__(self, kind: type[Any]) -> Reader:
        teller = self[kind] = _teller(kind)
        return teller


_tellers = _Tellers()


def _teller(kind: type[Any]) -> Reader:
    if kind is str:
        return clean
    if kind is tuple:
        return lambda value: [_tellers[type(one)](one) for one in value]
    if is_dataclass(kind):
        names, usual = zip(*_usual(kind), strict=True)
        values_of = attrgetter(*names)
        return lambda value: {
            name: _tellers[type(one)](one)
            for name, one, other in zip(names, values_of(value), usual, strict=True)
            # Most is not said, and is the same object then: a file has millions of them.
            if one is not other and one != other
        }
    if issubclass(kind, date):
        return date.isoformat
    return str if issubclass(kind, Enum | Decimal) else _same


@cache
def _usual(kind: type[Any]) -> tuple[tuple[str, Any], ...]:
    """The fields of a class with what they hold where nothing was said."""
    return tuple(
        (one.name, one.default if one.default_factory is MISSING else one.default_factory())
        for one in fields(kind)
    )


@cache
def _reader(hint: Any) -> Reader:
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        (wanted,) = (one for one in inner if one is not type(None))
        return _reader(wanted)
    if origin is tuple:
        read = _reader(inner[0])
        return lambda told: tuple(read(one) for one in told)
    if is_dataclass(hint):
        made: Any = hint
        readers = {name: _reader(one) for name, one in get_type_hints(hint).items()}
        return lambda told: made(**{name: readers[name](one) for name, one in told.items()})
    if hint is date:
        return date.fromisoformat
    read_plain: Reader = hint if hint is Decimal or issubclass(hint, Enum) else _same
    return read_plain


def _same(told: Any) -> Any:
    return told
