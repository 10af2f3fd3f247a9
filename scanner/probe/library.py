"""The MediaInfo library, fed with bytes that we read ourselves: it runs in the cage of `scanner.probe.caged`.

Feeding it costs nothing and gains much: names that the C locale cannot spell work, a failing disk is told
apart from a bad file, the library can open no other file that a hostile one names, and there is a limit to
what it reads. What its words mean is found out elsewhere (`scanner.probe.mediainfo`): so a process that reads
starts without any table of ours.

The library is loaded once a process. Every file gets a handle of its own (6 µs): one used again remembers
enough of the file before to take a good MXF file for garbage (version 24.12)."""

from __future__ import annotations

import codecs
import ctypes
import json
import sys
import threading
from collections.abc import Callable
from functools import cache, partial
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

from scanner.probe.storage import read_at
from scanner.probe.tracks import MOST_TRACKS

# What one file may cost at most: 64 MiB. With ParseSpeed 0 most need a few; MediaInfo gives up on what it
# finds no sense in after 16 or 32.
_CHUNK = 64 * 1024
_CHUNKS_LIMIT = 1024
_FINISHED = 0x08
_NOWHERE = _SAME_SIZE = ctypes.c_uint64(-1).value
# What it writes are wide characters, of 32 bits each. In the cage no codec can be loaded any more.
_characters = codecs.getdecoder(f"utf-32-{sys.byteorder[0]}e")
_NAME = "libmediainfo.so.0"
_HANDLE, _SIZE, _TEXT = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_wchar_p
_SIGNATURES: dict[str, tuple[Any, ...]] = {
    "New": (_HANDLE,),
    "Option": (_TEXT, _HANDLE, _TEXT, _TEXT),
    "Open_Buffer_Init": (_SIZE, _HANDLE, ctypes.c_uint64, ctypes.c_uint64),
    "Open_Buffer_Continue": (_SIZE, _HANDLE, ctypes.c_char_p, _SIZE),
    "Open_Buffer_Continue_GoTo_Get": (ctypes.c_uint64, _HANDLE),
    "Open_Buffer_Finalize": (_SIZE, _HANDLE),
    # Not text: of a damaged file it may tell numbers that are no character.
    "Inform": (ctypes.c_void_p, _HANDLE, _SIZE),
    "Close": (None, _HANDLE),
    "Delete": (None, _HANDLE),
}
"""What each call returns, and what it takes."""

_OPTIONS = (
    ("CharSet", "UTF-8"),
    ("Inform", "JSON"),
    ("Complete", ""),
    ("Cover_Data", ""),
    ("ParseSpeed", "0"),
)

_KINDS = ("General", "Video", "Audio", "Text")
TOLD = (
    "@type",
    "ID",
    "Format",
    "Format_Profile",
    "CodecID",
    "Language",
    "Language_More",
    "ServiceKind",
    "Title",
    "Channels",
    "Default",
    "Forced",
)
"""What is told of a stream, where MediaInfo says it."""

MOST_STREAMS = 4 * MOST_TRACKS
LONGEST = 2672
"""Characters of a field that are told: more than of the longest title is kept. In base64 they are whole."""


class _Library:
    """The loaded MediaInfo library. It keeps nothing between files, so a forked process may use it too."""

    def __init__(self) -> None:
        # Not by importing `pymediainfo`, whose wheel it is in: that takes as long as all the rest.
        wheel = find_spec("pymediainfo")
        folders = wheel.submodule_search_locations or () if wheel else ()
        found = (path for folder in folders if (path := Path(folder, _NAME)).exists())
        self._calls = ctypes.CDLL(str(next(found, _NAME)))
        for name, (result, *takes) in _SIGNATURES.items():
            call = getattr(self._calls, f"MediaInfo_{name}")
            call.restype, call.argtypes = result, takes
        self._length = ctypes.CDLL(None).wcslen
        self._length.argtypes, self._length.restype = (ctypes.c_void_p,), ctypes.c_size_t
        # The first handle reads what the library keeps.
        handle = self._calls.MediaInfo_New()
        self.version = str(self._calls.MediaInfo_Option(handle, "Info_Version", "")).rpartition(" v")[2]
        self._calls.MediaInfo_Delete(handle)

    def document(self, read: Callable[[int, int], bytes], size: int) -> str:
        """MediaInfo's JSON text about the `size` bytes that `read(offset, length)` gives."""
        handle = self._calls.MediaInfo_New()
        try:
            for option, value in _OPTIONS:
                self._calls.MediaInfo_Option(handle, option, value)
            self._feed(handle, read, size)
            self._calls.MediaInfo_Open_Buffer_Finalize(handle)
            text = self._calls.MediaInfo_Inform(handle, 0)
            if not text:
                return "{}"
            size = self._length(text) * ctypes.sizeof(ctypes.c_wchar)
            return _characters(ctypes.string_at(text, size), "replace")[0]
        finally:
            self._calls.MediaInfo_Close(handle)
            self._calls.MediaInfo_Delete(handle)

    def _feed(self, handle: int, read: Callable[[int, int], bytes], size: int) -> None:
        self._calls.MediaInfo_Open_Buffer_Init(handle, size, 0)
        # Of a file that arrives whole in one piece MediaInfo says less: it cannot go back in it.
        offset, length = 0, min(_CHUNK, size // 2 + 1)
        for _ in range(_CHUNKS_LIMIT):
            chunk = read(offset, length)
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
    """The version of the MediaInfo library. Raises OSError where there is none."""
    with _lock:
        return _library().version


def read_inside(descriptor: int, parameters: dict[str, Any]) -> dict[str, Any]:
    """What MediaInfo says of the streams of an open file of `size` bytes, or why its disk gave no more."""
    size = parameters["size"]
    try:
        with _lock:
            text = _library().document(partial(read_at, descriptor, size), size)
    except OSError as error:
        return {"errno": error.errno}
    media = json.loads(text, strict=False).get("media") or {}
    streams = (stream for stream in media.get("track", ()) if stream["@type"] in _KINDS)
    return {
        "streams": [
            {name: _cut(stream[name]) for name in TOLD if name in stream}
            for stream in islice(streams, MOST_STREAMS)
        ]
    }


def _cut(value: Any) -> Any:
    """A text, or one in base64 as MediaInfo wraps what is no valid text."""
    return {"#value": _cut(value.get("#value", ""))} if isinstance(value, dict) else str(value)[:LONGEST]
