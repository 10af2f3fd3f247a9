"""What decodes pictures: Pillow, inside the cage of `storage.pictures`. No Django.

Bytes that it makes travel as Base64 in the answer: the process may write nothing.
"""

from __future__ import annotations

import base64
import io
import os
from contextlib import suppress
from typing import Any

from PIL import (
    AvifImagePlugin,
    GifImagePlugin,  # noqa: F401
    Image,
    ImageCms,
    ImageFile,
    ImageOps,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,
    WebPImagePlugin,  # noqa: F401
)

from storage.heads import MOST_PIXELS
from storage.phash import SIDE, phash

_FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "avif": "AVIF"}
_DRAFT = 128
"""Pixels of a side, at least, of a JPEG that is decoded small: four for each of the perceptual hash."""

_ORIENTATION = 0x0112
_GREY = (128, 128, 128)
_QUALITY = 92
_THUMBNAIL_QUALITY = 82


def prepare_inside() -> None:
    """Load what decodes, while files may be opened."""
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    # Text in a PNG is packed: what unpacks to more than this is a bomb.
    PngImagePlugin.MAX_TEXT_MEMORY = 4 << 20
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    # Everything once: what is loaded at its first use cannot be loaded later.
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    turned = Image.Exif()
    turned[_ORIENTATION] = 6
    for name in _FORMATS.values():
        made = io.BytesIO()
        Image.new("RGB", (64, 48)).save(made, name, exif=turned, icc_profile=profile)
        for work in _WORK.values():
            with Image.open(made, formats=[name]) as picture:
                work(picture, {"draft": True, "width": 8})


def work_inside(descriptor: int, asked: dict[str, Any]) -> dict[str, Any]:
    """Do what is asked of the open picture: `look`, `upright` or `thumbnail`."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    # With a buffer of its own it asks no terminal, which no caged process may.
    with open(descriptor, "rb", buffering=1 << 16, closefd=False) as file:
        try:
            with Image.open(file, formats=[_FORMATS[asked["kind"]]]) as picture:
                if getattr(picture, "n_frames", 1) > 1:
                    return {"refused": "moves"}
                if picture.width * picture.height > MOST_PIXELS:
                    return {"refused": "pixels"}
                return _WORK[asked["do"]](picture, asked)
        except Image.DecompressionBombError:
            return {"refused": "pixels"}
        except (OSError, SyntaxError, ValueError, EOFError, TypeError, KeyError, IndexError):
            # What Pillow raises for broken files: https://pillow.readthedocs.io/en/stable/handbook/
            return {"refused": "broken"}


def _look(picture: Image.Image, asked: dict[str, Any]) -> dict[str, Any]:
    width, height = picture.size
    alpha = picture.has_transparency_data
    if asked["draft"]:
        picture.draft("L", (_DRAFT, _DRAFT))
    picture.load()
    grey = _flat(picture).convert("L") if alpha else picture.convert("L")
    small = grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return {"width": width, "height": height, "alpha": alpha, "phash": phash(small.tobytes())}


def _flat(picture: Image.Image) -> Image.Image:
    """The picture on a middle grey, on which black and white logos can both be seen."""
    ground = Image.new("RGB", picture.size, _GREY)
    clear = picture.convert("RGBA")
    ground.paste(clear, mask=clear.getchannel("A"))
    return ground


def _upright(picture: Image.Image, asked: dict[str, Any]) -> dict[str, Any]:
    """The pixels and nothing else: turned as the camera was held, in sRGB, without any metadata."""
    longest = int(asked.get("longest") or max(picture.size))
    profile = picture.info.get("icc_profile")
    alpha = picture.has_transparency_data
    picture.load()
    ImageOps.exif_transpose(picture, in_place=True)
    plain = picture.convert("RGBA" if alpha else "RGB")
    if profile and picture.mode in ("RGB", "RGBA"):
        with suppress(ImageCms.PyCMSError, OSError):  # a profile that is broken counts as none
            ImageCms.profileToProfile(
                plain,
                ImageCms.ImageCmsProfile(io.BytesIO(profile)),
                ImageCms.createProfile("sRGB"),
                inPlace=True,
            )
    plain.thumbnail((longest, longest), Image.Resampling.LANCZOS, reducing_gap=2.0)
    plain.info = {}
    if alpha:
        return _made(plain, "png", optimize=False)
    return _made(plain, "jpg", quality=_QUALITY, subsampling=0)


def _thumbnail(picture: Image.Image, asked: dict[str, Any]) -> dict[str, Any]:
    width = int(asked["width"])
    height = max(1, round(picture.height * width / picture.width))
    picture.draft("RGB", (width, height))
    picture.load()
    plain = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    plain.thumbnail((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    plain.info = {}
    return _made(plain, "webp", quality=_THUMBNAIL_QUALITY, method=2)


def _made(picture: Image.Image, kind: str, **options: Any) -> dict[str, Any]:
    file = io.BytesIO()
    picture.save(file, _FORMATS[kind], **options)
    return {
        "kind": kind,
        "width": picture.width,
        "height": picture.height,
        "data": base64.b64encode(file.getbuffer()).decode("ascii"),
    }


_WORK = {"look": _look, "upright": _upright, "thumbnail": _thumbnail}
