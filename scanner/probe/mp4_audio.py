"""Sample entries of MP4 and QuickTime: which codec, how many channels, and what the codec's own box says of
them.

The channel count of the entry itself is a template ("2") in most files, so it counts only where the codec's
configuration does not tell. What is malformed here leaves those details open; it never casts doubt on the
track."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from scanner.probe.naming import FORCED, NO_ROLE, Role, clean, codecs, roles
from scanner.probe.tracks import TrackKind

_ENTRY = 8  # in the body of `stsd`, after version, flags and the number of entries
_AUDIO_CHILDREN = {0: 36, 1: 52, 2: 72}  # where an entry's boxes begin, by QuickTime's version of it
_CODECS, _OBJECT_TYPES, _DOLBY_SERVICES = codecs("mp4"), codecs("object"), roles("dolby")
# Entries that are encrypted: by Common Encryption, and by iTunes.
_ENCRYPTED = frozenset({b"enca", b"enct", b"encs", b"drms"})
_ALL_FORCED = 0x80000000
_ES_TAG, _CONFIG_TAG, _SPECIFIC_TAG = 3, 4, 5
_AAC_CHANNELS = (0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0)
_PS = 29
_EXPLICIT_RATE = 15
_DOLBY_CHANNELS = (2, 1, 2, 3, 3, 4, 4, 5)
# What each bit of `chan_loc` adds (ETSI TS 102 366, table F.6.1), from the lowest.
_DOLBY_EXTRA_CHANNELS = (2, 2, 1, 1, 2, 2, 2, 1, 1)


class SampleEntry(NamedTuple):
    codec: str = ""
    channels: int = 0
    role: Role = NO_ROLE


NO_ENTRY = SampleEntry()


@lru_cache(maxsize=512)
def read_sample_entry(data: bytes, kind: TrackKind) -> SampleEntry:
    """The first entry in the body of an `stsd` box of an audio or subtitle track.

    A library holds few different ones, so the last are remembered.
    """
    if len(data) < _ENTRY + 8:
        return NO_ENTRY
    size, kind_of_entry = struct.unpack_from(">I4s", data, _ENTRY)
    stop = min(_ENTRY + size, len(data))
    if kind_of_entry in _ENCRYPTED:
        kind_of_entry = _original_format(data[_ENTRY + 8 : stop]) or kind_of_entry
    name = kind_of_entry.decode("latin-1")
    codec = _CODECS.get(name) or clean(name)
    if kind == "audio":
        return _audio_entry(data, stop, codec)
    if kind_of_entry == b"tx3g" and stop >= _ENTRY + 20:
        (flags,) = struct.unpack_from(">I", data, _ENTRY + 16)
        return SampleEntry(codec, 0, FORCED if flags & _ALL_FORCED else NO_ROLE)
    return SampleEntry(codec)


def _original_format(entry: bytes) -> bytes:
    """What an entry was before it was encrypted (ISO/IEC 14496-12, 8.12): `frma` is the first box of `sinf`.

    It is searched for: where an entry's boxes begin depends on what it was.
    """
    place = entry.find(b"sinf") + 8
    return entry[place + 4 : place + 8] if entry[place : place + 4] == b"frma" else b""


def _audio_entry(data: bytes, stop: int, codec: str) -> SampleEntry:
    if stop < _ENTRY + 36:
        return SampleEntry(codec)
    (version,) = struct.unpack_from(">H", data, _ENTRY + 16)
    (channels,) = struct.unpack_from(">H", data, _ENTRY + 24)
    if data[0]:
        # A version of `stsd` itself: ISO's entry of version 1, which adds boxes only.
        version = 0
    elif version == 2 and stop >= _ENTRY + 52:
        (channels,) = struct.unpack_from(">I", data, _ENTRY + 48)
    entry = SampleEntry("AAC" if codec == "mp4a" else codec, min(channels, 255))
    for box, body, end in _boxes(data, _ENTRY + _AUDIO_CHILDREN.get(version, 36), stop):
        entry = _with_configuration(entry, box, data[body:end])
    return entry


def _boxes(data: bytes, start: int, stop: int) -> Iterator[tuple[bytes, int, int]]:
    """Type, begin and end of the body of each box, those inside `wave` too, as long as they make sense."""
    while start + 8 <= stop:
        size, box = struct.unpack_from(">I4s", data, start)
        if size < 8 or start + size > stop:
            return
        if box == b"wave":
            start += 8
            continue
        yield box, start + 8, start + size
        start += size


def _with_configuration(entry: SampleEntry, box: bytes, data: bytes) -> SampleEntry:
    """`entry` corrected by a codec's own box."""
    if box == b"esds":
        return _elementary_stream(entry, data[4:])
    if box == b"dac3" and len(data) >= 3:
        bits = int.from_bytes(data[:3])
        return _dolby(entry, mode=bits >> 14, layout=bits >> 10, extra=0)
    if box == b"dec3" and len(data) >= 5:
        bits = int.from_bytes(data[2:6].ljust(4, b"\0"))
        dependent = bits >> 9 & 15
        return _dolby(entry, mode=bits >> 20, layout=bits >> 16, extra=bits & 0x1FF if dependent else 0)
    if box == b"dOps" and len(data) >= 2:
        return entry._replace(channels=data[1])
    return entry


