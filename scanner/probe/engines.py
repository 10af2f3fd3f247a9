"""The one function that reads the facts of a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from core.errors import ProbeError, StorageError
from scanner.probe import caged, header
from scanner.probe.naming import unreadable_format
from scanner.probe.storage import OpenVideo, open_video
from scanner.probe.tracks import Facts, ProbedFile
from scanner.probe.window import CutOffError, HeaderError, OtherFormatError

EngineName = Literal["header", "mediainfo"]


def probe(
    path: str | Path,
    *,
    engine: EngineName | None = None,
    keep_alive: Callable[[], None] = lambda: None,
    patient: bool = True,
) -> ProbedFile:
    """Read the tracks of the video file at `path`.

    `engine` forces one engine, for tests and benchmarks. `keep_alive` is called about once a second while
    MediaInfo reads; what it raises ends the reading. Without `patient` a file of a format that the header
    reader knows, and of which it is not sure, is put off (`StorageError`): honest ones are rare, and those
    that were made to do harm cost seconds each. Raises `ProbeError` where the file is none that
    any engine understands (trying again will not help), `StorageError` where it cannot be reached now or is
    still being copied, and `ConfigError` where the MediaInfo library is missing. A video without audio is
    no error: its facts have no audio track."""
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
        return header.read_facts(video)
    except CutOffError as error:
        raise ProbeError("probe.cut-off", name=video.name, reason=str(error)) from error
    except HeaderError as error:
        if engine == "header":
            raise
        if name := unreadable_format(video.read):
            raise ProbeError("probe.format", name=video.name, format=name) from error
        note = "" if isinstance(error, OtherFormatError) else str(error)
        if note and not patient:
            raise StorageError("probe.odd", name=video.name, reason=note) from error
        return caged.read_facts(video, note=note, keep_alive=keep_alive)
