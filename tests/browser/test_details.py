"""Small things that people notice, done in a browser."""

from __future__ import annotations

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.web.rows import make_files

pytestmark = pytest.mark.e2e

PHONE = {"viewport": {"width": 390, "height": 844}}


def test_health_is_mended_where_it_is_told(open_page, rows):
    from connections.models import Breaker, Connection
    from jobs.models import Job

    Connection.objects.filter(pk=rows.sonarr.pk).update(breaker=Breaker.REFUSED, breaker_reason="Refused.")
    Job.objects.create(name="cleanup", state="failed", error="Full.", finished_at=timezone.now())
    page = open_page("/", role="admin")
    issue = page.locator(".issue", has_text="Refused.")
    issue.get_by_role("link", name="Open the connection").click()
    expect(page.get_by_role("heading", name="Sonarr")).to_be_visible()

    page.goto("/system")
    page.locator(".issue", has_text="The last clean-up failed: Full.").get_by_role(
        "button", name="Retry what failed"
    ).click()
    expect(page).to_have_url("/activity/jobs/" + str(Job.objects.get(name="cleanup").pk))


def test_a_connection_that_does_not_answer_is_not_called_open(open_page, rows):
    from connections.models import Breaker, Connection

    Connection.objects.filter(pk=rows.sonarr.pk).update(breaker=Breaker.OPEN, breaker_reason="Away.")
    page = open_page("/settings/connections", role="admin")
    row = page.get_by_role("row", name="Sonarr")
    expect(row).to_contain_text("does not answer")
    expect(page.locator("main")).not_to_contain_text("Open")

    page.goto("/system")
    expect(page.locator("main")).to_contain_text("does not answer")
    expect(page.locator("main").get_by_text("Open", exact=True)).to_have_count(0)


