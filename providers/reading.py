"""JSON of providers, read leniently: what cannot be read is passed over, but for whose it is."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import pycountry

from core.outbound import shapes
from core.outbound.shapes import WireError

LONGEST_NAME, LONGEST_TEXT, LONGEST_ADDRESS = 500, 20_000, 500
MOST_ROWS = 20_000
_WHOLE = re.compile(r"[0-9]{1,10}")
_IMDB = re.compile(r"tt[0-9]{5,12}")

Record = Mapping[str, Any]


def record(data: Any) -> Record:
    """The object, an empty one in the place of anything else."""
    return data if isinstance(data, dict) else {}


def rows(data: Any) -> Iterator[Record]:
    """The objects of a list."""
    if isinstance(data, list):
        yield from (row for row in data[:MOST_ROWS] if isinstance(row, dict))


def name(row: Record, key: str) -> str:
    return " ".join(shapes.text(row.get(key), LONGEST_NAME).split())


def text(row: Record, key: str) -> str:
    return shapes.text(row.get(key), LONGEST_TEXT).strip()


def names(data: Any, key: str = "name") -> tuple[str, ...]:
    """The names of a list of objects, each once."""
    return tuple(dict.fromkeys(found for row in rows(data) if (found := name(row, key))))


def number(row: Record, key: str) -> int | None:
    """A whole number from 0 on, as a number or as its digits."""
    value = row.get(key)
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= shapes.INT32 else None


def decimal(row: Record, key: str) -> float | None:
    value = row.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= shapes.INT32 and math.isfinite(value) else None


def day(row: Record, key: str) -> date | None:
    """The date that a text begins with."""
    try:
        return date.fromisoformat(shapes.text(row.get(key), 10))
    except ValueError:
        return None


def year(row: Record, key: str) -> int | None:
    found = shapes.text(row.get(key), 4)
    return int(found) if len(found) == 4 and found.isascii() and found.isdecimal() else None


def id_of(row: Record, key: str = "id") -> str:
    """The id that a record has, as text; empty where it has none."""
    found = number(row, key)
    return str(found) if found else ""


def same_id(row: Record, key: str, wanted: str) -> None:
    """Raise WireError where a record is not of the id that was asked for."""
    if id_of(row, key) != wanted:
        raise WireError(f"'{key}' should be {wanted}, the title that was asked for")


def is_id(id: str) -> bool:
    return bool(_WHOLE.fullmatch(id))


def checked_id(id: str) -> str:
    """An id as it may stand in a path. Raises ValueError where it is none."""
    if not is_id(id):
        raise ValueError(f"{id!r} is no id of a provider")
    return str(int(id))


def imdb(row: Record, key: str) -> str:
    found = shapes.text(row.get(key), 15)
    return found if _IMDB.fullmatch(found) else ""


@lru_cache(maxsize=1024)
def two_letters(language: str) -> str:
    """A language of three letters by its two (ISO 639), where it has some."""
    found = pycountry.languages.get(alpha_3=language) or pycountry.languages.get(bibliographic=language)
    return getattr(found, "alpha_2", language)


@lru_cache(maxsize=1024)
def three_letters(language: str) -> str:
    found = pycountry.languages.get(alpha_2=language)
    return found.alpha_3 if found else language


@lru_cache(maxsize=1024)
def country(code: str) -> str:
    """A country of three letters by its two (ISO 3166-1); empty where nobody knows it."""
    code = code.upper()
    found = pycountry.countries.get(alpha_2=code) or pycountry.countries.get(alpha_3=code)
    return found.alpha_2 if found else ""
