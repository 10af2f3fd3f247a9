"""MediaInfo in a cage (`core.cage`): it is asked there, and what comes back is looked at here.

A C library reads what strangers made. Whatever a file does to it, the file is an error with a sentence, and
nothing else suffers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from core.cage.keeper import BrokenError, Cage, Limits, StalledError, UnreadyError
from core.errors import ConfigError, ProbeError, PutOffError, StorageError
from scanner.probe import mediainfo
from scanner.probe.library import LONGEST, MOST_STREAMS
from scanner.probe.storage import OpenVideo, explain
from scanner.probe.tracks import Facts

_LARGEST_ERRNO = 4095

PROCESSOR = 3
"""Seconds for one file: twenty times what a film of 2.5 GiB and six tracks took at most (docs/probe.md)."""

CAGE = Cage(
    "scanner.probe.library:read_inside", "scanner.probe.library:check_engine", Limits(processor=PROCESSOR)
)


def read_facts(
    video: OpenVideo,
    *,
    note: str = "",
    keep_alive: Callable[[], None] = lambda: None,
    patient: bool = True,
    cage: Cage = CAGE,
) -> Facts:
    """The facts of `video` as MediaInfo sees it, read in the cage of this process.

    `keep_alive` is called about once a second. Raises `ProbeError` where it is empty, holds no audio and no
    video, has too many tracks or breaks the reader, `StorageError` if reading fails, `ConfigError` if there
    is no library, and without `patient` `PutOffError` at once where it breaks the reader or takes long.
    """
    if not video.fingerprint.size:
        raise ProbeError("probe.empty", name=video.name)
    parameters = {"size": video.fingerprint.size}
    try:
        answer = cage.call(video.descriptor, parameters, keep_alive, patient=patient)
    except BrokenError as error:
        raise _broken(video, str(error)) if patient else put_off(video, f"MediaInfo {error}") from error
    except StalledError as error:
        raise StorageError("probe.stalled", name=video.name, what=str(error)) from error
    except UnreadyError as error:
        if error.lasting:
            raise ConfigError("mediainfo.not-loaded", error=str(error)) from error
        raise StorageError("probe.unready", name=video.name, what=str(error)) from error
    return mediainfo.facts_of(video, _streams(video, answer), note=note)


def put_off(video: OpenVideo, why: str) -> PutOffError:
    """What to raise for a file that waits until all others are read."""
    return PutOffError("probe.odd", name=video.name, reason=why)


def _broken(video: OpenVideo, what: str) -> ProbeError:
    return ProbeError("probe.broken", name=video.name, what=what)


def _streams(video: OpenVideo, answer: object) -> list[dict[str, Any]]:
    """The streams in an answer of the cage, which is believed no more than the file."""
    match answer:
        case {"errno": int(number)} if 0 <= number <= _LARGEST_ERRNO:
            raise explain(video.name, OSError(number, os.strerror(number)))
        case {"streams": list(streams)} if len(streams) <= MOST_STREAMS and all(map(_is_stream, streams)):
            return streams
    raise _broken(video, "answered nonsense")


def _is_stream(stream: object) -> bool:
    return (
        isinstance(stream, dict)
        and isinstance(stream.get("@type"), str)
        and all(map(_is_text, stream.values()))
    )


def _is_text(value: object) -> bool:
    """Whether it is a text of a length that MediaInfo may tell, or one in base64."""
    match value:
        case str(text) | {"#value": str(text)}:
            return len(text) <= LONGEST
    return False
