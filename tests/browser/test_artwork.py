"""Artwork in a browser: by keyboard, without scripts, on a phone, and as axe sees it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.artwork.doors import add_candidate
from tests.browser.test_accessible import PHONE, SHIFTED, serious

pytestmark = pytest.mark.e2e


def test_pictures_are_chosen_by_keyboard_and_every_page_fits_and_reads_well(open_page, rows):
    from artwork.models import Candidate, Entity

    title = rows.artwork
    Candidate.objects.filter(entity=title).delete()
    for art, colour in (("poster", "navy"), ("fanart", "teal"), ("clearlogo", "white")):
        add_candidate(title, art, colour, rank=0)
    other = add_candidate(title, "poster", "maroon")
    add_candidate(Entity.objects.get(title=title, kind="episode"), "thumb", "olive", rank=0)
    tab, slot = f"/media/{rows.series[0].pk}/artwork", f"/artwork/{title.pk}/pictures/poster"

    page = open_page("/artwork?view=grid", role="admin", reduced_motion="reduce")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{tab}")
    page.goto(slot)
    page.get_by_role("button", name="Choose Poster 2").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Poster: chosen and locked.")).to_be_visible()
    other.refresh_from_db()
    assert other.rank == 0

    wide = {}
    for address in ("/artwork?view=grid", "/artwork?view=table", "/artwork?q=nothing", tab, slot):
        for width, theme in ((1280, "light"), (PHONE["width"], "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.goto(address)
            assert serious(page, theme) == [], address
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide[address, width] = page.evaluate("document.documentElement.scrollWidth")
            assert page.evaluate(SHIFTED) < 0.05, address
            if shots := os.environ.get("ARTWORK_SHOTS"):
                name = address.strip("/").replace("/", "-").replace("?", "-")
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
    assert wide == {}


def test_pictures_are_chosen_and_titles_published_without_scripts(open_page, rows):
    from jobs.models import Job

    page = open_page(f"/artwork/{rows.artwork.pk}/pictures/banner", role="admin", java_script_enabled=False)
    page.get_by_role("button", name="Look now").click()
    expect(page.get_by_text("is being looked at.")).to_be_visible()
    page.goto("/artwork?view=table")
    page.get_by_role("checkbox", name="Select Title 1", exact=True).check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("1 title is being published.")).to_be_visible()
    assert set(Job.objects.values_list("name", flat=True)) >= {"art_scan", "art_publish"}
