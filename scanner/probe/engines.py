"""The one function that reads the facts of a file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from library.errors import ProbeError
from scanner.facts import Facts, ProbedFile
from scanner.probe import header, mediainfo
from scanner.probe.storage import OpenVideo, open_video
from scanner.probe.window import CutOffError, HeaderError

EngineName = Literal["header", "mediainfo"]


def probe(path: str | Path, *, engine: EngineName | None = None) -> ProbedFile:
    """Read the tracks of the video file at `path`.

    `engine` forces one engine, for tests and benchmarks. Raises `ProbeError` where the file is none that
    any engine understands (trying again will not help), `StorageError` where it cannot be reached now or is
    still being copied, and `ConfigError` where the MediaInfo library is missing. A video without audio is
    no error: its facts have no audio track."""
    with open_video(path) as video:
        try:
            facts = _read(video, engine)
        except ProbeError:
            video.check_settled(patient=True)
            raise
        video.check_settled(patient=False)
        return ProbedFile(fingerprint=video.fingerprint, facts=facts)


def _read(video: OpenVideo, engine: EngineName | None) -> Facts:
    """The header reader first; MediaInfo where it is not sure, with the reason in the note."""
    if engine == "mediainfo":
        return mediainfo.read_facts(video)
    try:
        return header.read_facts(video)
    except CutOffError as error:
        raise ProbeError(f"{video.name} is cut off ({error}): copy it again or delete it.") from error
    except HeaderError as error:
        if engine == "header":
            raise
        return mediainfo.read_facts(video, note=str(error))
