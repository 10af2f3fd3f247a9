"""Artwork in a browser: by keyboard, without scripts, on a phone, and as axe sees it."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.artwork.doors import add_candidate
from tests.browser.test_accessible import PHONE, SHIFTED, serious
from tests.providers.conftest import process, world  # noqa: F401
from tests.waiting import wait_until

if TYPE_CHECKING:
    from artwork.models import Entity

pytestmark = pytest.mark.e2e


def test_pictures_are_chosen_by_keyboard_and_every_page_fits_and_reads_well(open_page, rows):
    from artwork.choosing import refresh
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
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="Side by side")).to_be_visible()
    # A key goes nowhere before the scripts of the page are there.
    page.wait_for_load_state()
    compared = page.url
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Poster: chosen and locked.")).to_be_visible()
    other.refresh_from_db()
    assert other.rank == 0

    refresh([title])
    Entity.objects.filter(pk=title.pk).update(
        matches=[
            {"provider": "tmdb", "id": str(number), "title": "Lantern", "year": 2020} for number in (1, 2)
        ]
    )
    page.goto("/artwork/review")
    review = page.url
    page.keyboard.press("a")
    expect(page.get_by_text("is being published.")).to_be_visible()
    expect(page).not_to_have_url(review)
    publication_of(title)

    wide = {}
    unknown = Candidate.objects.create(entity=title, art="banner", source="tmdb", address="/x", language="de")
    addresses = (
        "/artwork?view=grid",
        "/artwork?view=table",
        "/artwork?q=nothing",
        "/artwork?view=grid&state=unidentified",
        tab,
        f"{tab}?part={Entity.objects.get(title=title, kind='episode').pk}",
        slot,
        compared,
        f"/artwork/{title.pk}/pictures/{unknown.art}",
        f"/artwork/{title.pk}/pictures/characterart",
        review,
        "/artwork/review?after=999999",
        "/artwork/blacklist",
        "/artwork/rules",
        f"/artwork/rules?of={previewed(title)}",
    )
    for address in addresses:
        for width, theme in ((1280, "light"), (PHONE["width"], "dark")):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=theme)
            page.goto(address)
            assert serious(page, theme) == [], address
            if page.evaluate("document.documentElement.scrollWidth") > width:
                wide[address, width] = page.evaluate("document.documentElement.scrollWidth")
            assert page.evaluate(SHIFTED) < 0.05, address
            if shots := os.environ.get("ARTWORK_SHOTS"):
                name = f"{addresses.index(address):02}-{address.rpartition('//')[2].replace('/', '-')[:40]}"
                page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
    assert wide == {}


def publication_of(title: Entity) -> None:
    """A publication that can be undone, and one that failed."""
    from artwork.models import Publication
    from core.words import Phrase

    step = {"path": "poster.jpg", "digest": "0" * 64, "before": None, "entity": title.pk, "art": "poster"}
    Publication.objects.create(title=title, state="done", steps=[step])
    error = Phrase("artwork.read-only", path="/media/tv")
    Publication.objects.create(title=title, state="failed", steps=[step], error=error)


def previewed(title: Entity) -> str:
    """The query of a preview of rules that has ended, by which many pictures would be others."""
    from artwork.jobs import FORESEE
    from core.words import Phrase
    from jobs.models import Job

    what = Phrase("artwork.would-drop", what=Phrase("art.poster")).stored()
    summary = {
        "titles": 32_000,
        "changed": 118,
        "pictures": {"poster": 118, "fanart": 12},
        "examples": [[title.name, title.media_id, what]] * 8,
    }
    job = Job.objects.create(
        name=FORESEE,
        connection=title.connection,
        params={"settings": {"languages": ["de"]}},
        state="completed",
        summary=summary,
    )
    return f"{title.connection_id}&job={job.pk}"


def test_from_the_first_visit_to_the_first_published_poster(open_page, world, root, transactional_db):  # noqa: F811
    from accounts import first_admin
    from artwork.models import Entity
    from jobs.models import Job

    folder = root / "The Lost Reel (1999)"
    folder.mkdir()
    (folder / f"{folder.name}.mkv").write_bytes(b"a video")

    page = open_page("/")
    page.get_by_label("Token").fill(first_admin.token())
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Create the account").click()
    expect(page.get_by_role("button", name="Test and go on")).to_be_visible()
    page.goto("/settings/policies/add")
    page.get_by_label("Name", exact=True).fill("English")
    page.get_by_label("Languages you want to hear").fill("English,")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("link", name="English")).to_be_visible()
    page.goto("/settings/features")
    page.get_by_role("button", name="Switch on Artwork").click()
    expect(page.get_by_role("button", name="Switch off Artwork")).to_be_visible()
    page.goto("/settings/connections/add/movie_folder")
    page.get_by_label("Name", exact=True).fill("Films")
    page.get_by_label("Folder", exact=True).fill(str(root))
    page.get_by_role("button", name="Connect and add").click()
    expect(page.get_by_role("heading", name="Films")).to_be_visible()
    page.goto("/settings/connections/add/tmdb")
    page.get_by_label("Address").fill(world.url)
    page.get_by_label("API key").fill(world.api_key)
    page.get_by_role("button", name="Connect and add").click()
    expect(page.get_by_role("heading", name="TMDB TMDB")).to_be_visible()
    page.goto("/system/tasks")
    page.get_by_role("button", name="Scan now Films").click()
    wait_until(lambda: Job.objects.filter(name="scan").exists())
    while run_jobs():
        pass

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Library").click()
    page.get_by_role("link", name="Artwork", exact=True).click()
    page.get_by_role("button", name="Look for artwork now").click()
    expect(page.get_by_text("The folders of all titles are being looked at.")).to_be_visible()
    while not (Entity.objects.exists() and Entity.objects.get().wanted):
        assert run_jobs(), "nothing is done any more, and no poster is chosen"
    page.goto("/artwork")
    page.get_by_role("link", name=re.compile("^Review")).click()
    expect(page.get_by_role("img", name="Poster then")).to_be_visible()
    page.get_by_role("button", name="Publish, and next").click()
    run_jobs()
    assert (folder / "poster.jpg").read_bytes()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Library").click()
    page.get_by_role("link", name="Artwork", exact=True).click()
    page.get_by_role("link", name="The Lost Reel").click()
    expect(page.get_by_text("Published", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()


def run_jobs() -> int:
    """Run what waits, and return how many that were."""
    from jobs.models import LIVE_JOB, Job
    from jobs.services import run_inline

    waiting = list(Job.objects.filter(state__in=LIVE_JOB))
    for job in waiting:
        run_inline(job)
    return len(waiting)


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
