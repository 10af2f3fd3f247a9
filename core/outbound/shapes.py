"""JSON of other programs, read into our own types: strict about identity, and never more than fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

INT32 = 2**31 - 1
INT64 = 2**63 - 1
# PostgreSQL stores neither: a NUL, and one half of a surrogate pair (JSON may spell either as \u0000 and
# \ud800).
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class WireError(Exception):
    """The JSON has another shape than the API's. The text says what was expected where."""


def read_list(data: Any, read: Callable[[dict[str, Any]], T], what: str) -> list[T]:
    """The records of a list, each read by `read`.

    Raises WireError where it is no list of objects, or one of them cannot be read.
    """
    if not isinstance(data, list):
        raise WireError(f"a list of {what} was expected, and {_kind(data)} came")
    return [read(as_object(record, what)) for record in data]


def as_object(data: Any, what: str) -> dict[str, Any]:
    """The JSON object itself. Raises WireError where it is none."""
    if not isinstance(data, dict):
        raise WireError(f"an object ({what}) was expected, and {_kind(data)} came")
    return data


def text(data: Any, longest: int | None) -> str:
    """The text without what cannot be stored, cut to `longest` characters; empty for anything but text."""
    if not isinstance(data, str):
        return ""
    clean = data if data.isascii() and "\x00" not in data else _UNSTORABLE.sub("", data)
    return clean[:longest]


def number(
    record: dict[str, Any], name: str, least: int, most: int = INT32, *, default: int | None = None
) -> int:
    """A whole number between `least` and `most`; `default`, where given, stands for null and absence.

    Raises WireError for anything else.
    """
    value = record.get(name)
    if value is None and default is not None:
        return default
    if type(value) is not int or not least <= value <= most:
        raise WireError(f"'{name}' should be a number from {least} to {most}, and is {_kind(value)}")
    return value


def _kind(data: Any) -> str:
    """What some JSON is, in a few words; a value is shown only where it is short and harmless."""
    match data:
        case None:
            return "nothing"
        case bool() | int() | float():
            return str(data)[:30]
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
