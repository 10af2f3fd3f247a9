"""Lists of Sonarr and Radarr, read record by record while they come in.

A list of 50,000 movies has half a gigabyte, and as JSON objects several times that. Each record is parsed,
read into our own type and forgotten before the next; the bounds below are far above what the applications
answer, and say how much of anything else is ever in memory.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from core.outbound import shapes

T = TypeVar("T")

MOST_RECORDS = 100_000
LARGEST_RECORD = 16 * 2**20
"""Characters of one record, or of an answer that is no list."""

MOST_VALUES = 250_000
"""Of one record: what is between commas or opens an object or a list. Each costs up to a hundred bytes."""

_PIECE = 256 * 1024
"""Characters that are parsed without being counted first."""

_SPACE = re.compile(r"[ \t\n\r]*")
_decode = json.JSONDecoder().raw_decode


def read_whole(pieces: Iterator[bytes], most: int = MOST_VALUES) -> Any:
    """The JSON of an answer that is no list of records.

    Raises ValueError where it is none, WireError where it holds more than `most` values.
    """
    return _parse(b"".join(pieces).decode("utf-8-sig", "surrogatepass"), most)


def _parse(text: str, most: int = MOST_VALUES) -> Any:
    _check_values(text, most)
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_records(pieces: Iterator[bytes], read: Callable[[dict[str, Any]], T], what: str) -> list[T]:
    """The records of a list of `what`, each read by `read`, from the `pieces` of its JSON.

    Raises ValueError where that is no whole JSON, WireError where it is no list of objects, where it holds
    more than any list of the applications, or where one record cannot be read.
    """
    text = _Text(pieces)
    if text.next() != "[":
        return shapes.read_list(_parse(text.rest()), read, what)
    text.at += 1
    found: list[T] = []
    if text.next() == "]":
        text.at += 1
    else:
        while True:
            if len(found) == MOST_RECORDS:
                raise shapes.WireError(f"it lists more than {MOST_RECORDS} {what}")
            found.append(read(shapes.as_object(text.value(), what)))
            mark = text.next()
            text.at += 1
            if mark == "]":
                break
            if mark != ",":
                raise ValueError("no comma between two records")
            text.next()
    if text.next():
        raise ValueError("something stands behind the list")
    return found


class _Text:
    """The text of an answer, of which no more is held than the record that is read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogatepass")
        self._held = ""
        self.at = 0

    def next(self) -> str:
        """The next character that is no space, to which `at` goes; empty at the end."""
        while True:
            space = _SPACE.match(self._held, self.at)
            self.at = space.end() if space else self.at
            if self.at < len(self._held) or not self._more():
                return self._held[self.at : self.at + 1]

    def value(self) -> Any:
        """The value that begins at `at`, which goes behind it. Raises ValueError, WireError."""
        while True:
            try:
                value, self.at = _decode(self._held, self.at)
            except (ValueError, RecursionError):
                # It may be whole with more of the text; what is twice as long is not parsed much oftener.
                if not self._more():
                    raise ValueError("it is cut short or damaged") from None
            else:
                return value

    def rest(self) -> str:
        """All that is left, where that is no more than one record may have. Raises WireError."""
        while self._more():
            pass
        return self._held[self.at :]

    def _more(self) -> bool:
        """Take in at least as much as is left; return whether there was any. Raises WireError."""
        left = self._held[self.at :]
        wanted = max(_PIECE, len(left))
        if len(left) > LARGEST_RECORD:
            raise shapes.WireError(f"one record has more than {LARGEST_RECORD // 2**20} MiB")
        parts = [left]
        for piece in self._pieces:
            part = self._decoder.decode(piece)
            parts.append(part)
            wanted -= len(part)
            if wanted <= 0:
                break
        else:
            parts.append(self._decoder.decode(b"", final=True))
        self._held, self.at = "".join(parts), 0
        if len(self._held) > 2 * _PIECE:
            _check_values(self._held)
        return len(self._held) > len(left)


def _check_values(text: str, most: int = MOST_VALUES) -> None:
    if text.count(",") + text.count("{") + text.count("[") > most:
        raise shapes.WireError(f"one record holds more than {most} values")
