"""What the first bytes of a file say of it, before any library looks: which kind of picture, and how large.

No Django, and nothing is decoded. A head may lie: what is true, the decoder in the cage finds out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from core.errors import ConfigError
from core.words import Phrase

LARGEST = 40 * 2**20
MOST_SIDE = 12_000
MOST_PIXELS = 60_000_000
HEAD = 256 * 1024
"""Bytes of a file in which its size must stand: EXIF, thumbnails and profiles of a JPEG come before it."""

OTHER = "bin"
MEDIA_TYPES = {
    "jpg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "avif": "image/avif",
    OTHER: "application/octet-stream",
}
"""What we keep, by the end of its name, and what we call it to browsers."""

_PNG = b"\x89PNG\r\n\x1a\n"


class PictureError(ConfigError):
    """Bytes that are no picture we keep; the text is one sentence that says why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What the first bytes say: a key of `MEDIA_TYPES`, pixels, and whether the picture moves."""

    kind: str
    width: int
    height: int
    animated: bool = False


def kind_of(data: bytes) -> str:
    """The kind of file by its signature alone, `OTHER` for what is no picture of ours."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(_PNG):
        return "png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "webp"
    if data[4:8] == b"ftyp" and _brands(data) & {b"avif", b"avis"}:
        return "avif"
    return OTHER


def read_head(data: bytes) -> Head:
    """What the first `HEAD` bytes of a picture say. Raises PictureError for all that is none."""
    kind = kind_of(data)
    if kind == OTHER:
        raise PictureError(_what_it_is(data))
    try:
        head = _READERS[kind](data)
    except (struct.error, IndexError):
        head = None
    if head is None or not (head.width and head.height):
        raise PictureError("picture.no-size")
    return head


def checked_head(data: bytes) -> Head:
    """The head of a picture that may be decoded. Raises PictureError where it is too large, or moves."""
    head = read_head(data)
    if max(head.width, head.height) > MOST_SIDE or head.width * head.height > MOST_PIXELS:
        raise PictureError(
            "picture.too-large",
            width=head.width,
            height=head.height,
            side=MOST_SIDE,
            pixels=MOST_PIXELS // 10**6,
        )
    if head.animated:
        raise PictureError("picture.moves")
    return head


def _what_it_is(data: bytes) -> Phrase:
    start = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start:
        return Phrase("upload.empty")
    if b"<svg" in start:
        return Phrase("picture.svg")
    if start.startswith((b"<!doctype", b"<html", b"<?xml", b"<")):
        return Phrase("picture.text")
    return Phrase("picture.kind")


def _jpeg(data: bytes) -> Head | None:
    # ITU-T T.81, B.2: segments until a frame header, which C0 to CF are but for C4, C8 and CC.
    at = 2
    while True:
        while data[at] == 0xFF and data[at + 1] == 0xFF:  # fill bytes, B.1.1.2
            at += 1
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Head("jpg", width, height)
        if marker in (0xD8, 0x01) or 0xD0 <= marker <= 0xD7:
            at += 2
        elif marker in (0xD9, 0xDA):
            return None
        else:
            at += 2 + max(2, struct.unpack_from(">H", data, at + 2)[0])


def _png(data: bytes) -> Head | None:
    # PNG, third edition: IHDR is the first chunk; acTL, before the first IDAT, makes it an animation.
    if data[12:16] != b"IHDR":
        return None
    width, height = struct.unpack_from(">II", data, 16)
    at = 8
    animated = False
    while at + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, at)
        if name in (b"IDAT", b"IEND"):
            break
        animated = animated or name == b"acTL"
        at += 12 + length
    return Head("png", width, height, animated)


def _gif(data: bytes) -> Head | None:
    # GIF89a, 18: the logical screen. Whether it moves, only its whole length tells: the cage does.
    width, height = struct.unpack_from("<HH", data, 6)
    return Head("gif", width, height)


def _webp(data: bytes) -> Head | None:
    # RFC 9649, 2.5 to 2.7, and RFC 6386, 9.1, for the frame of a lossy one.
    chunk = data[12:16]
    if chunk == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Head("webp", width, height, animated=bool(data[20] & 0x02)) if len(data) >= 30 else None
    if chunk == b"VP8L" and data[20] == 0x2F:
        bits = struct.unpack_from("<I", data, 21)[0]
        return Head("webp", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    if chunk == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return Head("webp", width & 0x3FFF, height & 0x3FFF)
    return None


def _avif(data: bytes) -> Head | None:
    # ISO/IEC 14496-12, 8.11 and ISO/IEC 23008-12, 6.5.3: meta > iprp > ipco > ispe. A grid has one for its
    # tiles and one for the whole: the largest counts.
    inside = [(0, 0, len(data))]
    for wanted in (b"meta", b"iprp", b"ipco", b"ispe"):
        # Four bytes of version and flags stand before the boxes in `meta`, and before the size in `ispe`.
        inside = [
            (4 * (wanted in (b"meta", b"ispe")), start, end)
            for skip, first, last in inside
            for name, start, end in _boxes(data, first + skip, last)
            if name == wanted
        ]
    sizes = (struct.unpack_from(">II", data, at + skip) for skip, at, _ in inside)
    width, height = max(sizes, key=lambda size: size[0] * size[1], default=(0, 0))
    return Head("avif", width, height, animated=b"avis" in _brands(data))


def _boxes(data: bytes, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """The boxes between two places: name, where the content begins, and where it ends (14496-12, 4.2)."""
    while at + 8 <= end:
        size, name = struct.unpack_from(">I4s", data, at)
        start = at + 8
        if size == 1:
            size = struct.unpack_from(">Q", data, start)[0]
            start += 8
        elif size == 0:
            size = end - at
        if size < start - at:
            return
        yield name, start, min(at + size, end)
        at += size


def _brands(data: bytes) -> set[bytes]:
    end = min(int.from_bytes(data[:4]), 256, len(data))
    return {data[8:12]} | {data[at : at + 4] for at in range(16, end - 3, 4)}


_READERS = {"jpg": _jpeg, "png": _png, "gif": _gif, "webp": _webp, "avif": _avif}
