"""The engine for every container: the MediaInfo library, fed with bytes that we read ourselves.

Feeding it costs nothing and gains much: names that the C locale cannot spell work, a failing disk is told
apart from a bad file, the library can open no other file that a hostile one names, and there is a limit to
what it reads. One handle a process is made at first use and used again, because making one costs more than
reading a small file does."""

from __future__ import annotations

import base64
import ctypes
import json
import os
import threading
from typing import Any

from pymediainfo import MediaInfo

from library.errors import ConfigError, ProbeError
from scanner.facts import Facts, Track, TrackKind
from scanner.probe.codecs import MEDIAINFO_CODECS
from scanner.probe.naming import clean, track_language
from scanner.probe.storage import OpenVideo

# Reading starts small after every jump and doubles up to this, because most of what is asked for is small.
_CHUNK = 4 * 1024
_CHUNK_LIMIT = 64 * 1024
# What one file may cost at most: 128 MiB. With ParseSpeed 0 a 40 GB Blu-ray stream needs a few; only files
# that MediaInfo finds no sense in come near it.
_CHUNKS = 2048
_FINISHED = 0x08
_NO_SEEK = ctypes.c_uint64(-1).value
_KINDS: dict[str, TrackKind] = {"Audio": "audio", "Text": "text"}


class _Handle:
    """One MediaInfo handle, set up once."""

    def __init__(self) -> None:
        try:
            self.library, self.handle, self.version, _ = MediaInfo._get_library()
        except (OSError, RuntimeError) as error:
            raise ConfigError(
                f"The MediaInfo library cannot be loaded ({error}): install the pymediainfo wheel "
                "for this system, or its package libmediainfo."
            ) from error
        self.process = os.getpid()
        for option, value in (
            ("CharSet", "UTF-8"),
            ("Inform", "JSON"),
            ("Complete", ""),
            ("Cover_Data", ""),
            ("ParseSpeed", "0"),
        ):
            self.library.MediaInfo_Option(self.handle, option, value)

    def document(self, video: OpenVideo) -> str:
        """MediaInfo's JSON text about `video`."""
        size = video.fingerprint.size
        self.library.MediaInfo_Open_Buffer_Init(self.handle, size, 0)
        try:
            self._feed(video, size)
            self.library.MediaInfo_Open_Buffer_Finalize(self.handle)
            return str(self.library.MediaInfo_Inform(self.handle, 0))
        finally:
            self.library.MediaInfo_Close(self.handle)

    def _feed(self, video: OpenVideo, size: int) -> None:
        offset = 0
        # A file that arrives whole in one piece is never searched for what MediaInfo wants to go back to.
        length = min(_CHUNK, size // 2 + 1)
        for _ in range(_CHUNKS):
            chunk = video.read(offset, length)
            if not chunk:
                return
            status = self.library.MediaInfo_Open_Buffer_Continue(self.handle, chunk, len(chunk))
            wanted = self.library.MediaInfo_Open_Buffer_Continue_GoTo_Get(self.handle)
            # A wish to read elsewhere comes before "finished": with a small file both are said at once.
            if wanted != _NO_SEEK:
                offset, length = wanted, _CHUNK
                self.library.MediaInfo_Open_Buffer_Init(self.handle, _NO_SEEK, offset)
            elif status & _FINISHED:
                return
            else:
                offset, length = offset + len(chunk), min(2 * length, _CHUNK_LIMIT)


_lock = threading.Lock()
_current: _Handle | None = None


def _handle() -> _Handle:
    """This process's handle. One that a parent made before a fork is left alone: it is the parent's."""
    global _current  # noqa: PLW0603 -- one handle a process is the point
    if _current is None or _current.process != os.getpid():
        _current = _Handle()
    return _current


def check_engine() -> str:
    """The version of the MediaInfo library. Raises `ConfigError` where there is none."""
    with _lock:
        return _handle().version


def read_facts(video: OpenVideo, *, note: str = "") -> Facts:
    """The facts of `video` as MediaInfo sees it, with `note` to go with them.

    MediaInfo finds no fault with garbage; that no audio and no video is in it is how garbage shows. Raises
    `ProbeError` for it, `StorageError` if reading fails and `ConfigError` if there is no library.
    """
    if not video.fingerprint.size:
        raise ProbeError(f"{video.name} is empty (0 bytes): copy it again or delete it.")
    with _lock:
        text = _handle().document(video)
    streams = _streams(text)
    if not any(stream["@type"] in ("Audio", "Video") for stream in streams):
        raise ProbeError(
            f"{video.name} holds no audio and no video: it is damaged, incomplete or no video file."
        )
    counts: dict[TrackKind, int] = {"audio": 0, "text": 0}
    tracks = []
    for stream in streams:
        kind = _KINDS.get(stream["@type"])
        if kind:
            tracks.append(_track(stream, kind, counts[kind]))
            counts[kind] += 1
    return Facts(tracks=tuple(tracks), engine="mediainfo", note=note)


def _streams(text: str) -> list[dict[str, Any]]:
    media = json.loads(text, strict=False).get("media") or {}
    return list(media.get("track", ()))


def _track(stream: dict[str, Any], kind: TrackKind, index: int) -> Track:
    language, region = track_language(_text(stream, "Language"))
    # The service kind is the AC-3 bitstream's own word: "C" is a commentary, "VI" a description for the
    # visually impaired. "CM", which nearly every track has, is "complete main".
    service = _text(stream, "ServiceKind")
    return Track(
        kind=kind,
        index=index,
        language=language,
        region=region,
        title=clean(_text(stream, "Title")),
        default=_text(stream, "Default") == "Yes",
        forced=_text(stream, "Forced") == "Yes",
        commentary=service == "C",
        descriptive=service == "VI",
        codec=_codec(stream),
        channels=_channels(stream),
    )


def _text(stream: dict[str, Any], name: str) -> str:
    """A field's text; MediaInfo wraps what is no valid text into base64."""
    value = stream.get(name, "")
    if isinstance(value, dict):
        return base64.b64decode(value.get("#value", "")).decode("utf-8", "replace")
    return str(value)


def _codec(stream: dict[str, Any]) -> str:
    name = _text(stream, "Format")
    profile = _text(stream, "Format_Profile")
    return MEDIAINFO_CODECS.get((name, profile)) or MEDIAINFO_CODECS.get((name, "")) or clean(name)


def _channels(stream: dict[str, Any]) -> int:
    """The channel count; 0 where MediaInfo gives none or words ("Object Based"). "8 / 6" is main and core."""
    first = _text(stream, "Channels").split("/")[0].strip()
    return int(first) if first.isascii() and first.isdigit() else 0
