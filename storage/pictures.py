"""Pictures as strangers made them: measured by their heads, decoded in the cage, never in this process."""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from typing import IO, Any

from core.cage.keeper import BrokenError, Cage, Limits, StalledError, UnreadyError
from core.errors import StorageError
from storage.heads import HEAD, LARGEST, Head, PictureError, checked_head, kind_of

WIDTHS = (200, 500)
"""The widths of thumbnails: one for lists, one for a page."""

# Decoded, 60 million pixels take 240 MB; a progressive JPEG holds its coefficients beside them.
CAGE = Cage(
    "storage.caged:work_inside",
    "storage.caged:prepare_inside",
    Limits(memory=1 << 30, processor=20, answer=LARGEST * 4 // 3 + 4096, kept=120 << 20),
)


@dataclass(frozen=True, slots=True)
class Look:
    """What a picture is: `kind` as in `storage.heads.MEDIA_TYPES`, pixels, and its perceptual hash."""

    kind: str
    width: int
    height: int
    alpha: bool
    phash: int


@dataclass(frozen=True, slots=True)
class Made:
    kind: str
    width: int
    height: int
    data: bytes


def look(file: IO[bytes], *, draft: bool = True) -> Look:
    """What the open picture is, after all of it was decoded. Raises PictureError and StorageError.

    With `draft` a JPEG is decoded small, in a tenth of the time.
    """
    head = head_of(file)
    match _ask(file, head, {"do": "look", "draft": draft}):
        case {"width": int(width), "height": int(height), "alpha": bool(alpha), "phash": int(phash)} if (
            width,
            height,
        ) == (head.width, head.height) and 0 <= phash < 1 << 64:
            return Look(head.kind, width, height, alpha, phash)
    raise _refused("broken")


def upright(file: IO[bytes], longest: int | None = None) -> Made:
    """The picture made anew, as somebody who looks at it sees it, and nothing that stood beside its pixels.

    With `longest` its longer side has at most so many pixels. JPEG, or PNG where it is transparent. Raises
    PictureError and StorageError.
    """
    return _made(file, {"do": "upright", "longest": longest}, {"jpg", "png"})


def thumbnail(file: IO[bytes], width: int) -> Made:
    """The picture as WebP, `width` pixels wide or as wide as it is. Raises PictureError and StorageError."""
    return _made(file, {"do": "thumbnail", "width": width}, {"webp"})


def head_of(file: IO[bytes]) -> Head:
    """What the head of an open file says, of a size that may be decoded. Raises PictureError."""
    return checked_head(os.pread(file.fileno(), HEAD, 0))


def _made(file: IO[bytes], asked: dict[str, Any], kinds: set[str]) -> Made:
    match _ask(file, head_of(file), asked):
        case {"kind": str(kind), "width": int(width), "height": int(height), "data": str(text)} if (
            kind in kinds and width > 0 and height > 0
        ):
            data = base64.b64decode(text)
            if len(data) <= LARGEST and kind_of(data) == kind:
                return Made(kind, width, height, data)
    raise _refused("broken")


def _ask(file: IO[bytes], head: Head, asked: dict[str, Any]) -> Any:
    try:
        answer = CAGE.call(file.fileno(), {**asked, "kind": head.kind})
    except BrokenError as error:
        raise PictureError("picture.unreadable", what=str(error)) from error
    except StalledError as error:
        raise StorageError("picture.stalled", what=str(error)) from error
    except UnreadyError as error:
        raise StorageError("picture.unready", what=str(error)) from error
    if isinstance(answer, dict) and "refused" in answer:
        raise _refused(answer["refused"])
    return answer


def _refused(why: object) -> PictureError:
    if why == "moves":
        return PictureError("picture.moves")
    if why == "pixels":
        return PictureError("picture.bomb")
    return PictureError("picture.damaged")
