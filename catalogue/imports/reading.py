"""Reading what somebody uploaded: its format, its rows, and what they would become."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO, cast

from catalogue.formats import archive, recognising, tables
from catalogue.formats.contract import Row, Upload
from catalogue.formats.ours import OURS
from catalogue.models import Import
from catalogue.values import Entry
from core.errors import StorageError
from storage import keeping
from storage.models import Stored

FIRST = 20
"""Rows that a preview shows."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a file would become: its format, empty where nobody knows it, and its first rows.

    `number` are its rows, also those at fault; `unknown` the columns that are kept as own fields.
    """

    format: str
    number: int
    first: tuple[Row, ...]
    unknown: tuple[str, ...]


@contextmanager
def opened(of: Import) -> Iterator[BinaryIO]:
    """The uploaded file as it is kept, to seek in. Raises StorageError where it is gone."""
    stored = Stored.objects.filter(digest=of.digest).first()
    if stored is None:
        raise StorageError("catalogue.import-gone")
    with keeping.read(stored) as file:
        yield cast("BinaryIO", file)


def preview(file: BinaryIO, mapping: Mapping[str, str]) -> Preview:
    """Say what a file would become, by its first rows; the others are counted alone."""
    first = tuple(islice(read(file, mapping), FIRST))
    unknown = dict.fromkeys(name for row in first if isinstance(row, Entry) for name, _ in row.own)
    return Preview(format_of(file, mapping), _number(file, mapping), first, tuple(unknown))


def format_of(file: BinaryIO, mapping: Mapping[str, str]) -> str:
    """The key of a file's format; empty where nobody knows it."""
    if mapping:
        return OURS.key
    found = recognising.recognised(file)
    return found.key if found else ""


def columns(file: BinaryIO) -> tuple[str, ...]:
    """The columns to which other names may be given: those of a table that no program is known to write."""
    found = None if archive.is_archive(file) else tables.look(file)
    return found.names if found and format_of(file, {}) in ("", OURS.key) else ()


def read(file: BinaryIO, mapping: Mapping[str, str]) -> Iterator[Row]:
    """Read a file row by row, its columns under the names that somebody gave them."""
    found = tables.look(file) if mapping else None
    if found is None:
        return recognising.read(file)
    names = tuple(mapping.get(name, name) for name in found.names)
    return OURS.read(Upload(file, replace(found, names=names)))


def _number(file: BinaryIO, mapping: Mapping[str, str]) -> int:
    found = OURS if mapping else recognising.recognised(file)
    return recognising.count(file, found) if found else 0
