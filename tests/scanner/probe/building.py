"""Bytes of Matroska and MP4 files, element by element and box by box, for layouts that no muxer writes."""

import struct
from collections.abc import Sequence

from scanner.facts import Track
from scanner.probe.header import read_tracks

EBML, SEGMENT, SEEK_HEAD, INFO, TRACKS = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0x1549A966, 0x1654AE6B
CLUSTER, CUES, ATTACHMENTS, VOID, CRC = 0x1F43B675, 0x1C53BB6B, 0x1941A469, 0xEC, 0xBF
DOC_TYPE, SEEK, SEEK_ID, SEEK_POSITION = 0x4282, 0x4DBB, 0x53AB, 0x53AC
ENTRY, NUMBER, TYPE, LANGUAGE, BCP47, NAME, CODEC = 0xAE, 0xD7, 0x83, 0x22B59C, 0x22B59D, 0x536E, 0x86
AUDIO, CHANNELS, PRIVATE = 0xE1, 0x9F, 0x63A2
DEFAULT, FORCED, ENABLED = 0x88, 0x55AA, 0xB9
HEARING, VISUAL, TEXTUAL, ORIGINAL, COMMENTARY = 0x55AB, 0x55AC, 0x55AD, 0x55AE, 0x55AF
VIDEO_TRACK, AUDIO_TRACK, SUBTITLE_TRACK = 1, 2, 17


def read(data: bytes) -> tuple[Track, ...]:
    """The tracks that the header reader finds in these bytes."""
    return read_tracks(lambda offset, length: data[offset : offset + length], len(data))


class Pieces:
    """Bytes that remember how they were read."""

    def __init__(self, data: bytes, size: int | None = None) -> None:
        self.data = data
        self.size = size or len(data)
        self.reads: list[tuple[int, int]] = []

    def __call__(self, offset: int, length: int) -> bytes:
        piece = self.data[offset : offset + length]
        self.reads.append((offset, len(piece)))
        return piece

    @property
    def total(self) -> int:
        return sum(length for _, length in self.reads)


# Matroska


def size(number: int, width: int = 0) -> bytes:
    """A size in `width` bytes, or in as few as it needs."""
    width = width or next(n for n in range(1, 9) if number < (1 << 7 * n) - 1)
    return (number | 1 << 7 * width).to_bytes(width, "big")


def unknown_size(width: int = 8) -> bytes:
    return ((1 << 7 * width + 1) - 1).to_bytes(width, "big")


