"""Bytes of Matroska, MP4, transport streams and Ogg, piece by piece, for layouts that no muxer writes."""

import struct
from collections.abc import Sequence

from scanner.probe.engines import read_tracks
from scanner.probe.tracks import Track

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


# Transport streams


def checksum(data: bytes) -> bytes:
    """The CRC 32 of MPEG, as a long division."""
    number = int.from_bytes(data) << 32 ^ 0xFFFFFFFF << 8 * len(data)
    for place in range(8 * len(data) + 31, 31, -1):
        if number >> place & 1:
            number ^= 0x104C11DB7 << place - 32
    return number.to_bytes(4)


def section(table: int, extension: int, body: bytes, *, in_force: bool = True) -> bytes:
    length = struct.pack(">H", 0xB000 | 5 + len(body) + 4)
    data = bytes([table]) + length + struct.pack(">HBBB", extension, 0xC0 | in_force, 0, 0) + body
    return data + checksum(data)


def pat(programmes: dict[int, int]) -> bytes:
    """The table of programmes, each with the PID of its PMT."""
    return section(0, 1, b"".join(struct.pack(">HH", *item) for item in programmes.items()))


def pmt(streams: dict[int, bytes], *, programme: int = 1, in_force: bool = True) -> bytes:
    """The table of one programme: the descriptors of its streams by PID; all are MPEG audio."""
    body = struct.pack(">HH", 0xE100, 0xF000)
    for pid, descriptors in streams.items():
        body += struct.pack(">BHH", 3, 0xE000 | pid, 0xF000 | len(descriptors)) + descriptors
    return section(2, programme, body, in_force=in_force)


def packets(pid: int, *sections: bytes) -> bytes:
    """The packets that carry these sections, one behind the other."""
    data = b"\0" + b"".join(sections)
    pieces = [data[place : place + 184] for place in range(0, len(data), 184)]
    return b"".join(
        struct.pack(">BHB", 0x47, (0x4000 if not number else 0) | pid, 0x10 | number & 15)
        + piece.ljust(184, b"\xff")
        for number, piece in enumerate(pieces)
    )


def iso639(*languages: tuple[str, int]) -> bytes:
    """The descriptor of languages and audio types."""
    body = b"".join(code.encode() + bytes([audio_type]) for code, audio_type in languages)
    return bytes([0x0A, len(body)]) + body


def supplementary(classification: int, language: str = "") -> bytes:
    """The supplementary audio descriptor."""
    body = bytes([6, 0x80 | classification << 2 | bool(language)]) + language.encode()
    return bytes([0x7F, len(body)]) + body


# Ogg


def page(serial: int, packet: bytes, *, first: bool = False, begun: bool = False, ends: bool = True) -> bytes:
    """A page with one packet, or with a part of one that has `begun` before or does not end here."""
    lengths = [255] * (len(packet) // 255) + ([len(packet) % 255] if ends else [])
    flags = begun | first << 1
    header = struct.pack("<4sBBqIIIB", b"OggS", 0, flags, 0, serial, 0, 0, len(lengths))
    return header + bytes(lengths) + packet


def comments(*lines: str | bytes) -> bytes:
    """What stands in a second packet behind its first bytes."""
    encoded = [line.encode() if isinstance(line, str) else line for line in lines]
    counted = b"".join(struct.pack("<I", len(line)) + line for line in encoded)
    return struct.pack("<I", 4) + b"test" + struct.pack("<I", len(lines)) + counted


def vorbis(channels: int = 2) -> bytes:
    return b"\x01vorbis" + struct.pack("<IBIIIIBB", 0, channels, 48000, 0, 0, 0, 0xB8, 1)


def ogm(kind: bytes, codec: bytes = b"", channels: int = 0) -> bytes:
    """The first packet of one of OggDS's streams."""
    head = struct.pack("<8s4sIQQIIHH", kind, codec, 52, 0, 0, 0, 0, 0, 0)
    return b"\x01" + head + struct.pack("<HHI", channels, 0, 0)


THEORA = b"\x80theora" + bytes(35)


def ogg(*streams: tuple[bytes, bytes], video: bytes = THEORA) -> bytes:
    """A file of a video stream and these, each of its first and its second packet; the serials fall."""
    numbered = list(enumerate([(video, b""), *streams]))
    firsts = [page(900 - number, first, first=True) for number, (first, _) in numbered]
    seconds = [page(900 - number, second) for number, (_, second) in numbered[1:]]
    return b"".join(firsts + seconds) + page(900, bytes(50)) + page(899, bytes(50))
