"""The header reader for Ogg and OGM: the first packet of each stream, which tells what it is, and the second,
which holds its comments (title, language).

Format: RFC 3533 (pages: the first page of every stream comes before all others), Vorbis I, 5 (comments), RFC
7845 (Opus), the mappings of FLAC, Speex, Theora and Kate by Xiph, and for OGM the stream headers of OggDS.
Numbers are little-endian."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from scanner.probe.naming import clean, codecs, decoded, names_a_language, string, track_language
from scanner.probe.tracks import MOST_TRACKS, Track, TrackKind
from scanner.probe.window import HeaderError, Window

SIGNATURE = b"OggS"
# What is read at most of one file after its first bytes, which told what it is.
BUDGET = 1024 * 1024
_PAGES_LIMIT = 4096
# Comments above this size hold a picture, or none that anybody wrote.
_COMMENTS_LIMIT = 64 * 1024
_HEADER = 27
_CONTINUED, _FIRST = 1, 2
_WHOLE_SEGMENT = 255
# How the first packet begins, the codec, how the second begins before its comments, and where the first tells
# the channels. In FLAC they are three bits of a byte, and the second packet is a block of metadata: its kind
# (4, comments) and three bytes of its length.
_AUDIO = (
    (b"\x01vorbis", "Vorbis", b"\x03vorbis", 11),
    (b"OpusHead", "Opus", b"OpusTags", 9),
    (b"\x7fFLAC", "FLAC", b"\x04\0\0\0", 29),
    (b"Speex   ", "Speex", b"", 48),
)
_KATE, _KATE_COMMENTS, _KATE_LANGUAGE = b"\x80kate\0\0\0", b"\x81kate\0\0\0\0", slice(32, 48)
# How the first packet of OggDS's streams begins, and where it tells the codec and the channels.
_OGM_KINDS: dict[bytes, TrackKind | None] = {b"audio": "audio", b"text": "text", b"video": None}
_OGM_CODEC, _OGM_CHANNELS, _OGM_COMMENTS = slice(9, 13), slice(45, 47), b"\x03vorbis"
_OGM_CODECS = codecs("ogm")
_VIDEO = (b"\x80theora", b"BBCD\0", b"OVP80", b"\x80daala")
# They tell of the other streams.
_NO_TRACKS = (b"fishead\0", b"CMML\0\0\0\0", b"Annodex\0")
_BRACKETS = re.compile(r"[\[(]([^\])]*)")


@dataclass(slots=True)
class _Stream:
    """One stream: what its first packet says, and what was seen of its second."""

    video: bool = False
    kind: TrackKind | None = None
    codec: str = ""
    channels: int = 0
    # How the second packet begins before its comments.
    prefix: bytes = b""
    # Kate alone tells the language in the first packet.
    language: str = ""
    packet: bytes = b""
    complete: bool = False


def read_tracks(window: Window) -> tuple[Track, ...]:
    """The audio and subtitle tracks, in file order. Raises `HeaderError` where the file is not plain."""
    window.left = BUDGET
    streams: dict[int, _Stream] = {}
    missing: set[int] = set()
    begun = False
    for flags, serial, segments, body in _pages(window):
        if flags & _FIRST:
            if begun or serial in streams:
                raise HeaderError("a stream that begins too late", body)
            streams[serial] = _stream(window.take(body, _packet_length(segments)), body)
            if streams[serial].kind:
                missing.add(serial)
            if len(streams) > MOST_TRACKS:
                raise HeaderError("too many tracks", body)
            continue
        begun = True
        if serial not in streams:
            raise HeaderError("a page of no stream", body)
        if serial in missing:
            _collect(streams[serial], window, flags, segments, body)
            if streams[serial].complete:
                missing.discard(serial)
        if not missing:
            break
    if missing:
        raise HeaderError("a stream without a second packet", window.stop)
    if not any(stream.video or stream.kind == "audio" for stream in streams.values()):
        raise HeaderError("no audio and no video track", 0)
    return tuple(_tracks(streams.values()))


def _pages(window: Window) -> Iterator[tuple[int, int, bytes, int]]:
    """Flags, serial number, lengths of the segments and begin of the body of each page."""
    offset = 0
    for _ in range(_PAGES_LIMIT):
        if offset >= window.size:
            return
        header = window.take(offset, _HEADER)
        if not header.startswith(SIGNATURE) or header[4]:
            raise HeaderError("no Ogg page", offset)
        segments = window.take(offset + _HEADER, header[26])
        body = offset + _HEADER + len(segments)
        yield header[5], int.from_bytes(header[14:18], "little"), segments, body
        offset = body + sum(segments)
    raise HeaderError("too many pages", offset)


def _packet_length(segments: bytes) -> int:
    """The length of the packet that a page begins with, or of its part in this page."""
    for number, length in enumerate(segments):
        if length < _WHOLE_SEGMENT:
            return number * _WHOLE_SEGMENT + length
    return len(segments) * _WHOLE_SEGMENT


def _collect(stream: _Stream, window: Window, flags: int, segments: bytes, body: int) -> None:
    """Add what this page has of the stream's second packet."""
    if bool(flags & _CONTINUED) != bool(stream.packet):
        raise HeaderError("a packet whose parts do not fit together", body)
    length = _packet_length(segments)
    if len(stream.packet) + length > _COMMENTS_LIMIT:
        raise HeaderError("comments that are too long", body)
    stream.packet += window.take(body, length)
    stream.complete = length < len(segments) * _WHOLE_SEGMENT


