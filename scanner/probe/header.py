"""The engine that reads nothing but headers: Matroska and WebM, MP4, M4V and QuickTime, Ogg and OGM."""

from __future__ import annotations

from collections.abc import Callable

from scanner.probe import matroska, mp4, ogg
from scanner.probe.storage import OpenVideo
from scanner.probe.tracks import Facts, Track
from scanner.probe.window import OtherFormatError, Window

# What is read at once: one page, which holds the headers of most files.
PIECE = 4 * 1024


def read_facts(video: OpenVideo) -> Facts:
    """The facts in the headers of `video`, by what it holds, whatever its name ends in.

    Raises `OtherFormatError` where it is of another kind, `HeaderError` where it is not plain, and
    `StorageError` if reading fails.
    """
    return Facts(tracks=read_tracks(video.read, video.fingerprint.size), engine="header")


def read_tracks(read: Callable[[int, int], bytes], size: int) -> tuple[Track, ...]:
    """The audio and subtitle tracks of the `size` bytes that `read(offset, length)` gives, fewer at the end.

    Raises `HeaderError`.
    """
    window = Window(read, size, piece=PIECE, left=PIECE)
    first = window.peek(0, PIECE)
    if first.startswith(matroska.SIGNATURE):
        return matroska.read_tracks(window)
    if first[4:8] in mp4.FIRST_BOXES:
        return mp4.read_tracks(window)
    if first.startswith(ogg.SIGNATURE):
        return ogg.read_tracks(window)
    raise OtherFormatError("no Matroska, WebM, MP4, QuickTime or Ogg", 0)
