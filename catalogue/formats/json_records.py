"""JSON read a record at a time: the values of one list, or of one object, as long as a file is. No Django."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from catalogue.entries import clean
from catalogue.values import Fault, Wrong

LONGEST_RECORD = 4_000_000
"""Characters of a record, of which one at most is in memory."""

_PART = 65_536
_SPACE = re.compile(r"[\s,\ufeff]*")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"\s*:\s*')


def is_json(file: BinaryIO) -> bool:
    file.seek(0)
    head = file.read(64).lstrip(codecs.BOM_UTF8 + b" \t\r\n")
    return head.startswith((b"{", b"["))


def records(file: BinaryIO) -> Iterator[tuple[int, dict[str, Any]] | Fault]:
    """The objects in the outermost list or object, numbered; what is damaged ends with a fault."""
    source, number = _Text(file), 0
    if not source.skip("[{"):
        return
    while not source.skip("]}"):
        try:
            found = source.value()
        except (ValueError, RecursionError) as error:
            wrong = Wrong.TOO_LARGE if source.is_full else Wrong.BROKEN
            yield Fault(None, wrong, str(error)[:80])
            return
        number += 1
        yield (number, found) if isinstance(found, dict) else Fault(number, Wrong.BROKEN, str(found)[:80])


class _Text:
    """The text of a file, of which as much is in memory as one record needs."""

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0)
        self.file, self.text = file, ""
        self.decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self.json = json.JSONDecoder()
        self.is_over = self.is_full = False

    def skip(self, letters: str) -> bool:
        """Go past one of these letters, if one comes next; whether it did."""
        while True:
            self.text = self.text[_SPACE.match(self.text).end() :]  # type: ignore[union-attr]
            if self.text or not self.more():
                break
        if self.text[:1] and self.text[0] in letters:
            self.text = self.text[1:]
            return True
        return False

    def value(self) -> Any:
        """The next value, without its key. Raises ValueError where it is none, or larger than is allowed."""
        while True:
            try:
                key = _KEY.match(self.text)
                found, end = self.json.raw_decode(self.text, key.end() if key else 0)
                # A number may go on in the next part.
                if end < len(self.text) or self.is_over:
                    self.text = self.text[end:]
                    return _cleaned(found)
            except ValueError:
                if self.is_over:
                    raise
            if len(self.text) > LONGEST_RECORD:
                self.is_full = True
                raise ValueError("a record without end")
            self.more()

    def more(self) -> bool:
        """Read on: twice as much as there is, so that a long record is not tried too often."""
        part = self.file.read(max(_PART, len(self.text)))
        self.is_over = not part
        self.text += self.decoder.decode(part, self.is_over)
        return not self.is_over


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(one) for key, one in value.items()}
    return [_cleaned(one) for one in value] if isinstance(value, list) else value
