"""Edits of NFO files (Kodi, Jellyfin, Emby) that leave every byte alone but those that are meant.

An NFO is never built anew: expat tells at which byte each child of the root element starts, and only whole
elements are cut out or put in there. So comments, CDATA, entity references, line ends, the encoding and
Kodi's line with a URL after the closing tag (a "combination NFO") stay as they are. Bytes in, bytes out: this
module opens no file and knows no Django.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from core.errors import NfoError

MAX_SIZE = 4 * 1024 * 1024
"""The largest NFO that is read, in bytes. Real ones have a few KiB, with many actors a few hundred."""

DUB_GENRE = "Dub"
"""The genre that the policy option `dub_genre` puts in the NFO of dubbed media."""

DEEPEST, MOST_NESTED = 3, 20_000
"""So far below the root, and so many in all, are elements inside the direct children told."""

_LAST_LINE_BREAK = re.compile(r"(?:\r\n|\n|\r)[ \t]*\Z")


def fold(text: str) -> str:
    """The form in which labels are compared."""
    return text.strip().casefold()


@dataclass(slots=True)
class Element:
    """An element below the root; the bytes of a direct child are `data[start:end]`."""

    name: str
    attributes: dict[str, str]
    start: int = -1
    end: int = -1
    pieces: list[str] = field(default_factory=list)
    children: list[Element] = field(default_factory=list)
    holds_elements: bool = False

    @property
    def plain(self) -> str:
        """The text without blanks around it. Empty where the element holds other elements."""
        return "" if self.holds_elements else "".join(self.pieces).strip()

    @property
    def text(self) -> str:
        return fold(self.plain)


@dataclass(frozen=True, slots=True)
class Splice:
    """Replaces `data[start:end]` by `text`."""

    start: int
    end: int
    text: bytes = b""


class Outline:
    """The direct children of a root element and where they lie in the bytes.

    Expat tells where an event starts, not where it ends; so an element's end is the start of the next event.
    The root is the first behind `start`; `encoding` overrules what the file declares.
    """

    def __init__(self, data: bytes, start: int = 0, encoding: str | None = None) -> None:
        self.data = data
        self.codec = _ascii_codec(data)
        self.declared: str | None = None
        self.root = ""
        self.children: list[Element] = []
        self.content_start = -1
        self.end = -1
        self.closed = False
        self._start = start
        self._depth = 0
        self._nested = 0
        self._open: list[Element | None] = []
        self._parser = expat.ParserCreate(encoding)
        self._parser.StartElementHandler = self._on_start
        self._parser.EndElementHandler = self._on_end
        self._parser.CharacterDataHandler = self._on_text
        self._parser.DefaultHandler = self._on_other
        self._parser.XmlDeclHandler = self._on_declaration
        self._parser.StartDoctypeDeclHandler = _refuse_doctype

    def parse(self) -> None:
        """Reads the data up to the end of the root element; what follows is not XML and nobody's business.

        Raises expat.ExpatError, and what Python's codecs raise for the encoding that the file declares.
        """
        try:
            self._parser.Parse(memoryview(self.data)[self._start :], True)
        except expat.ExpatError:
            if not self.closed:
                raise

    @property
    def self_closing(self) -> bool:
        """Whether the root element is written as one empty tag, `<movie/>`."""
        return self.data.endswith(self.encode("/>"), 0, self.content_start)

    def encode(self, text: str) -> bytes:
        """`text` as the file's encoding has it; what is not ASCII becomes a character reference."""
        return text.encode("ascii", "xmlcharrefreplace").decode("ascii").encode(self.codec)

    def indent_before(self, offset: int) -> bytes:
        """The line break and indentation right before `offset`, or the blanks there if no line breaks."""
        width = len(self.encode(" "))
        blanks = {self.encode(blank) for blank in " \t\r\n"}
        start = offset
        while self.data[start - width : start] in blanks:
            start -= width
        space = self.data[start:offset].decode(self.codec)
        line = _LAST_LINE_BREAK.search(space)
        return self.encode(line.group() if line else space)

    @property
    def _offset(self) -> int:
        return self._start + self._parser.CurrentByteIndex

    def _mark(self) -> None:
        if self.content_start < 0:
            self.content_start = self._offset
        if self.children and self.children[-1].end < 0:
            self.children[-1].end = self._offset

    def _on_declaration(self, _version: str, encoding: str | None, _standalone: int) -> None:
        self.declared = encoding

    def _on_start(self, name: str, attributes: dict[str, str]) -> None:
        if self._depth == 1:
            self._mark()
        if self._depth == 0:
            self.root = name
        else:
            self._open.append(self._element(name, attributes))
        self._depth += 1

    def _element(self, name: str, attributes: dict[str, str]) -> Element | None:
        if self._depth == 1:
            self.children.append(Element(name, attributes, self._offset))
            return self.children[-1]
        parent = self._open[-1]
        if parent is not None:
            parent.holds_elements = True
            if self._depth <= DEEPEST and self._nested < MOST_NESTED:
                self._nested += 1
                parent.children.append(Element(name, attributes))
                return parent.children[-1]
        return None

    def _on_end(self, _name: str) -> None:
        if self._depth == 1:
            self._mark()
        self._depth -= 1
        if self._depth:
            self._open.pop()
        else:
            self.closed = True
            self.end = self._end_of_tag()

    def _end_of_tag(self) -> int:
        offset = self._offset
        if self.data.startswith(self.encode("</"), offset):
            return self.data.index(self.encode(">"), offset) + len(self.encode(">"))
        return offset

    def _on_text(self, text: str) -> None:
        if self._depth == 1:
            self._mark()
        elif self._open and (element := self._open[-1]) is not None:
            element.pieces.append(text)

    def _on_other(self, _markup: str) -> None:
        if self._depth == 1:
            self._mark()


