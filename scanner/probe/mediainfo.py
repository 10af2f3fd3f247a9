"""The facts of a file in the words of MediaInfo (`scanner.probe.library`), for every container."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

from core.errors import ProbeError
from scanner.probe import broadcast, naming
from scanner.probe.broadcast import Voice
from scanner.probe.naming import NO_ROLE, clean, decoded, roles, track_language
from scanner.probe.storage import OpenVideo
from scanner.probe.tracks import MOST_TRACKS, Facts, Track, TrackKind

Stream = dict[str, Any]

_KINDS: dict[str, TrackKind] = {"Audio": "audio", "Text": "text"}
_CODECS, _MATROSKA_CODECS = naming.codecs("mediainfo"), naming.codecs("matroska")
_MP4 = ("MPEG-4", "QuickTime")
_TRANSPORT_STREAMS = ("MPEG-TS", "BDAV")
_SERVICES, _LANGUAGE_MORE = roles("service"), roles("language")
_DIGITS = 4
"""Of a number of channels; a hostile file has more."""


def facts_of(video: OpenVideo, streams: Sequence[Stream], *, note: str = "") -> Facts:
    """The facts of `video`, of which MediaInfo tells these `streams`, with `note` to go with them.

    MediaInfo finds no fault with garbage; that no audio and no video is in it is how garbage shows. Raises
    `ProbeError` for it and for too many tracks, `StorageError` if reading fails.
    """
    if not any(stream["@type"] in ("Audio", "Video") for stream in streams):
        # Both reasons: players are more patient than either engine, so that the file may play all the same.
        if note:
            raise ProbeError("probe.nothing-by-either", name=video.name, note=note)
        raise ProbeError("probe.nothing", name=video.name)
    container = next(filter(None, (_text(one, "Format") for one in streams if one["@type"] == "General")), "")
    voices = _voices(video, streams) if container in _TRANSPORT_STREAMS else {}
    counts: dict[TrackKind, int] = {"audio": 0, "text": 0}
    tracks = []
    for stream in streams:
        kind = _KINDS.get(stream["@type"])
        if kind:
            for voice in voices.get(_text(stream, "ID")) or (_voice(stream),):
                tracks.append(_track(stream, kind, counts[kind], container=container, voice=voice))
                counts[kind] += 1
    if len(tracks) > MOST_TRACKS:
        raise ProbeError("probe.tracks", name=video.name, most=MOST_TRACKS)
    return Facts(tracks=tuple(tracks), engine="mediainfo", note=note)


def _voices(video: OpenVideo, streams: Sequence[Stream]) -> dict[str, tuple[Voice, ...]]:
    """What the audio streams' descriptors say, by MediaInfo's ID; two voices make two tracks of a stream."""
    numbers = [_text(stream, "ID") for stream in streams if stream["@type"] == "Audio"]
    pids = {int(number) for number in numbers if number.isascii() and number.isdigit()}
    found = broadcast.read_voices(video.read, video.fingerprint.size, pids)
    return {str(pid): voices for pid, voices in found.items()}


def _voice(stream: Stream) -> Voice:
    return Voice("", _LANGUAGE_MORE.get(_text(stream, "Language_More"), NO_ROLE))


def _track(stream: Stream, kind: TrackKind, index: int, *, container: str, voice: Voice) -> Track:
    language, region = track_language(voice.code or _text(stream, "Language"))
    role = voice.role.joined(_SERVICES.get(_text(stream, "ServiceKind"), NO_ROLE))
    title = _text(stream, "Title")
    return Track(
        kind=kind,
        index=index,
        language=language,
        region=region,
        title=clean(_as_utf8(title) if container == "AVI" else title),
        default=_is_yes(stream, "Default"),
        forced=_is_yes(stream, "Forced"),
        commentary=role.commentary,
        descriptive=role.descriptive,
        codec=_codec(stream),
        channels=_channels(stream),
        hearing_impaired=role.hearing_impaired,
        # In MP4 "default" is its flag "enabled"; of other containers MediaInfo does not tell that one.
        enabled=container not in _MP4 or _is_yes(stream, "Default"),
    )


def _as_utf8(title: str) -> str:
    """A title of AVI, whose `strn` MediaInfo takes for Latin-1: nearly every program writes UTF-8."""
    try:
        return decoded(title.encode("latin-1"))
    except UnicodeEncodeError:
        return title


def _is_yes(stream: Stream, name: str) -> bool:
    return _text(stream, name) == "Yes"


def _text(stream: Stream, name: str) -> str:
    """A field's text; MediaInfo wraps what is no valid text into base64."""
    value: str | dict[str, str] = stream.get(name, "")
    if isinstance(value, str):
        return value
    try:
        return decoded(base64.b64decode(value["#value"]))
    except ValueError:
        return ""


def _codec(stream: Stream) -> str:
    name, profile = _text(stream, "Format"), _text(stream, "Format_Profile")
    # Of short files MediaInfo may know the family of a codec only, and the container more.
    known = _CODECS.get(f"{name} {profile}") or _MATROSKA_CODECS.get(_text(stream, "CodecID"))
    return known or _CODECS.get(name) or clean(name)


def _channels(stream: Stream) -> int:
    """The channel count; 0 where MediaInfo gives none or words ("Object Based"). "8 / 6" is main and core."""
    first = _text(stream, "Channels").split("/")[0].strip()
    return int(first) if first.isascii() and first.isdigit() and len(first) <= _DIGITS else 0
