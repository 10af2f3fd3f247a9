"""The engine for every container: the MediaInfo library, fed with bytes that we read ourselves.

Feeding it costs nothing and gains much: names that the C locale cannot spell work, a failing disk is told
apart from a bad file, the library can open no other file that a hostile one names, and there is a limit to
what it reads.

The library is loaded once a process. Every file gets a handle of its own (6 µs): one used again remembers
enough of the file before to take a good MXF file for garbage (version 24.12)."""

from __future__ import annotations

import base64
import codecs
import ctypes
import json
import sys
import threading
from functools import cache
from typing import Any

from pymediainfo import MediaInfo

from core.errors import ConfigError, ProbeError
from scanner.probe import broadcast, naming
from scanner.probe.broadcast import Voice
from scanner.probe.naming import NO_ROLE, clean, decoded, roles, track_language
from scanner.probe.storage import OpenVideo
from scanner.probe.tracks import Facts, Track, TrackKind

# What one file may cost at most: 64 MiB. With ParseSpeed 0 most need a few; MediaInfo gives up on what it
# finds no sense in after 16 or 32.
_CHUNK = 64 * 1024
_CHUNKS_LIMIT = 1024
_FINISHED = 0x08
_NOWHERE = _SAME_SIZE = ctypes.c_uint64(-1).value
_KINDS: dict[str, TrackKind] = {"Audio": "audio", "Text": "text"}
_CODECS, _MATROSKA_CODECS = naming.codecs("mediainfo"), naming.codecs("matroska")
_MP4 = ("MPEG-4", "QuickTime")
_TRANSPORT_STREAMS = ("MPEG-TS", "BDAV")
_SERVICES, _LANGUAGE_MORE = roles("service"), roles("language")
# What it writes are wide characters, of 32 bits each. In the cage no codec can be loaded any more.
_characters = codecs.getdecoder(f"utf-32-{sys.byteorder[0]}e")
_OPTIONS = (
    ("CharSet", "UTF-8"),
    ("Inform", "JSON"),
    ("Complete", ""),
    ("Cover_Data", ""),
    ("ParseSpeed", "0"),
)


class _Library:
    """The loaded MediaInfo library. It keeps nothing between files, so a forked process may use it too."""

    def __init__(self) -> None:
        try:
            self._calls, handle, self.version, _ = MediaInfo._get_library()
        except (OSError, RuntimeError) as error:
            raise ConfigError("mediainfo.not-loaded", error=str(error)) from error
        self._calls.MediaInfo_Delete(handle)
        # Not `c_wchar_p`: of a damaged file it may tell numbers that are no character.
        self._calls.MediaInfo_Inform.restype = ctypes.c_void_p
        self._length = ctypes.CDLL(None).wcslen
        self._length.argtypes, self._length.restype = (ctypes.c_void_p,), ctypes.c_size_t

    def document(self, video: OpenVideo) -> str:
        """MediaInfo's JSON text about `video`."""
        handle = self._calls.MediaInfo_New()
        try:
            for option, value in _OPTIONS:
                self._calls.MediaInfo_Option(handle, option, value)
            self._feed(handle, video)
            self._calls.MediaInfo_Open_Buffer_Finalize(handle)
            text = self._calls.MediaInfo_Inform(handle, 0)
            if not text:
                return "{}"
            size = self._length(text) * ctypes.sizeof(ctypes.c_wchar)
            return _characters(ctypes.string_at(text, size), "replace")[0]
        finally:
            self._calls.MediaInfo_Close(handle)
            self._calls.MediaInfo_Delete(handle)

    def _feed(self, handle: int, video: OpenVideo) -> None:
        size = video.fingerprint.size
        self._calls.MediaInfo_Open_Buffer_Init(handle, size, 0)
        # Of a file that arrives whole in one piece MediaInfo says less: it cannot go back in it.
        offset, length = 0, min(_CHUNK, size // 2 + 1)
        for _ in range(_CHUNKS_LIMIT):
            chunk = video.read(offset, length)
            if not chunk:
                return
            status = self._calls.MediaInfo_Open_Buffer_Continue(handle, chunk, len(chunk))
            wanted = self._calls.MediaInfo_Open_Buffer_Continue_GoTo_Get(handle)
            # A wish to read elsewhere comes before "finished": of a small file both are said at once.
            if wanted < size:
                offset, length = wanted, _CHUNK
                self._calls.MediaInfo_Open_Buffer_Init(handle, _SAME_SIZE, offset)
            elif status & _FINISHED or wanted != _NOWHERE:
                return
            else:
                offset, length = offset + len(chunk), _CHUNK


# Some options are the same for all handles, and nobody promises that all parsers may run side by side.
_lock = threading.Lock()


@cache
def _library() -> _Library:
    return _Library()


def check_engine() -> str:
    """The version of the MediaInfo library. Raises `ConfigError` where there is none."""
    with _lock:
        return _library().version


def read_facts(video: OpenVideo, *, note: str = "") -> Facts:
    """The facts of `video` as MediaInfo sees it, with `note` to go with them.

    MediaInfo finds no fault with garbage; that no audio and no video is in it is how garbage shows. Raises
    `ProbeError` for it, `StorageError` if reading fails and `ConfigError` if there is no library.
    """
    if not video.fingerprint.size:
        raise ProbeError("probe.empty", name=video.name)
    with _lock:
        text = _library().document(video)
    streams = _streams(text)
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
    return Facts(tracks=tuple(tracks), engine="mediainfo", note=note)


def _voices(video: OpenVideo, streams: list[dict[str, Any]]) -> dict[str, tuple[Voice, ...]]:
    """What the audio streams' descriptors say, by MediaInfo's ID; two voices make two tracks of a stream."""
    numbers = [_text(stream, "ID") for stream in streams if stream["@type"] == "Audio"]
    pids = {int(number) for number in numbers if number.isascii() and number.isdigit()}
    found = broadcast.read_voices(video.read, video.fingerprint.size, pids)
    return {str(pid): voices for pid, voices in found.items()}


def _streams(text: str) -> list[dict[str, Any]]:
    media = json.loads(text, strict=False).get("media") or {}
    return list(media.get("track", ()))


def _voice(stream: dict[str, Any]) -> Voice:
    return Voice("", _LANGUAGE_MORE.get(_text(stream, "Language_More"), NO_ROLE))


def _track(stream: dict[str, Any], kind: TrackKind, index: int, *, container: str, voice: Voice) -> Track:
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


def _is_yes(stream: dict[str, Any], name: str) -> bool:
    return _text(stream, name) == "Yes"


def _text(stream: dict[str, Any], name: str) -> str:
    """A field's text; MediaInfo wraps what is no valid text into base64."""
    value = stream.get(name, "")
    if isinstance(value, dict):
        return decoded(base64.b64decode(value.get("#value", "")))
    return str(value)


def _codec(stream: dict[str, Any]) -> str:
    name, profile = _text(stream, "Format"), _text(stream, "Format_Profile")
    # Of short files MediaInfo may know the family of a codec only, and the container more.
    known = _CODECS.get(f"{name} {profile}") or _MATROSKA_CODECS.get(_text(stream, "CodecID"))
    return known or _CODECS.get(name) or clean(name)


def _channels(stream: dict[str, Any]) -> int:
    """The channel count; 0 where MediaInfo gives none or words ("Object Based"). "8 / 6" is main and core."""
    first = _text(stream, "Channels").split("/")[0].strip()
    return int(first) if first.isascii() and first.isdigit() else 0
