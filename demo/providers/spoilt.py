"""Pictures that are none, or not what they were: each way in which a picture host may go wrong."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable

from PIL import Image

from demo.stand_in.faults import HTML_PAGE

HOW = ("gone", "redirect", "html", "svg", "bomb", "cut", "polyglot", "swapped", "type", "large", "empty")


def spoilt(how: str, picture: bytes, kind: str) -> tuple[bytes, str]:
    """What comes in the place of a picture, and what it is called."""
    made: dict[str, Callable[[], tuple[bytes, str]]] = {
        "html": lambda: (HTML_PAGE, "text/html"),
        "svg": lambda: (_SVG, "image/svg+xml"),
        "bomb": lambda: (_bomb(), "image/png"),
        "cut": lambda: (picture[: len(picture) // 2], kind),
        "polyglot": lambda: (b"<!DOCTYPE html><script>alert(1)</script><!--" + picture + b"-->", kind),
        "swapped": lambda: (_red(), "image/jpeg"),
        "type": lambda: (picture, "application/octet-stream"),
        "large": lambda: (picture + bytes(41 * 2**20), kind),
        "empty": lambda: (b"", kind),
    }
    return made[how]() if how in made else (picture, kind)


_SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def _red() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (400, 600), (200, 30, 30)).save(file, "JPEG")
    return file.getvalue()


def _bomb() -> bytes:
    """A PNG of 8,000 by 8,000 pixels in 8 KB."""
    file = io.BytesIO()
    Image.new("1", (8, 8)).save(file, "PNG")
    head = file.getvalue()
    size = (8000).to_bytes(4) * 2
    chunk = b"IHDR" + size + head[24:29]
    rows = zlib.compress(bytes(1001 * 8000))
    data = b"IDAT" + rows

    def whole(part: bytes) -> bytes:
        return (len(part) - 4).to_bytes(4) + part + zlib.crc32(part).to_bytes(4)

    return head[:8] + whole(chunk) + whole(data) + whole(b"IEND")
