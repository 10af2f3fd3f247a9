"""The ZIP that we export ourselves: all that one sees in `collection.json`, and the pictures beside it.

That is a list of records, one for each copy, or for each edition or work without one. Each has an `entry` in
the form of `catalogue.entries`, the `pictures` that come with it, and for its reader the copy's number and
the library's name. `house.json` has what all of it is arranged by: places, libraries, own fields. No Django.
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

RECORDS, HOUSE, ABOUT = "collection.json", "house.json", "about.json"
TEXTS = (RECORDS, HOUSE, ABOUT)
PICTURES = "pictures/"
_LONGEST_ABOUT, _LONGEST_HOUSE = 10_000, 10_000_000


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
    if type(number := _told(upload.file, ABOUT, _LONGEST_ABOUT).get("rows")) is int and number >= 0:
        return number
    return sum(1 for _ in _records(upload.file))


def house(file: BinaryIO) -> dict[str, Any]:
    """What works were arranged by where an archive comes from, as far as it says so. Raises DamagedError."""
    return _told(file, HOUSE, _LONGEST_HOUSE)


def _told(file: BinaryIO, name: str, longest: int) -> dict[str, Any]:
    """The object in a member; an empty one where there is none."""
    member = members(file, name).get(name)
    try:
        told = json.loads(member.read(longest)) if member else None
    except (ValueError, RecursionError):
        told = None
    return told if isinstance(told, dict) else {}


ARCHIVED = Format("archived", _recognises, _read, _count)