def head(ident: int) -> bytes:
    return ident.to_bytes((ident.bit_length() + 7) // 8, "big")


def element(ident: int, *parts: bytes, width: int = 0) -> bytes:
    body = b"".join(parts)
    return head(ident) + size(len(body), width) + body


def endless(ident: int, *parts: bytes, width: int = 8) -> bytes:
    """An element of unknown size."""
    return head(ident) + unknown_size(width) + b"".join(parts)


def value(ident: int, content: int | str | bytes, width: int = 0) -> bytes:
    """An element with a number, a text or bytes in it."""
    if isinstance(content, int):
        content = content.to_bytes(max(1, (content.bit_length() + 7) // 8), "big")
    elif isinstance(content, str):
        content = content.encode()
    return element(ident, content, width=width)


def entry(kind: int = AUDIO_TRACK, *extra: bytes, **fields: int | str | bytes) -> bytes:
    """A TrackEntry; the fields are this module's names of elements in lower case."""
    numbers = {name.lower(): ident for name, ident in globals().items() if name.isupper()}
    parts = [value(numbers[name], content) for name, content in fields.items()]
    return element(ENTRY, value(NUMBER, 1), value(TYPE, kind), *parts, *extra)


def ebml(doc_type: str = "matroska", *extra: bytes) -> bytes:
    return element(EBML, value(0x4286, 1), value(DOC_TYPE, doc_type), *extra)


def tracks(*entries: bytes, width: int = 0) -> bytes:
    return element(TRACKS, entry(VIDEO_TRACK), *entries, width=width)


def matroska(*entries: bytes) -> bytes:
    """The plainest file: a video track, these tracks, nothing else."""
    return ebml() + element(SEGMENT, element(INFO, value(0x2AD7B1, 1000000)), tracks(*entries))


def seek_head(ident: int, position: int) -> bytes:
    seek = element(SEEK, value(SEEK_ID, ident), element(SEEK_POSITION, position.to_bytes(8, "big")))
    return element(SEEK_HEAD, seek)


# MP4


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def large_box(kind: bytes, length: int, *parts: bytes) -> bytes:
    """A box with a 64-bit size of `length` bytes, of which only `parts` follow."""
    return struct.pack(">I4sQ", 1, kind, length) + b"".join(parts)


def full_box(kind: bytes, *parts: bytes, version: int = 0, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def ftyp(brand: bytes = b"isom") -> bytes:
    return box(b"ftyp", brand, bytes(4), brand)


def packed(code: str) -> int:
    first, second, third = (ord(letter) - 0x60 for letter in code)
    return first << 10 | second << 5 | third


def mdhd(language: str | int, version: int = 0) -> bytes:
    times = struct.pack(">QQIQ" if version else ">IIII", 0, 0, 1000, 1000)
    number = packed(language) if isinstance(language, str) else language
    return full_box(b"mdhd", times, struct.pack(">HH", number, 0), version=version)


def hdlr(kind: bytes, name: bytes = b"SoundHandler\0", component: bytes = bytes(4)) -> bytes:
    return full_box(b"hdlr", component, kind, bytes(12), name)


def tkhd(number: int = 1, enabled: bool = True, version: int = 0) -> bytes:
    times = struct.pack(">QQI" if version else ">III", 0, 0, number)
    return full_box(b"tkhd", times, bytes(60), version=version, flags=int(enabled))


def audio_entry(
    kind: bytes = b"mp4a", *boxes: bytes, channels: int = 2, version: int = 0, extra: bytes = b""
) -> bytes:
    head = struct.pack(">6xHHHIHHHHI", 1, version, 0, 0, channels, 16, 0, 0, 48000 << 16)
    return box(kind, head, extra, *boxes)


def stsd(*entries: bytes, version: int = 0) -> bytes:
    return full_box(b"stsd", struct.pack(">I", len(entries)), *entries, version=version)


def minf(*entries: bytes) -> bytes:
    return box(b"minf", box(b"smhd", bytes(8)), box(b"stbl", stsd(*entries), box(b"stts", bytes(8))))


def trak(
    kind: bytes = b"soun",
    language: str | int = "eng",
    *user_data: bytes,
    number: int = 1,
    enabled: bool = True,
    name: bytes = b"SoundHandler\0",
    entry: bytes | None = None,
    media: Sequence[bytes] = (),
) -> bytes:
    """A `trak` with these boxes in its user data and in its media."""
    sample = entry if entry is not None else audio_entry()
    return box(
        b"trak",
        tkhd(number, enabled),
        box(b"mdia", mdhd(language), hdlr(kind, name), *media, minf(sample)),
        *([box(b"udta", *user_data)] if user_data else []),
    )


def kind_box(scheme: str, role: str) -> bytes:
    return full_box(b"kind", scheme.encode(), b"\0", role.encode(), b"\0")


def video_trak(*extra: bytes) -> bytes:
    media = box(b"mdia", mdhd("und"), hdlr(b"vide"), minf(b""))
    return box(b"trak", tkhd(99), media, *extra)


def moov(*traks: bytes) -> bytes:
    return box(b"moov", full_box(b"mvhd", bytes(96)), *traks)


def mp4(*traks: bytes) -> bytes:
    """The plainest file: ftyp, moov with a video track and these, mdat."""
    return ftyp() + moov(video_trak(), *traks) + box(b"mdat", bytes(64))
