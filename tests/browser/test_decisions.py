"""What people come for, walked in a browser: the first run, held changes, policies, an app that breaks."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from demo.library import build_library, lose_dubs, put_dubs_back
from demo.media_files import write
from tests.browser.test_accessible import PHONE
from tests.browser.test_browser import run_jobs
from tests.connections.build import set_api_key
from tests.scanner.build import JPN_ENG, add_series, spec, tags_at

pytestmark = pytest.mark.e2e


@pytest.fixture
def braked(monkeypatch):
    from scanner.scan import brake

    monkeypatch.setattr(brake, "FLOOR", 1)


def test_a_first_run_with_unmounted_folders_and_tags_that_stood_there(
    open_page, sonarr, root, transactional_db, settings
):
    from demo.arr.state import ArrState
    from library.models import PathMapping

    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG)]})
    add_series(state, root, "Native", {1: [spec("jpn")]}, tags=["dub"])
    sonarr.load(state)
    here = root.with_name("mounted here")
    root.rename(here)

    page = open_page("/", role="admin", viewport=PHONE, has_touch=True)
    expect(page.get_by_role("link", name="Coming from the original Taggarr?")).to_be_visible()
    page.get_by_label("Address").fill(sonarr.url)
    page.get_by_label("API key").fill(sonarr.api_key)
    page.get_by_role("button", name="Test and go on").click()
    expect(page.get_by_text("A worker is looking for the folders…")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("✕ Not seen")).to_be_visible()
    told = "The files of 2 titles are not mounted here: what Sonarr says of them is all that is known."
    expect(page.get_by_text(told)).to_be_visible()
    expect(page.get_by_text(str(root))).to_have_count(1)
    expect(page.get_by_label("Where it lies here")).to_have_value("")

    settings.MEDIA_FOLDERS = [here.parent]
    page.get_by_role("button", name="Ask the app again").click()
    expect(page.get_by_text("A worker is looking for the folders…")).to_be_visible()
    run_jobs()
    expect(page.get_by_label("Where it lies here")).to_have_value(str(here))
    hidden = "field => field.scrollWidth - field.clientWidth - field.scrollLeft"
    assert page.get_by_label("Where it lies here").evaluate(hidden) <= 1, "its end is seen"
    page.get_by_role("button", name="Save and look again").click()
    expect(page.get_by_text("A worker is looking for the folders…")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("✓ Seen")).to_be_visible()
    expect(page.get_by_text(told)).to_have_count(0)
    assert PathMapping.objects.get().local_prefix == str(here)
    page.get_by_role("button", name="Save and go on").click()

    expect(page.get_by_role("cell", name="1").first).to_be_visible()
    page.get_by_role("button", name="Adopt the chosen").click()
    expect(page.get_by_text("Adopted: these tags are Taggarr's now")).to_be_visible()
    expect(page.get_by_role("button", name="Remove English")).to_be_visible()
    page.get_by_role("button", name="Start the dry run").click()
    run_jobs()
    expect(page.get_by_text("Would remove")).to_be_visible()
    assert tags_at(sonarr) == {"Dubbed": set(), "Native": {"dub"}}
    page.get_by_role("button", name="Write these tags").click()
    run_jobs()
    expect(page.get_by_text("Completed")).to_be_visible()
    assert tags_at(sonarr) == {"Dubbed": {"dub"}, "Native": set()}


def test_held_changes_are_declined_and_released_in_the_inbox(
    open_page, sonarr, shows, series_instance, scan, braked
):
    scan(series_instance)
    for title in ("Dubbed", "Half"):
        for file in shows.files_of(shows.titled(title).id):
            size = write(Path(file.path), spec("jpn"))
            sonarr.change("replace_file", id=file.id, size=size + 1)
    job = scan(series_instance)

    page = open_page(f"/activity/jobs/{job.pk}", role="admin")
    expect(page.get_by_text("Held: 2 changes wait")).to_be_visible()
    page.get_by_role("link", name="Look at them and decide").click()
    expect(page.get_by_role("row", name="Half")).to_contain_text("semi-dub")
    page.goto("/inbox")
    page.get_by_role("checkbox", name="Half").check()
    expect(page.locator("[data-chosen]")).to_have_text("1")
    page.get_by_role("button", name="Decline the chosen").click()
    expect(page.get_by_text("Declined: 1 title stays as it is.")).to_be_visible()
    page.get_by_role("button", name="Release it").click()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    run_jobs()
    assert (tags_at(sonarr)["Dubbed"], tags_at(sonarr)["Half"]) == ({"4k"}, {"semi-dub"})


def test_a_policy_that_changes_a_quarter_is_previewed_held_and_taken_back(
    open_page, sonarr, shows, series_instance, scan, braked
):
    scan(series_instance)
    before = tags_at(sonarr)
    page = open_page("/settings/policies", role="admin")
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Remove English").click()
    page.get_by_label("Languages you want to hear").fill("German")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#preview")).to_contain_text("That is more than the brake of Sonarr lets through")
    page.get_by_role("button", name="Save, and change these titles").click()
    run_jobs()
    expect(page.get_by_text("Held: 2 changes wait")).to_be_visible()
    assert tags_at(sonarr) == before

    page.goto("/settings/policies")
    page.get_by_role("main").get_by_role("link", name="English").click()
    page.get_by_role("link", name="See what going back would do").click()
    expect(page.locator("#preview")).to_contain_text("2 of 5 titles would change their verdict")
    page.get_by_role("button", name="Go back to it").click()
    run_jobs()
    page.goto("/inbox")
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    assert tags_at(sonarr) == before


def test_which_series_lost_its_dub_and_why_takes_three_clicks(
    open_page, sonarr, series_instance, scan, tmp_path
):
    demo = build_library(tmp_path / "demo")
    put_dubs_back(demo)
    sonarr.load(demo.state("sonarr"))
    scan(series_instance)
    (lost,) = lose_dubs(sonarr)
    scan(series_instance)

    page = open_page("/", role="viewer", viewport=PHONE, has_touch=True)
    page.evaluate("sessionStorage.clicks = 0")
    page.add_init_script("addEventListener('click', () => sessionStorage.clicks++, true)")
    page.reload()
    main = page.get_by_role("main")
    main.get_by_role("link", name="Lost their dub").tap()
    expect(main.locator("[data-rows] > *")).to_have_count(1)
    main.get_by_role("link", name=lost).tap()
    expect(main).to_contain_text("Original")
    main.locator(".cell.v-original").first.tap()
    expect(page.locator("#file")).to_contain_text("The file holds only Japanese and lacks English.")
    assert page.evaluate("sessionStorage.clicks") == "3"


def test_an_app_that_breaks_is_named_on_home_and_tried_again_where_that_leads(
    open_page, sonarr, shows, series_instance, scan
):
    scan(series_instance)
    set_api_key("replaced-there")
    scan(series_instance)

    page = open_page("/", role="admin")
    issues = page.locator(".issue", has_text="Sonarr refused the API key")
    issues.get_by_role("link", name="Open the connection").click()
    page.get_by_label("API key").fill(sonarr.api_key)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("answers.")).to_be_visible()

    page.goto("/")
    issues.get_by_role("button", name="Retry what failed").click()
    run_jobs()
    expect(page.get_by_text("Completed")).to_be_visible()
    page.goto("/")
    expect(issues).to_have_count(0)
