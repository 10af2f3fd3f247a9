"""The collection as Tellico opens it: a ZIP with a collection for each kind of thing. No Django."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

from catalogue.formats.ours import OWN, OWN_OF_WORK, told
from catalogue.formats.tellico_fields import (
    COLLECTIONS,
    KINDS,
    NAMES,
    OURS,
    SPEAKS,
    Collection,
    name_of,
    shown,
)
from catalogue.values import Entry, Kind, State

_DONE = {Kind.BOOK: "read", Kind.GAME: "completed"}
_USUAL = {"owned": "yes", "quantity": "1", "wanted": "no"}
"""What is so where nothing is said."""

_ANYTHING = 1
_LINE, _PARAGRAPH = 1, 2
_SINGLE, _MANY = 6, 7
_NUMBERS = frozenset({"series_num", "issue"})
_TABLE = "cast"
_SIMPLE = frozenset({"isbn", "rating", "running-time", "pages", "cdate"})
"""Fields of which there is one value, though they are read by a rule."""

_UNHEARD = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML cannot say."""


def write(entries: Iterable[Entry], to: IO[bytes], folder: Path | None = None) -> int:
    """Write entries as a ZIP of collections, and return how many; what is not ready yet lies in `folder`."""
    number = 0
    with ExitStack() as open_files:
        shelves: dict[Kind, _Shelf] = {}
        for entry in entries:
            number += 1
            kind = entry.work.kind
            if kind not in shelves:
                shelves[kind] = _Shelf(COLLECTIONS[kind], open_files.enter_context(TemporaryFile(dir=folder)))
            shelves[kind].add(entry)
        with ZipFile(to, "w", ZIP_DEFLATED, compresslevel=6) as packed:
            for shelf in shelves.values():
                with packed.open(shelf.collection.member, "w", force_zip64=True) as member:
                    shelf.write(member)
    return number


@dataclass(slots=True)
class _Shelf:
    """A collection that fills: which fields it needs is known when all is on it."""

    collection: Collection
    file: IO[bytes]
    number: int = 0
    declared: dict[str, str] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        self.number += 1
        said = "".join(self._elements(entry))
        self.file.write(f'<entry id="{self.number}">{said}</entry>\n'.encode())

    def write(self, to: IO[bytes]) -> None:
        to.write(
            '<?xml version="1.0" encoding="UTF-8"?>\n<tellico xmlns="http://periapsis.org/tellico/" '
            f'syntaxVersion="11"><collection title="{OURS}{self.collection.title}" '
            f'type="{self.collection.type}"><fields><field name="_default"/>'
            f"{''.join(self.declared.values())}</fields>\n".encode()
        )
        self.file.seek(0)
        shutil.copyfileobj(self.file, to)
        to.write(b"</collection></tellico>\n")

    def _elements(self, entry: Entry) -> Iterator[str]:
        kind, cells = entry.work.kind, told(entry)
        if KINDS.get(str(self.collection.type), Kind.OTHER) is kind:
            del cells["media_type"]
        if cells.get("state") == State.COMPLETED and kind in _DONE:
            del cells["state"]
            yield f"<{_DONE[kind]}>true</{_DONE[kind]}>"
        if "lent_to" in cells and self.collection.type != _ANYTHING:
            yield "<loaned>true</loaned>"
        for column, cell in cells.items():
            if cell == _USUAL.get(column) or not cell:
                continue
            theirs = self.collection.fields.get(column)
            text = shown(column, cells) if theirs else ""
            if theirs in _NUMBERS and not text.isdecimal():
                text = ""
            if theirs and text:
                self._declare_theirs(theirs)
                yield _element(theirs, text)
            if not text or _read(column, text) != cell:
                yield _leaf(self._declared(column), cell)

    def _declare_theirs(self, name: str) -> None:
        title = self.collection.titles.get(name)
        if title and name not in self.declared:
            flags = _MANY if name in ("platform", "author") else _SINGLE
            self.declared[name] = _declaration(name, title, "General", _LINE, flags)

    def _declared(self, column: str) -> str:
        """The name of a field of ours."""
        name = name_of(column)
        if name not in self.declared:
            title = column.removeprefix(OWN) if column.startswith(OWN) else f"{OURS}{column}"
            if column.startswith(OWN_OF_WORK):
                title = f"{column.removeprefix(OWN_OF_WORK)} (work)"
            type = _PARAGRAPH if column in ("overview", "review") else _LINE
            self.declared[name] = _declaration(name, title, "Taggarr", type, 0)
        return name


def _read(column: str, text: str) -> str | None:
    """What is read of what Tellico shows, as a cell of ours."""
    if column == "price":
        # The currency has a cell of its own.
        return None
    if column == "user_rating":
        return str(int(text) * 2)
    read = SPEAKS.readings.get(column)
    return read(text) if read else text


def _element(name: str, text: str) -> str:
    if name == "cdate":
        year, month, day = text.split("-")
        return (
            f'<cdate calendar="gregorian"><year>{year}</year><month>{month}</month><day>{day}</day></cdate>'
        )
    if name == _TABLE:
        rows = (row.rpartition(":")[0] for row in text.split("|"))
        inner = "".join(f"<cast><column>{_said(row)}</column><column/></cast>" for row in rows)
        return f"<casts>{inner}</casts>"
    if NAMES[name] in SPEAKS.readings and name not in _SIMPLE:
        return f"<{name}s>{''.join(_leaf(name, one) for one in text.split('; '))}</{name}s>"
    return _leaf(name, text)


def _leaf(name: str, text: str) -> str:
    return f"<{name}>{_said(text)}</{name}>"


def _said(text: str) -> str:
    return escape(_UNHEARD.sub(" ", text), {"\r": "&#13;"})


def _declaration(name: str, title: str, category: str, type: int, flags: int) -> str:
    told = {"name": name, "title": _UNHEARD.sub(" ", title), "category": category}
    told |= {"format": "4", "type": str(type), "flags": str(flags)}
    return f"<field {' '.join(f'{key}={quoteattr(text)}' for key, text in told.items())}/>"