def test_left_out_specials_are_not_solid_and_unknown_cells_have_a_border(open_page, rows):
    make_files(rows.series[0], 0, "wrong-dub", count=1)
    page = open_page(f"/media/{rows.series[0].pk}", role="viewer")
    special = page.locator(".cell.v-wrong-dub")
    expect(special).to_have_css("background-color", "rgba(0, 0, 0, 0)")
    expect(special).to_have_css("border-top-style", "dotted")
    label, cell = special.locator("b").bounding_box(), special.bounding_box()
    assert label
    assert cell
    assert label["width"] < cell["width"]

    page.goto(f"/media/{rows.series[4].pk}")
    unknown = page.locator(".cell.v-unknown").first
    expect(unknown).to_have_css("border-top-style", "dashed")
    expect(unknown).not_to_have_css("border-top-color", "rgba(0, 0, 0, 0)")


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_no_word_breaks_in_the_middle(open_page, rows, locale):
    page = open_page("/", role="admin", locale=locale, **PHONE)
    found = {}
    for path in ("/", "/library?view=grid", "/library?view=table", "/wanted", "/activity", "/system"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        found[path] = page.evaluate(BROKEN_WORDS)
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert not any(found.values()), found


BROKEN_WORDS = """() => {
  const broken = new Set();
  const walker = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (!node.parentElement.checkVisibility() || node.parentElement.closest("select, .hidden-text")) continue;
    for (const word of node.data.matchAll(/[\\p{L}]{3,18}/gu)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) broken.add(word[0]);
    }
  }
  return [...broken];
}"""


@pytest.mark.parametrize("locale", ["en-GB", "de-DE"])
def test_a_phones_wall_cuts_no_word_off_and_no_verdict_in_two(open_page, rows, locale):
    from library.models import Media

    titles = Media.objects.order_by("pk")
    titles.filter(pk=titles[0].pk).update(title="Moonlit Cartographers", sort_title="a")
    page = open_page("/library?view=grid", role="admin", locale=locale, **PHONE)
    page.wait_for_load_state("networkidle")
    cut = page.locator(".poster .text > *").evaluate_all(CUT_OFF)
    tall = page.locator(".poster .verdict").evaluate_all(
        "all => all.filter(one => one.offsetHeight > 1.6 * parseFloat(getComputedStyle(one).lineHeight))"
        ".map(one => one.innerText)"
    )

    assert page.locator(".poster .verdict").count() > 3
    assert (cut, tall) == ([], [])
    assert page.evaluate(BROKEN_WORDS) == []


CUT_OFF = """all => all
  .filter((one) => one.getBoundingClientRect().right > one.closest(".poster").getBoundingClientRect().right)
  .map((one) => one.innerText)"""


def test_a_key_survives_a_mistake_elsewhere(open_page, rows):
    page = open_page("/settings/connections/add/radarr", role="admin")
    page.get_by_label("Name", exact=True).fill("Sonarr")
    page.get_by_label("Address").fill("http://radarr.lan:7878")
    page.get_by_label("API key").fill("0123456789abcdef0123456789abcdef")
    page.get_by_role("button", name="Connect and add").click()
    expect(page.get_by_text("The name Sonarr is taken")).to_be_visible()
    expect(page.get_by_label("API key")).to_have_value("0123456789abcdef0123456789abcdef")


def test_scan_now_says_so_and_items_move_by_themselves(web, open_page, rows):
    from jobs.models import Job, JobItem

    page = open_page(f"/media/{rows.series[0].pk}", role="admin", server=web)
    page.get_by_role("button", name="Scan now").click()
    expect(page.get_by_text("Title 1 will be scanned now.")).to_be_visible()

    job = Job.objects.latest("pk")
    page.add_init_script("window.setInterval = () => 0")

    def start_first(route):
        """What happens after the page was made, and before it hears of anything."""
        Job.objects.filter(pk=job.pk).update(state="running")
        JobItem.objects.filter(job=job).update(state="claimed")
        route.continue_()

    page.context.route("**/api/v1/events*", start_first)
    page.goto(f"/activity/jobs/{job.pk}")
    expect(page.locator("#job .state")).to_have_text("Running")
    expect(page.locator("#items tbody .state")).to_have_text("Running")
    expect(page.locator("#job")).to_contain_text("0 of 1")


def test_german_filters_read_as_german(open_page, rows):
    page = open_page("/library", role="viewer", locale="de-DE")
    selects = page.locator(".selects").first
    expect(selects).to_contain_text("Mit Sprache")
    expect(selects).to_contain_text("Ohne Sprache")
    expect(selects).to_contain_text("Ohne Japanisch")
    assert "keine Sprache" not in selects.inner_text()


def test_files_nobody_has_read_are_not_called_missing(open_page, rows):
    rows.series[0].files.all().delete()
    page = open_page(f"/media/{rows.series[0].pk}", role="viewer")
    expect(page.get_by_text("Its files have not been read yet.")).to_have_count(2)


def test_no_code_stands_where_a_language_should(open_page, rows):
    from scanner.models import FileScanState

    nothing = ["qaa", "zxx", "und"]
    FileScanState.objects.update(languages=nothing, reason={"reason": "no-language", "languages": nothing})
    page = open_page("/library?view=grid", role="viewer")
    expect(page.locator(".poster").first).to_contain_text("original, not named")
    for path in ("/library?view=grid", "/library?view=table", f"/media/{rows.series[0].pk}", "/wanted"):
        page.goto(path)
        shown = page.locator("main").inner_text()
        assert not {"QAA", "ZXX", "UND", "qaa", "zxx", "und"} & set(shown.split())
        assert "With original" not in shown


def test_every_failed_attempt_stands_on_the_logs_page(web, open_page, rows):
    from jobs.runner import run_item
    from scanner.scan.starting import start_media_scan

    item = start_media_scan(rows.series[0])
    run_item(item.pk)
    page = open_page("/system/logs", role="admin", server=web)
    expect(page.locator("#log")).to_contain_text(f"attempt 1 at {item.key} of {item.job} failed")


def test_a_radarr_is_not_called_sonarr(open_page, two_movies, transactional_db):
    page = open_page("/setup/instance", role="admin")
    page.get_by_label("Kind").select_option("Radarr")
    page.get_by_label("Address").fill(two_movies.url)
    page.get_by_label("API key").fill(two_movies.api_key)
    page.get_by_role("button", name="Test and go on").click()
    expect(page.get_by_role("heading", name="Folders of Radarr")).to_be_visible()
    page.goto("/settings/connections")
    expect(page.get_by_role("link", name="Radarr", exact=True)).to_be_visible()


def test_the_form_of_a_connection_has_columns_on_a_desk_and_one_on_a_phone(open_page, rows):
    page = open_page(f"/settings/connections/{rows.sonarr.pk}", role="admin")
    found = {}
    for width in (390, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        boxes = [one.bounding_box() for one in page.locator(".long .field:visible").all()]
        found[width] = len({round(box["x"]) for box in boxes})

    assert found == {390: 1, 1440: 2, 2560: 4}


def test_a_long_form_is_saved_from_anywhere_and_unfolds_what_is_wrong(open_page, rows):
    page = open_page(
        f"/settings/connections/{rows.sonarr.pk}", role="admin", viewport={"width": 390, "height": 844}
    )
    save, folded = page.get_by_role("button", name="Save", exact=True), page.get_by_label("Country")
    expect(folded).to_be_hidden()
    expect(save).to_be_in_viewport(ratio=1)
    page.get_by_text("More: Artwork").click()
    folded.fill("USA")
    page.evaluate("scrollTo(0, 0)")
    expect(save).to_be_in_viewport(ratio=1)
    save.click()
    expect(page.get_by_text("USA is not a country")).to_be_visible()
    expect(folded).to_have_value("USA")
    page.set_viewport_size({"width": 1440, "height": 600})
    expect(save).to_be_in_viewport(ratio=1)
    for path in (f"/settings/policies/{rows.policy.pk}", "/artwork/rules"):
        page.goto(path)
        expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
