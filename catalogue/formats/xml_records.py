"""XML read a record at a time: no DTD is fetched, no entity expanded, and one record at most is in memory.

No Django.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError, TreeBuilder

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from catalogue.values import Fault, Wrong

LONGEST_RECORD = 4_000_000
"""Characters of a record; one with more is not read, and costs itself alone."""

MOST_ELEMENTS = 50_000

MOST_DEEP = 100

LONGEST_TAG = 4_000_000
"""Bytes in which something begins or ends: a tag is in memory until it does."""

_PART = 65_536
_NAMESPACE = re.compile(r"\{[^}]*\}")
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
    parser = DefusedXMLParser(target=target)
    file.seek(0)
    has_wide_letters = b"\0" in file.read(4)
    file.seek(0)
    silent = 0
    try:
        while part := file.read(_PART):
            heard = target.heard
            parser.feed(part if has_wide_letters else part.translate(_CLEANED))
            silent = silent + len(part) if target.heard == heard else 0
            if silent > LONGEST_TAG:
                yield Fault(None, Wrong.TOO_LARGE)
                return
            yield None
        parser.close()
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        yield Fault(None, Wrong.BROKEN, str(error)[:80])


class _Records:
    """A target of the parser: keeps the elements at a path, and of others no more than where they are."""

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path = path
        self.open: list[tuple[str, dict[str, str]]] = []
        self.root = ""
        self.found: list[Record | Fault] = []
        self.number = self.heard = self.length = self.elements = 0
        self.builder: TreeBuilder | None = None
        self.depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.heard += 1
        name = _NAMESPACE.sub("", name)
        self.root = self.root or name
        if len(self.open) + self.depth > MOST_DEEP:
            raise ValueError("too deep")
        if self.depth:
            self.depth += 1
        else:
            self.open.append((name, attributes))
            if not self._is_record():
                return
            self.depth, self.builder = 1, TreeBuilder()
            self.length = self.elements = 0
            self.number += 1
        self.elements += 1
        self._measure(sum(map(len, attributes.values())))
        if self.builder:
            self.builder.start(name, attributes)

    def data(self, text: str) -> None:
        self.heard += 1
        if self.depth:
            self._measure(len(text))
            if self.builder:
                self.builder.data(text)

    def end(self, name: str) -> None:
        self.heard += 1
        if not self.depth:
            self.open.pop()
            return
        self.depth -= 1
        if self.builder:
            self.builder.end(_NAMESPACE.sub("", name))
        if not self.depth:
            self.open.pop()
            parent = self.open[-1][1] if self.open else {}
            self.found.append(
                Record(self.number, self.builder.close(), parent)
                if self.builder
                else Fault(self.number, Wrong.TOO_LARGE)
            )

    def close(self) -> None:
        pass

    def _is_record(self) -> bool:
        return len(self.open) == len(self.path) and all(
            wanted in (name, "*") for (name, _), wanted in zip(self.open, self.path, strict=True)
        )

    def _measure(self, length: int) -> None:
        self.length += length
        if self.length > LONGEST_RECORD or self.elements > MOST_ELEMENTS:
            self.builder = None