def _refuse_doctype(*_declaration: object) -> None:
    """Entities (and with them XML bombs and files drawn in from outside) can be declared nowhere else."""
    raise NfoError("nfo.doctype")


def _ascii_codec(data: bytes) -> str:
    """The codec that writes ASCII characters as this file does: UTF-16, else one byte each.

    Expat knows UTF-16 by its byte order mark or by the zero byte beside the first `<`; of all other encodings
    it takes only those that agree with ASCII in the characters that matter to XML.
    """
    if data.startswith(codecs.BOM_UTF16_LE) or data[1:2] == b"\0":
        return "utf-16-le"
    if data.startswith(codecs.BOM_UTF16_BE) or data[:1] == b"\0":
        return "utf-16-be"
    return "ascii"


def read_outline(data: bytes, encoding: str | None = None) -> Outline:
    """Return the outline of the first root. Raises NfoError for what is no NFO, hostile or too large."""
    if len(data) > MAX_SIZE:
        raise NfoError("nfo.too-large", size=MAX_SIZE // 1024**2)
    if not _starts_like_xml(data):
        raise NfoError("nfo.no-xml")
    outline = Outline(data, encoding=encoding)
    try:
        outline.parse()
    except expat.ExpatError as error:
        reason = expat.ErrorString(error.code)
        raise NfoError("nfo.malformed", line=error.lineno, reason=reason) from error
    except (LookupError, ValueError) as error:
        raise NfoError("nfo.encoding") from error
    return outline


def _starts_like_xml(data: bytes) -> bool:
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        data = data.removeprefix(mark)
    return data.lstrip(b" \t\r\n\0").startswith(b"<")


def insertion(outline: Outline, elements: Sequence[bytes], neighbours: Sequence[Element]) -> Splice:
    """Puts elements after the last neighbour, indented as that one is; else first in the root element.

    Raises NfoError where there is no place for any.
    """
    if outline.self_closing and not outline.children:
        raise NfoError("nfo.empty-root")
    offset, indent = outline.content_start, b""
    if neighbours:
        offset, indent = neighbours[-1].end, outline.indent_before(neighbours[-1].start)
    return Splice(offset, offset, b"".join(indent + element for element in elements))


def removal(outline: Outline, element: Element) -> Splice:
    """Takes an element out, with the blanks and the line break before it."""
    return Splice(element.start - len(outline.indent_before(element.start)), element.end)


def spliced(data: bytes, splices: Collection[Splice]) -> bytes:
    parts: list[bytes] = []
    position = 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        parts += [data[position : splice.start], splice.text]
        position = splice.end
    return b"".join([*parts, data[position:]])
