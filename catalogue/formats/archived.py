"""The ZIP that we export ourselves: all that a table has in `collection.json`, and the pictures beside it.

That is a list of records, one for each copy, or for each edition or work without one. Each has an `entry` in
the form of `catalogue.entries`, the `pictures` that come with it, and what no list of somebody else tells: of
that nothing is read again. No Django.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from types import UnionType
from typing import Any, BinaryIO, Union, get_args, get_origin, get_type_hints

from catalogue.entries import entry_of
from catalogue.formats.archive import is_archive, members
from catalogue.formats.contract import Format, Row, Upload
from catalogue.formats.json_records import records
from catalogue.values import Entry, Fault, Wrong

RECORDS, ABOUT = "collection.json", "about.json"
PICTURES = "pictures/"
_LONGEST_ABOUT = 10_000


@dataclass(frozen=True, slots=True)
class Pictured:
    """A picture of the row with this number: what it shows, whether that is the copy, and its member."""

    number: int
    shows: str
    of_copy: bool
    member: str


def pictures(file: BinaryIO) -> Iterator[Pictured]:
    """The pictures that the records of an archive name. Raises DamagedError."""
    for record in _records(file):
        if isinstance(record, Fault):
            continue
        number, told = record
        named = told.get("pictures")
        for one in named if isinstance(named, list) else ():
            if isinstance(one, dict) and str(one.get("file", "")).startswith(PICTURES):
                yield Pictured(number, str(one.get("shows")), one.get("of") == "copy", str(one["file"]))


def _recognises(upload: Upload) -> bool:
    return is_archive(upload.file) and RECORDS in members(upload.file, RECORDS)


def _read(upload: Upload) -> Iterator[Row]:
    for record in _records(upload.file):
        yield record if isinstance(record, Fault) else _entry(*record)


def _records(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]] | Fault]:
    yield from records(members(file, RECORDS)[RECORDS])


def _entry(number: int, told: Mapping[str, Any]) -> Row:
    """The entry of a record, which anybody may have changed."""
    try:
        entry = entry_of({**told["entry"], "number": number})
    except (ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        return Fault(number, Wrong.BROKEN, str(error)[:80])
    if not _holds(Entry, entry):
        return Fault(number, Wrong.BROKEN)
    return entry if entry.work.title or entry.codes else Fault(number, Wrong.NO_TITLE)


def _holds(hint: Any, value: Any) -> bool:
    """Whether a value is of the type that it is said to be, and all in it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(_holds(one, value) for one in inner)
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        kinds = inner[:1] * len(value) if inner[1:] == (...,) else inner
        return len(kinds) == len(value) and all(map(_holds, kinds, value))
    kind: Any = hint
    if is_dataclass(hint):
        return type(value) is hint and all(
            _holds(one, getattr(value, name)) for name, one in _hints(kind).items()
        )
    if hint is Decimal:
        return isinstance(value, Decimal) and value.is_finite()
    return isinstance(value, hint) if issubclass(hint, Enum | date) else type(value) is hint


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}


def _count(upload: Upload) -> int:
    """How many records there are, as the archive says; counted where it does not."""
    about = members(upload.file, ABOUT).get(ABOUT)
    if about is not None:
        try:
            told = json.loads(about.read(_LONGEST_ABOUT))
        except (ValueError, RecursionError):
            told = None
        if isinstance(told, dict) and type(number := told.get("rows")) is int and number >= 0:
            return number
    return sum(1 for _ in _records(upload.file))


ARCHIVED = Format("archived", _recognises, _read, _count)
