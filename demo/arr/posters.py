"""Posters for the made-up titles of the stand-in library: a landscape, with the title below."""

from __future__ import annotations

import colorsys
import io
import random
import unicodedata
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 250, 375
TEXT_TOP = 262
MARGIN = 16
LARGEST_TEXT, SMALLEST_TEXT = 30, 15

Colour = tuple[int, int, int]


@lru_cache(maxsize=512)
def poster(title: str, year: int) -> bytes:
    """Return the poster of a title as a JPEG; the same for the same title."""
    chance = random.Random(title)  # noqa: S311 - a picture
    hue = chance.random()
    image = Image.new("RGB", (WIDTH, HEIGHT))
    draw = ImageDraw.Draw(image)
    _sky(draw, hue)
    _sun(draw, hue, chance)
    chance.choice((_hills, _towers, _waves))(draw, hue, chance)
    draw.rectangle((0, TEXT_TOP - 10, WIDTH, HEIGHT), fill=_colour(hue, 0.55, 0.14))
    _title(draw, _drawable(title), year)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=85)
    return file.getvalue()


def _drawable(title: str) -> str:
    """The title in the letters that the font has, which are those of English; empty where it has none."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    return " ".join(plain.split())


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _sky(draw: ImageDraw.ImageDraw, hue: float) -> None:
    for y in range(TEXT_TOP):
        part = y / TEXT_TOP
        draw.line((0, y, WIDTH, y), fill=_colour(hue + 0.12 * part, 0.7 - 0.35 * part, 0.35 + 0.55 * part))


def _sun(draw: ImageDraw.ImageDraw, hue: float, chance: random.Random) -> None:
    x, y, radius = chance.randint(50, 200), chance.randint(60, 150), chance.randint(24, 52)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.45, 0.3, 1.0))


def _hills(draw: ImageDraw.ImageDraw, hue: float, chance: random.Random) -> None:
    for layer in range(3):
        base = 170 + layer * 32
        peaks = [(x, base - chance.randint(0, 70 - layer * 18)) for x in range(-40, WIDTH + 80, 60)]
        outline = [(-40, HEIGHT), *peaks, (WIDTH + 80, HEIGHT)]
        draw.polygon(outline, fill=_colour(hue + 0.05, 0.5, 0.5 - layer * 0.13))


def _towers(draw: ImageDraw.ImageDraw, hue: float, chance: random.Random) -> None:
    light = _colour(hue + 0.5, 0.35, 0.95)
    for layer in range(2):
        x = -10
        while x < WIDTH:
            width, top = chance.randint(22, 44), chance.randint(110 + layer * 50, 200 + layer * 30)
            draw.rectangle((x, top, x + width, HEIGHT), fill=_colour(hue + 0.04, 0.55, 0.4 - layer * 0.16))
            for window in range(top + 8, TEXT_TOP - 16, 14):
                if layer and chance.random() < 0.4:
                    draw.rectangle((x + 6, window, x + 10, window + 5), fill=light)
            x += width + chance.randint(0, 6)


def _waves(draw: ImageDraw.ImageDraw, hue: float, chance: random.Random) -> None:
    for layer in range(5):
        y, shift = 165 + layer * 20, chance.randint(-40, 0)
        fill = _colour(hue + 0.08, 0.6, 0.62 - layer * 0.1)
        draw.rectangle((0, y + 14, WIDTH, HEIGHT), fill=fill)
        for x in range(shift, WIDTH, 50):
            draw.ellipse((x, y, x + 60, y + 34), fill=fill)


def _title(draw: ImageDraw.ImageDraw, title: str, year: int) -> None:
    lines, size = _fitted(draw, title)
    font, small = ImageFont.load_default(size), ImageFont.load_default(14)
    y = TEXT_TOP + 4
    for line in lines:
        draw.text((MARGIN, y), line, font=font, fill=(245, 245, 245))
        y += round(size * 1.2)
    draw.text((MARGIN, HEIGHT - 24), str(year or ""), font=small, fill=(190, 195, 205))


def _fitted(draw: ImageDraw.ImageDraw, title: str) -> tuple[list[str], int]:
    """The title in lines, and the largest size in which these have room; cut where none is small enough."""
    for size in range(LARGEST_TEXT, SMALLEST_TEXT, -2):
        lines = _wrapped(draw, title, size)
        fits = len(lines) * size * 1.2 <= HEIGHT - TEXT_TOP - 30
        if fits and all(
            draw.textlength(one, ImageFont.load_default(size)) <= WIDTH - MARGIN for one in lines
        ):
            return lines, size
    return _wrapped(draw, title, SMALLEST_TEXT)[:4], SMALLEST_TEXT


def _wrapped(draw: ImageDraw.ImageDraw, title: str, size: int) -> list[str]:
    font, lines = ImageFont.load_default(size), [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and draw.textlength(longer, font) > WIDTH - 2 * MARGIN:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines
