"""Pictures for tests."""

from __future__ import annotations

import io
import random
import tempfile
from typing import IO, Any

from PIL import Image, ImageDraw


def drawn(seed: int = 1, size: tuple[int, int] = (300, 450), mode: str = "RGB") -> Image.Image:
    """Something like a poster: shapes and stripes, the same for the same seed."""
    dice = random.Random(seed)
    picture = Image.new(mode, size, _colour(dice, mode))
    draw = ImageDraw.Draw(picture)
    for _ in range(12):
        x, y = dice.randrange(size[0]), dice.randrange(size[1])
        box = (x, y, x + dice.randint(1, size[0]), y + dice.randint(1, size[1]))
        dice.choice((draw.rectangle, draw.ellipse))(box, fill=_colour(dice, mode))
    return picture


def encoded(picture: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    """The bytes of a picture."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def poster(seed: int = 1, size: tuple[int, int] = (300, 450), kind: str = "JPEG") -> bytes:
    """The bytes of something like a poster."""
    return encoded(drawn(seed, size), kind)


def opened(data: bytes) -> IO[bytes]:
    """A file on disk that holds these bytes."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    file.write(data)
    file.seek(0)
    return file


def _colour(dice: random.Random, mode: str) -> Any:
    return dice.randrange(256) if mode == "L" else tuple(dice.randrange(256) for _ in mode)