def _stream(first: bytes, offset: int) -> _Stream:
    """The stream that begins with this packet. Raises `HeaderError` where it is of a kind unknown here."""
    for start, codec, prefix, place in _AUDIO:
        if first.startswith(start) and place < len(first):
            channels = (first[place] >> 1 & 7) + 1 if codec == "FLAC" else first[place]
            return _Stream(kind="audio", codec=codec, channels=channels, prefix=prefix)
    if first.startswith(_KATE) and len(first) >= _KATE_LANGUAGE.stop:
        language = string(first[_KATE_LANGUAGE])
        return _Stream(kind="text", codec="Kate", prefix=_KATE_COMMENTS, language=language)
    if first.startswith(_VIDEO) or first.startswith(_NO_TRACKS):
        return _Stream(video=first.startswith(_VIDEO))
    name = first[1:9].rstrip(b"\0 ")
    if first[:1] != b"\x01" or name not in _OGM_KINDS or len(first) < _OGM_CHANNELS.stop:
        raise HeaderError("a stream of an unknown kind", offset)
    kind = _OGM_KINDS[name]
    stream = _Stream(video=kind is None, kind=kind, codec="SubRip", prefix=_OGM_COMMENTS)
    if kind == "audio":
        tag = string(first[_OGM_CODEC]).lower()
        stream.codec = _OGM_CODECS.get(tag) or clean(tag)
        stream.channels = min(int.from_bytes(first[_OGM_CHANNELS], "little"), 255)
    return stream


def _tracks(streams: Iterable[_Stream]) -> Iterator[Track]:
    counts: dict[TrackKind, int] = {"audio": 0, "text": 0}
    for stream in streams:
        if stream.kind:
            comments = _comments(stream)
            language, region = _language(comments.get("language", "") or stream.language)
            yield Track(
                kind=stream.kind,
                index=counts[stream.kind],
                language=language,
                region=region,
                title=clean(comments.get("title", "")),
                codec=stream.codec,
                channels=stream.channels,
            )
            counts[stream.kind] += 1


def _comments(stream: _Stream) -> dict[str, str]:
    """The comments of a stream by their names in lower case, the first of each name."""
    packet, prefix = stream.packet, stream.prefix
    if stream.codec == "FLAC":
        # The highest bit tells that it is the last block.
        packet = bytes([packet[0] & 0x7F]) + bytes(3) + packet[4:] if packet else b""
    if not packet.startswith(prefix):
        # OggDS may write none.
        return {}
    found: dict[str, str] = {}
    vendor, place = _length(packet, len(prefix))
    count, place = _length(packet, place + vendor)
    for _ in range(min(count, len(packet))):
        length, place = _length(packet, place)
        name, separator, text = packet[place : place + length].partition(b"=")
        if separator:
            found.setdefault(decoded(name).lower(), string(text))
        place += length
        if place >= len(packet):
            break
    return found


def _length(data: bytes, place: int) -> tuple[int, int]:
    """The 32-bit number at `place`, and the place after it."""
    return int.from_bytes(data[place : place + 4], "little"), place + 4


def _language(text: str) -> tuple[str | None, str | None]:
    """The language in words such as "German", "ger" and "German [ger]"."""
    for part in (text, *_BRACKETS.findall(text), _BRACKETS.split(text)[0]):
        if part.strip().lower() != "und" and names_a_language(part):
            return track_language(part)
    return track_language(text)
