"""The art of made-up titles: which there is of each, and how it is drawn. The same for the same title."""

from __future__ import annotations

import colorsys
import io
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
WHITE: Colour = (255, 255, 255)
BLACK: Colour = (0, 0, 0)


@dataclass(frozen=True, slots=True)
class Art:
    """One picture. `language` None is one without text; `crop` is what is cut off each side, of 100.

    Those of one `scene` show the same art, in other sizes, qualities and languages.
    """

    name: str
    type: str
    language: str | None
    width: int
    height: int
    scene: int
    quality: int = 85
    crop: int = 0
    tone: Colour | None = None
    vote: float = 0.0
    votes: int = 0
    likes: int = 0
    season: int | None = None

    @property
    def file(self) -> str:
        return f"{self.name}.{'png' if self.tone else 'jpg'}"


@lru_cache(maxsize=4096)
def art_of(kind: str, id: int, languages: tuple[str, ...], seasons: tuple[int, ...]) -> list[Art]:
    """All pictures of a title: posters, backgrounds, a banner, logos in white and black, seasons."""
    made: list[Art] = []

    def add(type: str, language: str | None, width: int, height: int, scene: int, **more: Any) -> None:
        name = f"{kind}{id}-{type}-{len(made)}"
        votes = 3 * len(made) % 40
        made.append(
            Art(
                name,
                type,
                language,
                width,
                height,
                id * 10 + scene,
                votes=votes,
                vote=5 + votes / 10,
                likes=votes,
                **more,
            )
        )

    for language in (*languages, None):
        add("poster", language, 400, 600, 1)
    add("poster", languages[0], 200, 300, 1, quality=60)
    add("poster", languages[0], 400, 600, 1, crop=2)
    add("poster", languages[0], 400, 400, 2)  # no shape for a poster
    add("background", None, 960, 540, 3)
    add("background", None, 480, 270, 3)
    add("background", languages[0], 960, 540, 3)
    add("banner", languages[0], 758, 140, 4)
    add("logo", languages[0], 400, 155, 5, tone=WHITE)
    add("logo", languages[0], 400, 155, 5, tone=BLACK)
    for season in seasons:
        add("poster", languages[0], 200, 300, 6 + season, season=season)
    return made


@lru_cache(maxsize=256)
def drawn(art: Art, title: str, width: int = 0) -> bytes:
    """A picture as a JPEG, or as a transparent PNG; `width` is that of a smaller one of it."""
    size = (art.width, art.height)
    if art.tone:
        image = Image.new("RGBA", size, (0, 0, 0, 0))
        _write(ImageDraw.Draw(image), title, size, art.tone)
    else:
        image = _scene(art)
        if art.language is not None:
            _write(ImageDraw.Draw(image), title, size, WHITE)
    if width and width < art.width:
        image = image.resize((width, max(1, art.height * width // art.width)))
    file = io.BytesIO()
    image.save(file, "PNG" if art.tone else "JPEG", quality=art.quality)
    return file.getvalue()


def _scene(art: Art) -> Image.Image:
    chance = random.Random(art.scene)  # noqa: S311 - a picture
    hue = chance.random()
    large = Image.new("RGB", (600, 600 * art.height // art.width), _colour(hue, 0.6, 0.5))
    draw = ImageDraw.Draw(large)
    for _ in range(12):
        x, y, size = chance.random(), chance.random(), chance.uniform(0.1, 0.4)
        box = [(x - size) * 600, (y - size) * large.height, (x + size) * 600, (y + size) * large.height]
        draw.ellipse(box, fill=_colour(hue + chance.uniform(-0.2, 0.5), 0.5, chance.uniform(0.2, 1.0)))
    cut = (600 * art.crop // 100, large.height * art.crop // 100)
    large = large.crop((*cut, 600 - cut[0], large.height - cut[1]))
    return large.resize((art.width, art.height), Image.Resampling.LANCZOS)


def _write(draw: ImageDraw.ImageDraw, title: str, size: tuple[int, int], colour: Colour) -> None:
    width, height = size
    text = title.encode("ascii", "ignore").decode() or "?"
    font = ImageFont.load_default(max(10, min(height // 5, 2 * width // (len(text) + 2))))
    draw.text((width * 0.06, height * 0.72), text, font=font, fill=colour)


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)
