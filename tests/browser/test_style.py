"""The style page, whose components look as their pictures in `style` do."""

from __future__ import annotations

import os

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser import style_pictures as pictures
from tests.browser.conftest import WHOLE
from tests.browser.test_accessible import serious

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def programs():
    """The browser that took the pictures (`script/screenshots`): the shell draws a few pixels otherwise."""
    return WHOLE


def test_every_component_looks_as_its_picture_and_a_changed_one_is_named(open_page, rows, settings, tmp_path):
    settings.DEBUG = True
    page = open_page("/system/style", role="admin", reduced_motion="reduce")
    expect(page.locator(".shade")).to_have_count(2)
    assert page.locator(".shade > :not([data-component])").count() == 0, "give it a data-component"
    assert serious(page) == []
    taken, fonts = pictures.take(page), page.evaluate(pictures.FONTS)
    if pictures.RENEW in os.environ:
        pictures.renew(taken, fonts)
    if pictures.other_fonts(fonts):
        pytest.skip("The pictures of components were taken with other fonts than are installed here.")

    found = pictures.changed(taken, tmp_path)
    told = f"{found} look otherwise: see {tmp_path}; script/screenshots --style if that is meant to be"
    assert not found, told
    assert sum(path.stat().st_size for path in pictures.KEPT.iterdir()) < pictures.MOST_BYTES

    page.evaluate(pictures.ADD_STYLE, "button.danger { color: var(--text) } .empty { padding: 2.3rem 1rem }")
    assert pictures.changed(pictures.take(page), tmp_path) == [
        "dark-actions",
        "dark-empty",
        "dark-list",
        "light-actions",
        "light-empty",
        "light-list",
    ]
    for what in ("old", "new", "difference"):
        assert (tmp_path / f"dark-actions-{what}.png").exists()


@pytest.mark.parametrize(("wide", "differs"), [(40, False), (70, True)])
def test_a_few_pixels_are_no_change_and_more_are(wide, differs, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "KEPT", tmp_path / "kept")
    white = Image.new("RGB", (100, 20), "white")
    pictures.renew({"same": white, "gone": white, "lined": white}, "fonts")
    lined = white.copy()
    ImageDraw.Draw(lined).line((0, 5, wide, 5), "black")
    shade = white.point([min(step, 230) for step in range(256)] * 3)

    found = pictures.changed({"same": shade, "new": white, "lined": lined}, tmp_path)
    assert found == ["gone", "new", *["lined"] * differs]
    assert (pictures.other_fonts("fonts"), pictures.other_fonts("others")) == (False, True)
