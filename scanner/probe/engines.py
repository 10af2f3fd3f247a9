"""Reading the facts of a file: from its headers alone (Matroska and WebM, MP4, M4V and QuickTime, Ogg and
OGM), else by MediaInfo, in its cage."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from core.errors import ProbeError
from scanner.probe import caged, matroska, mp4, ogg
from scanner.probe.storage import OpenVideo, open_video
from scanner.probe.tracks import Facts, ProbedFile, Track
from scanner.probe.window import CutOffError, HeaderError, OtherFormatError, Window

EngineName = Literal["header", "mediainfo"]

# What is read at once: one page, which holds the headers of most files.
PIECE = 4 * 1024

# What never reaches MediaInfo, by where its signature stands. Its readers of Flash were not made for files
# that want to do harm, and Flash names no language of a track. The last four it takes for damaged (images of
# discs: ECMA-119, 8.1, and ECMA-167, 2/9.2).
UNREADABLE_FORMATS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"FLV", "a Flash video (FLV)"),
    (0, b"FWS", "a Flash animation (SWF)"),
    (0, b"CWS", "a Flash animation (SWF)"),
    (0, b"ZWS", "a Flash animation (SWF)"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"%PDF-", "a PDF document"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"\x89PNG\r\n", "a picture"),
    (0, b"\xff\xd8\xff", "a picture"),
    (0, b"GIF8", "a picture"),
    (0, b"nut/multimedia container\0", "a NUT file"),
    (0, bytes.fromhex("b7d800203749da11a64e0007e95ead8d"), "a WTV recording of Windows Media Center"),
    (0x8001, b"CD001", "the image of a disc (ISO 9660)"),
    (0x8001, b"BEA01", "the image of a disc (UDF)"),
)


def probe(
    path: str | Path,
    *,
    engine: EngineName | None = None,
    keep_alive: Callable[[], None] = lambda: None,
    patient: bool = True,
) -> ProbedFile:
    """Read the tracks of the video file at `path`.

    `engine` forces one engine, for tests and benchmarks. `keep_alive` is called about once a second while
    MediaInfo reads; what it raises ends the reading. Without `patient` a file is put off (`PutOffError`)
    that MediaInfo breaks at or takes long for, or of a format that the header reader knows and of which it is
    not sure: honest ones are rare, and those that were made to do harm cost seconds each. Raises `ProbeError`
    where the file is none that any engine understands (trying again will not help), `StorageError` where it
    cannot be reached now or is still being copied, and `ConfigError` where the MediaInfo library is missing.
    A video without audio is no error: its facts have no audio track."""
    with open_video(path) as video:
        try:
            facts = _read(video, engine, keep_alive, patient=patient)
        except ProbeError:
            video.check_settled(patient=True)
            raise
        video.check_settled(patient=False)
        return ProbedFile(fingerprint=video.fingerprint, facts=facts)


def _read(
    video: OpenVideo, engine: EngineName | None, keep_alive: Callable[[], None], *, patient: bool
) -> Facts:
    """The header reader first; MediaInfo, in its cage, where it is not sure, with the reason in the note."""
    if engine == "mediainfo":
        return caged.read_facts(video, keep_alive=keep_alive)
    try:
        return read_header(video)
    except CutOffError as error:
        raise ProbeError("probe.cut-off", name=video.name, reason=str(error)) from error
    except HeaderError as error:
        if engine == "header":
            raise
        if name := _unreadable_format(video.read):
            raise ProbeError("probe.format", name=video.name, format=name) from error
        note = "" if isinstance(error, OtherFormatError) else str(error)
        if note and not patient:
            raise caged.put_off(video, note) from error
        return caged.read_facts(video, note=note, keep_alive=keep_alive, patient=patient)


def read_header(video: OpenVideo) -> Facts:
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


def _unreadable_format(read: Callable[[int, int], bytes]) -> str:
    """What the file that `read(offset, length)` gives is, with its article, if nobody reads it; else ""."""
    start = read(0, 64)
    for place, mark, name in UNREADABLE_FORMATS:
        if start.startswith(mark) if not place else read(place, len(mark)) == mark:
            return name
    return ""