def _dolby(entry: SampleEntry, *, mode: int, layout: int, extra: int) -> SampleEntry:
    """`mode`, and `layout` (acmod and lfeon), stand in the lowest bits; `extra` is chan_loc."""
    channels = _DOLBY_CHANNELS[layout >> 1 & 7] + (layout & 1)
    channels += sum(count for bit, count in enumerate(_DOLBY_EXTRA_CHANNELS) if extra >> bit & 1)
    return SampleEntry(entry.codec, channels, _DOLBY_SERVICES.get(mode & 7, NO_ROLE))


def _elementary_stream(entry: SampleEntry, data: bytes) -> SampleEntry:
    """`entry` by the ES descriptor in an `esds` box (ISO/IEC 14496-1, 7.2.6)."""
    stream = _descriptor(data, _ES_TAG)
    if len(stream) < 3:
        return entry
    flags = stream[2]
    start = 3 + (2 if flags & 0x80 else 0)
    if flags & 0x40 and start < len(stream):
        start += 1 + stream[start]
    configuration = _descriptor(stream[start + (2 if flags & 0x20 else 0) :], _CONFIG_TAG)
    if not configuration:
        return entry
    codec = _OBJECT_TYPES.get(configuration[0], entry.codec)
    if codec != "AAC":
        # Only the frames say, and "2" of the entry is no more than the template.
        return entry._replace(codec=codec, channels=0)
    channels = _aac_channels(_descriptor(configuration[13:], _SPECIFIC_TAG))
    return entry._replace(codec=codec, channels=channels or entry.channels)


def _descriptor(data: bytes, tag: int) -> bytes:
    """The body of the descriptor that `data` begins with; empty if it is one of another tag.

    A length comes in pieces of 7 bits.
    """
    if not data or data[0] != tag:
        return b""
    length = 0
    for place in range(1, min(5, len(data))):
        length = length << 7 | data[place] & 0x7F
        if data[place] < 0x80:
            return data[place + 1 : place + 1 + length]
    return b""


def _aac_channels(configuration: bytes) -> int:
    """The channel count of an AudioSpecificConfig (ISO/IEC 14496-3, 1.6.2.1), 0 where it does not say."""
    bits = int.from_bytes(configuration[:8].ljust(8, b"\0"))
    object_type, at = bits >> 59, 59
    if object_type == 31:
        object_type, at = 32 + (bits >> 53 & 63), 53
    at -= 4
    if bits >> at & 15 == _EXPLICIT_RATE:
        at -= 24
    channels = _AAC_CHANNELS[bits >> at - 4 & 15]
    # Parametric stereo makes two channels of one.
    return 2 if object_type == _PS and channels == 1 else channels
