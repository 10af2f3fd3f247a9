"""MediaInfo in a cage (`core.cage`): both sides of it, and the look at what comes back.

A C library reads what strangers made. Whatever a file does to it, the file is an error with a sentence, and
nothing else suffers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, fields
from types import UnionType
from typing import Any, Literal, get_args, get_origin, get_type_hints

from core.cage import BrokenError, Cage, Limits, StalledError, UnreadyError
from core.errors import ConfigError, ProbeError, PutOffError, StorageError
from scanner.probe import mediainfo
from scanner.probe.naming import TITLE_LIMIT, clean, decoded, track_language
from scanner.probe.storage import OpenVideo
from scanner.probe.tracks import MOST_TRACKS, Facts, Fingerprint, Track

_LARGEST_NUMBER = 2**31 - 1
_SENTENCE_LIMIT = 8192
_ERRORS: dict[str, type[ProbeError | StorageError]] = {"probe": ProbeError, "storage": StorageError}

PROCESSOR = 3
"""Seconds for one file: twenty times what a film of 2.5 GiB and six tracks took at most (docs/probe.md)."""

QUICKLY = 0.25
"""Seconds of processor for a file that may wait for the others: more than honest ones take."""

CAGE = Cage(
    "scanner.probe.caged:read_inside", "scanner.probe.caged:prepare_inside", Limits(processor=PROCESSOR)
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

    `keep_alive` is called about once a second. Raises `ProbeError`, `StorageError` and `ConfigError` as
    `mediainfo.read_facts` does; `ProbeError` too where the file breaks the reader or has too many tracks, and
    without `patient` `PutOffError` at once where it breaks the reader or takes long.
    """
    parameters = {"name": video.name, "fingerprint": asdict(video.fingerprint), "note": note}
    try:
        answer = cage.call(video.descriptor, parameters, keep_alive, at_most=None if patient else QUICKLY)
    except BrokenError as error:
        raise _broken(video, str(error)) if patient else put_off(video, f"MediaInfo {error}") from error
    except StalledError as error:
        raise StorageError("probe.stalled", name=video.name, what=str(error)) from error
    except UnreadyError as error:
        if error.lasting:
            raise ConfigError(str(error)) from error
        raise StorageError("probe.unready", name=video.name, what=str(error)) from error
    return _checked(video, answer)


def put_off(video: OpenVideo, why: str) -> PutOffError:
    """What to raise for a file that waits until all others are read."""
    return PutOffError("probe.odd", name=video.name, reason=why)


def _broken(video: OpenVideo, what: str) -> ProbeError:
    return ProbeError("probe.broken", name=video.name, what=what)


def prepare_inside() -> None:
    """Load what `read_inside` needs, while files may be opened. Raises `ConfigError`."""
    mediainfo.check_engine()
    track_language("eng")
    # Python loads the encoding of Windows from a file when text first needs it.
    decoded(b"\xe9")


def read_inside(descriptor: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """What MediaInfo makes of an open file: facts, or an error. This runs in the cage."""
    video = OpenVideo(parameters["name"], descriptor, Fingerprint(**parameters["fingerprint"]))
    try:
        facts = mediainfo.read_facts(video, note=parameters["note"])
        _check_count(video, len(facts.tracks))
    except ProbeError as error:
        return {"error": "probe", **error.phrase.stored()}
    except StorageError as error:
        return {"error": "storage", **error.phrase.stored()}
    tracks = [track.to_json() for track in facts.tracks]
    return {"tracks": tracks, "partial": facts.partial, "note": facts.note}


def _check_count(video: OpenVideo, count: int) -> None:
    if count > MOST_TRACKS:
        raise ProbeError("probe.tracks", name=video.name, most=MOST_TRACKS)


def _checked(video: OpenVideo, answer: object) -> Facts:
    """The facts in an answer of the cage, which is believed no more than the file. Raises `ProbeError`."""
    nonsense = _broken(video, "answered nonsense")
    match answer:
        case {"error": str(kind), "code": str(code), "params": dict(parts)} if kind in _ERRORS and all(
            type(part) is str or _fits(part, (int,)) for part in parts.values()
        ):
            raise _ERRORS[kind](
                _storable(code),
                **{
                    _storable(name): _storable(part) if type(part) is str else part
                    for name, part in parts.items()
                },
            )
        case {"tracks": list(tracks), "partial": bool(partial), "note": str(note)} if _is_plain(note):
            _check_count(video, len(tracks))
        case _:
            raise nonsense
    counts = {"audio": 0, "text": 0}
    found = []
    for track in tracks:
        if not _is_track(track) or track["index"] != counts[track["kind"]]:
            raise nonsense
        counts[track["kind"]] += 1
        found.append(Track.from_json(track))
    return Facts(tracks=tuple(found), engine="mediainfo", partial=partial, note=note)


def _storable(text: str) -> str:
    """A text as the database can hold it; it may name a file of a long path."""
    return text[:_SENTENCE_LIMIT].replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _is_track(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == _TYPES.keys()
        and value["kind"] in _KINDS
        and all(_fits(value[name], types) for name, types in _TYPES.items())
    )


def _fits(value: object, types: tuple[type, ...]) -> bool:
    """Whether a value of JSON is of one of a field's types, and of a size that can be stored."""
    # Not `isinstance`: a bool is no number here.
    if type(value) not in types:
        return False
    if isinstance(value, str):
        return _is_plain(value)
    return not isinstance(value, int) or 0 <= value <= _LARGEST_NUMBER


def _is_plain(text: str) -> bool:
    return len(text) <= TITLE_LIMIT and clean(text) == text


def _types_of(hint: Any) -> tuple[type, ...]:
    if get_origin(hint) is Literal:
        return (str,)
    return get_args(hint) if isinstance(hint, UnionType) else (hint,)


_HINTS = get_type_hints(Track)
_TYPES = {one.name: _types_of(_HINTS[one.name]) for one in fields(Track)}
_KINDS = get_args(_HINTS["kind"])
