"""Pictures of the components on the style page, as the folder `style` beside this file keeps them.

`script/screenshots --style` takes them anew: look at what it changes before you commit it.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageChops
from PIL.PngImagePlugin import PngInfo

if TYPE_CHECKING:
    from playwright.sync_api import Page

KEPT = Path(__file__).parent / "style"
RENEW = "RENEW_STYLE_PICTURES"
TAKEN_IN = "tests/browser/test_style.py"
MOST_BYTES = 400 * 1024
SIZE = {"width": 1100, "height": 900}
COLOURS = 128
STEP = 32
"""A pixel has changed where one of its colours differs by more; of so few colours each is a little off."""

PIXELS = 60
"""So many may have changed: edges of letters, which no two builds of a browser draw alike."""

STILL = """
    *, *::before, *::after { transition: none !important; animation: none !important; }
    time { display: none !important; }
    progress:not([value]) { visibility: hidden !important; }
    * { content-visibility: visible !important; }
"""
"""What moves, or tells the time, is not in the pictures; what is far below is."""

ADD_STYLE = """css => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}"""
"""The policy of the pages forbids inline styles."""

COMPONENTS = """() => [...document.querySelectorAll(".shade > *")].map(part => {
    part.style.margin = "0";
    const top = part.getBoundingClientRect().top + scrollY;
    part.style.marginTop = `${16 + Math.ceil(top) - top}px`;
    const box = part.getBoundingClientRect();
    const name = `${part.parentElement.dataset.theme}-${part.dataset.component}`;
    return {name, box: [box.left, box.top + scrollY, box.right, box.bottom + scrollY].map(Math.round)};
})"""
"""Where each is: on whole pixels, so that one that grows does not blur those below."""

FONTS = """() => {
    const pen = document.createElement("canvas").getContext("2d");
    return ["body", "h1", "button", "code", "input"].map(one => {
        pen.font = getComputedStyle(document.querySelector(one)).font;
        return pen.measureText("Hamburgefonstiv 0123456789").width.toFixed(1);
    }).join(" ");
}"""
"""How wide letters run here: pictures of other fonts cannot be compared. Without signs that come from any
font that happens to have them: one more installed would end all comparisons unnoticed."""


def take(page: Page) -> dict[str, Image.Image]:
    """The picture of every component of the style page, which is open, in both themes."""
    page.set_viewport_size(SIZE)  # type: ignore[arg-type]
    page.evaluate(ADD_STYLE, STILL)
    found = page.evaluate(COMPONENTS)
    whole = Image.open(io.BytesIO(page.screenshot(full_page=True))).convert("RGB")
    return {one["name"]: whole.crop(one["box"]) for one in found}


def renew(taken: Mapping[str, Image.Image], fonts: str) -> None:
    """Keep these pictures, and no others."""
    KEPT.mkdir(exist_ok=True)
    for old in KEPT.glob("*.png"):
        old.unlink()
    told = PngInfo()
    told.add_text("fonts", fonts)
    for name, picture in taken.items():
        small = picture.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        small.save(KEPT / f"{name}.png", optimize=True, pnginfo=told)


def other_fonts(fonts: str) -> bool:
    """Whether the pictures were taken with other fonts than these."""
    return any(Image.open(path).info.get("fonts") != fonts for path in KEPT.glob("*.png"))


def changed(taken: Mapping[str, Image.Image], folder: Path) -> list[str]:
    """The names of the components that look otherwise than their pictures, or have none, or are gone.

    Old, new and difference of each lie in the folder then.
    """
    kept = {path.stem: Image.open(path).convert("RGB") for path in KEPT.glob("*.png")}
    found = sorted(kept.keys() ^ taken.keys())
    for name in sorted(kept.keys() & taken.keys()):
        difference = difference_of(kept[name], taken[name])
        if sum(difference.histogram()[255:]) > PIXELS:
            found.append(name)
            for what, picture in (("old", kept[name]), ("new", taken[name]), ("difference", difference)):
                picture.save(folder / f"{name}-{what}.png")
    return found


def difference_of(old: Image.Image, new: Image.Image) -> Image.Image:
    """White where two pictures differ, black elsewhere; what one of them lacks is white."""
    size = max(old.width, new.width), max(old.height, new.height)
    papers = [Image.new("RGB", size, colour) for colour in ("black", "white")]
    for paper, picture in zip(papers, (old, new), strict=True):
        paper.paste(picture)
    red, green, blue = ImageChops.difference(*papers).split()
    most = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    return most.point([255 * (step > STEP) for step in range(256)])


if __name__ == "__main__":
    os.environ[RENEW] = "1"
    sys.exit(pytest.main(["-q", TAKEN_IN]))
