"""XML read a record at a time: no DTD is fetched, no entity expanded, and one record at most is in memory.

No Django.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from catalogue.values import Fault, Wrong

LONGEST_RECORD = 4_000_000
"""Bytes of a record; one with more is not read, and costs itself alone."""

MOST_ELEMENTS = 50_000

MOST_DEEP = 100

LONGEST_TAG = 4_000_000
"""Bytes of a tag, which is in memory until it ends."""

_PART = 65_536
_CONTROL = bytes((*range(9), 11, 12, *range(14, 32)))
_CLEANED = bytes.maketrans(_CONTROL, b" " * len(_CONTROL))
"""What XML forbids, and programs copy into it from the web."""


@dataclass(frozen=True, slots=True)
class Record:
    """An element, without namespaces, and the attributes of that in which it stands."""

    number: int
    element: Element
    parent: Mapping[str, str]


def is_xml(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(64).replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return head.startswith(b"<")


def root(file: BinaryIO) -> str:
    """The name of the outermost element; nothing where there is none."""
    target = _Records(())
    for _ in _parsed(file, target):
        if target.root:
            break
    return target.root


def records(file: BinaryIO, *path: str) -> Iterator[Record | Fault]:
    """The elements at a path such as `library`, `items`, `*`.

    One that is too large is a fault; what is damaged, or declares entities, ends with one.
    """
    target = _Records(path)
    for fault in _parsed(file, target):
        yield from target.found
        target.found.clear()
        if fault:
            yield fault


def text_of(element: Element | None) -> str:
    """All text in an element."""
    return "".join(element.itertext()).strip() if element is not None else ""


def _parsed(file: BinaryIO, target: _Records) -> Iterator[Fault | None]:
    """Parse a file, a part at a time."""
    file.seek(0)
    has_wide_letters = b"\0" in file.read(4)
    file.seek(0)
    fed = 0
    try:
        while part := file.read(_PART):
            target.expat.Parse(part if has_wide_letters else part.translate(_CLEANED), False)
            fed += len(part)
            target.measure()
            if fed - target.expat.CurrentByteIndex > LONGEST_TAG:
                yield Fault(None, Wrong.TOO_LARGE)
                return
            yield None
        target.expat.Parse(b"", True)
    except (ExpatError, DefusedXmlException, ValueError, LookupError) as error:
        yield Fault(None, Wrong.BROKEN, str(error)[:80])


class _Records:
    """The elements at a path are built, and of others nothing is kept but where they are."""

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        self.open: list[tuple[str, dict[str, str]]] = []
        self.root = ""
        self.found: list[Record | Fault] = []
        self.number = self.began = self.elements = self.depth = 0
        self.builder: TreeBuilder | None = None
        # Its own methods build all of a file; of it, what forbids entities is needed alone.
        self.expat = DefusedXMLParser(target=TreeBuilder()).parser
        self.expat.ordered_attributes = False
        self.expat.StartElementHandler, self.expat.EndElementHandler = self.start, self.end
        self.expat.CharacterDataHandler = None

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if "}" in name:
            name = name.rpartition("}")[2]
        if not self.depth:
            self.root = self.root or name
            self.open.append((name, attributes))
            if not self._is_record():
                if len(self.open) > MOST_DEEP:
                    raise ValueError("too deep")
                return
            self.number += 1
            self.elements, self.began = 0, self.expat.CurrentByteIndex
            self.builder = TreeBuilder()
            self.expat.CharacterDataHandler = self.builder.data
        self.depth += 1
        self.elements += 1
        if self.depth > MOST_DEEP:
            raise ValueError("too deep")
        if self.builder:
            self.builder.start(name, attributes)

    def end(self, name: str) -> None:
        if not self.depth:
            self.open.pop()
            return
        self.depth -= 1
        if self.builder:
            self.builder.end(name.rpartition("}")[2] if "}" in name else name)
        if not self.depth:
            self.measure()
            self.open.pop()
            parent = self.open[-1][1] if self.open else {}
            self.found.append(
                Record(self.number, self.builder.close(), parent)
                if self.builder
                else Fault(self.number, Wrong.TOO_LARGE)
            )
            self.builder = self.expat.CharacterDataHandler = None

    def measure(self) -> None:
        """Let go of a record that is too large."""
        length = self.expat.CurrentByteIndex - self.began
        if self.builder and (length > LONGEST_RECORD or self.elements > MOST_ELEMENTS):
            self.builder = self.expat.CharacterDataHandler = None

    def _is_record(self) -> bool:
        return len(self.open) == len(self.path) and all(
            wanted in (name, "*") for (name, _), wanted in zip(self.open, self.path, strict=True)
        )
