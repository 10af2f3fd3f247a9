"""Reading a file in small pieces, never more than was allowed, and saying where the sense ended."""

from __future__ import annotations

from collections.abc import Callable

from core.errors import ProbeError


class HeaderError(ProbeError):
    """A header reader is not sure what it reads: malformed, cut off, or a layout it does not know.

    Its text is a few words, not a sentence: it becomes the note of the facts that another engine found.
    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} at byte {offset}")
        self.reason = reason
        self.offset = offset


class OtherFormatError(HeaderError):
    """A format that no header reader knows: nothing is wrong with the file, and no note is due."""


class CutOffError(HeaderError):
    """The file ends before its tracks were told.

    Other engines would tell some of them, and nobody could know which.
    """


class Window:
    """The bytes of a file through one buffer, which reaches from `start` to `stop` of the file.

    `read(offset, length)` gives the file's bytes, fewer at its end; `size` is the file's. `piece` is the
    least that is read at once and `left` the most that may still be read, in bytes; a reader sets both to
    what its format needs."""

    __slots__ = ("_read", "buffer", "left", "piece", "size", "start", "stop")

    def __init__(self, read: Callable[[int, int], bytes], size: int, *, piece: int, left: int) -> None:
        self._read = read
        self.buffer = b""
        self.start = 0
        self.stop = 0
        self.size = size
        self.piece = piece
        self.left = left

    def peek(self, offset: int, length: int) -> bytes:
        """The `length` bytes at `offset`, fewer where the file ends. Raises `HeaderError` past the budget."""
        if offset < self.start or offset + length > self.stop:
            self._fill(offset, length)
        begin = offset - self.start
        return self.buffer[begin : begin + length]

    def take(self, offset: int, length: int) -> bytes:
        """The `length` bytes at `offset`, all of them. Raises `CutOffError` where the file is too short."""
        data = self.peek(offset, length)
        if len(data) < length:
            raise CutOffError("the file ends too early", offset + len(data))
        return data

    def _fill(self, offset: int, length: int) -> None:
        self.start = self.stop = offset
        if offset >= self.size:
            # Such an offset may be beyond what any file can have.
            self.buffer = b""
            return
        wanted = max(length, min(self.piece, self.left))
        if wanted > self.left:
            raise HeaderError("too much would have to be read", offset)
        self.buffer = self._read(offset, wanted)
        self.stop = offset + len(self.buffer)
        self.left -= len(self.buffer)
