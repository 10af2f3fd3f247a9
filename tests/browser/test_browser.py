"""What people do, done in a browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from core.subjects import titled
from scanner.models import ScanState
from tests.browser.conftest import session
from tests.scanner.build import JPN_ENG, add_series, spec, tags_at
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def run_jobs():
    from jobs.models import Job
    from jobs.services import run_inline

    for job in Job.objects.filter(state__in=["queued", "running"]):
        run_inline(job)


def test_from_the_first_visit_to_the_first_verdict(open_page, sonarr, root, transactional_db):
    from accounts import first_admin
    from demo.arr.state import ArrState

    state = ArrState("sonarr")
    add_series(state, root, "Dubbed", {1: [spec(*JPN_ENG), spec(*JPN_ENG)]})
    sonarr.load(state)

    page = open_page("/")
    page.get_by_label("Token").fill(first_admin.token())
    page.get_by_label("Username").fill("ada")
    page.get_by_label("Password").fill("correct horse")
    page.get_by_role("button", name="Create the account").click()

    page.get_by_label("Address").fill(sonarr.url)
    page.get_by_label("API key").fill(sonarr.api_key)
    page.get_by_role("button", name="Test and go on").click()
    expect(page.get_by_text("A worker is looking for the folders…")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("✓ Seen")).to_have_count(1)
    page.get_by_role("button", name="Save and go on").click()
    expect(page.get_by_text("No tag of Taggarr's stood in Sonarr before.")).to_be_visible()
    page.get_by_role("link", name="Go on").click()

    expect(page.get_by_role("button", name="Remove English")).to_be_visible()
    page.get_by_role("button", name="Start the dry run").click()
    expect(page.get_by_text("Nothing is written.")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("Would add")).to_be_visible()
    assert tags_at(sonarr) == {"Dubbed": set()}

    page.get_by_role("button", name="Write these tags").click()
    run_jobs()
    expect(page.get_by_text("Completed")).to_be_visible()
    page.get_by_role("link", name="Library").click()
    page.get_by_role("link", name="Dubbed").click()
    expect(page.locator(".cell.v-dub")).to_have_count(2)
    assert tags_at(sonarr) == {"Dubbed": {"dub"}}


def test_find_all_wrong_dubs_and_scan_one(open_page, shows, series_instance, scan):
    from jobs.models import JobItem

    scan(series_instance)
    page = open_page("/", role="admin")
    page.get_by_role("link", name="Wanted").click()
    page.get_by_role("link", name="Wrong dub", exact=True).click()
    page.locator("tbody th").get_by_role("link", name="Wrong").click()
    page.locator(".cell.v-wrong-dub").click()
    expect(page.locator("#file")).to_contain_text("German")

    page.get_by_role("button", name="Scan now").click()
    expect(page.get_by_text("It waits to be scanned.")).to_be_visible()
    assert titled(JobItem.objects.filter(state="pending")).filter(subject_title__startswith="Wrong").exists()
    run_jobs()
    expect(page.get_by_text("It waits to be scanned.")).to_have_count(0)


def test_change_a_policy_after_a_preview(open_page, shows, series_instance, scan):
    from library.models import Media
    from scanner.models import Policy

    scan(series_instance)
    page = open_page("/settings/policies", role="admin")
    page.get_by_role("link", name="English").click()
    page.get_by_role("button", name="Remove English").click()
    page.get_by_label("Languages you want to hear").fill("German")
    page.get_by_role("button", name="Preview").click()
    expect(page.locator("#preview")).to_contain_text(
        "titles would change their verdict. Nothing is saved yet."
    )
    assert Policy.objects.get().target_languages == ["eng"]

    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. All titles of this policy are decided anew")).to_be_visible()
    run_jobs()
    assert Media.objects.get(title="Dubbed").scan_state.verdict == "wrong-dub"


def test_cancel_a_running_scan(open_page, rows):
    from scanner.scan.starting import start_scan

    job, _ = start_scan(rows.sonarr)
    page = open_page("/activity", role="admin")
    page.get_by_role("link", name=f"scan #{job.pk}").click()
    page.get_by_role("button", name="Cancel…").click()
    expect(page.get_by_role("dialog")).to_contain_text("What is done stays done.")
    page.get_by_role("button", name="Cancel the job").click()
    expect(page.get_by_text("Cancelled: waiting items")).to_be_visible()

    job.refresh_from_db()
    assert job.state == "cancelled"


def test_a_page_follows_a_job_by_events(web, open_page, rows):
    from jobs import listing, services
    from scanner.scan.starting import start_scan

    page = open_page("/activity", role="admin", server=web)
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    wait_until(lambda: page.evaluate("isOpen()"))
    # From here on only an event can bring news.
    page.evaluate("lookAnyway = () => {}")
    job, _ = start_scan(rows.sonarr)
    shown = page.get_by_role("link", name=f"scan #{job.pk}")
    # The stream is open a moment before its reader is: who was too early tells it again.
    wait_until(shown.is_visible, "the page shows the job", lambda: listing.job_changed(job.pk))
    services.cancel(job)
    expect(page.get_by_text("Nothing is running.")).to_be_visible()


def test_many_open_windows_leave_connections_for_pages(web, open_page, rows):
    first = open_page("/activity", role="admin", server=web)
    others = []
    for _ in range(7):
        others.append(first.context.new_page())
        others[-1].goto("/activity")
    streams = "() => MOST_STREAMS > newer.size"
    assert [page.evaluate(streams) for page in (first, *others)] == [*[False] * 5, *[True] * 3]
    for page in others[-3:]:
        page.wait_for_function("isOpen()")
    assert first.evaluate("isOpen()") is False

    for page in others[1:]:
        page.close()
    wait_until(lambda: first.evaluate("isOpen()"), "the first has room for a stream again")


def test_a_page_polls_where_the_events_cannot_be_had(open_page, rows):
    from scanner.scan.starting import start_scan

    page = open_page("/activity", role="admin")
    expect(page.get_by_text("Nothing is running.")).to_be_visible()
    assert page.evaluate("isOpen()") is False
    page.locator("main [data-poll]").evaluate("part => { part.dataset.poll = 0.2 }")
    job, _ = start_scan(rows.sonarr)
    expect(page.get_by_role("link", name=f"scan #{job.pk}")).to_be_visible()


def test_posters_come_through_us_and_the_key_stays_here(open_page, shows, series_instance, scan, sonarr):
    from library.models import Media

    scan(series_instance)
    Media.objects.filter(title="Wrong").update(arr_id=4711)  # the app has no poster under this number
    page = open_page("/login")
    asked, answered = [], []
    page.on("request", lambda request: asked.append((request.url, request.headers)))
    page.on("response", lambda response: answered.append(response.headers))
    page.context.add_cookies([{"name": "taggarr_session", "value": session("viewer"), "url": page.url}])
    page.goto("/library?view=grid")

    with_poster = page.locator(".poster", has_text="Dubbed").locator("img")
    expect(with_poster).to_be_visible()
    wait_until(lambda: with_poster.evaluate("image => image.naturalWidth"))
    expect(page.locator(".poster", has_text="Wrong").locator("img")).to_have_count(0)
    expect(page.locator(".poster", has_text="Wrong").locator(".picture")).to_have_text("W")
    assert {url.partition("/")[2].split("/")[1] for url, _headers in asked} == {page.url.split("/")[2]}
    assert sonarr.api_key not in page.content() + str(asked) + str(answered)
    assert "private, max-age=86400" in [headers.get("cache-control") for headers in answered]


def test_retry_a_failed_item(open_page, rows):
    page = open_page("/activity/failed", role="admin")
    expect(page.get_by_text("The disk is away.")).to_be_visible()
    page.get_by_role("row", name="The disk is away.").get_by_role("button", name="Retry").click()
    expect(page.get_by_text("Retrying it.")).to_be_visible()

    rows.failed_item.refresh_from_db()
    assert rows.failed_item.state == "pending"


def test_a_viewer_sees_nothing_that_would_be_refused(open_page, rows):
    page = open_page("/", role="viewer")

    expect(page.get_by_role("link", name="Settings")).to_have_count(0)
    for path in (
        "/library?view=table",
        f"/media/{rows.series[0].pk}",
        "/wanted",
        "/activity",
        "/system/tasks",
    ):
        page.goto(path)
        expect(page.locator("main form[method=post]:not([action^='/lists/'])")).to_have_count(0)


def test_bulk_actions_on_a_selection(open_page, rows):
    from library.models import Media

    page = open_page("/library?view=table&kind=sonarr", role="admin")
    expect(page.locator(".bulk")).to_be_hidden()
    page.get_by_label("Select all on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("5")
    page.get_by_role("button", name="Exclude…").click()
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("5 titles are now excluded.")).to_be_visible()

    assert Media.objects.filter(excluded=True).count() == 5


def test_bulk_actions_on_posters_by_keyboard(open_page, rows):
    from library.models import Media

    page = open_page("/library?view=grid&kind=sonarr", role="admin")
    posters = page.locator(".poster a")
    posters.first.focus()
    page.keyboard.press("x")
    page.keyboard.press("ArrowRight")
    expect(posters.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("2")
    page.get_by_role("button", name="Exclude…").click()
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("2 titles are now excluded.")).to_be_visible()
    assert Media.objects.filter(excluded=True).count() == 2

    page.get_by_label("Select all on this page").check()
    page.get_by_label("matching").check()
    page.get_by_role("button", name="Include again").click()
    expect(page.get_by_text("no longer excluded.")).to_be_visible()
    assert not Media.objects.filter(excluded=True).exists()


def test_what_is_done_or_fails_before_the_scripts_come_counts(open_page, rows):
    page = open_page("/library?view=grid&kind=sonarr", role="admin")
    held = []

    def hold(route):
        held.append(route)

    page.route("**/app*.js", hold)
    page.route("**/poster", lambda route: route.fulfill(body="no picture"))
    with page.expect_response("**/poster"):
        page.reload(wait_until="commit")
    page.get_by_label("Select all on this page").check()
    held[0].continue_()

    expect(page.locator("[data-chosen]")).to_have_text(str(page.locator(".poster").count()))
    expect(page.locator(".poster img")).to_have_count(0)


def test_a_selection_grows_across_pages_by_keyboard_alone(open_page, rows, monkeypatch):
    from library.models import Media
    from scanner.pages import library_rows

    monkeypatch.setattr(library_rows, "PAGE", 3)
    page = open_page("/library?view=table&kind=sonarr", role="admin")
    page.keyboard.press("j")
    page.keyboard.press("x")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    expect(page.get_by_role("link", name="Title 2")).to_be_focused()
    page.keyboard.press("x")
    page.get_by_role("link", name="Next").click()
    expect(page.locator("[data-chosen]")).to_have_text("2")
    expect(page.get_by_text("on other pages: 2")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(page.locator("[data-chosen]")).to_have_text("3")
    page.get_by_role("button", name="Exclude…").click()
    page.get_by_role("button", name="Exclude", exact=True).click()
    expect(page.get_by_text("3 titles are now excluded.")).to_be_visible()
    assert set(Media.objects.filter(excluded=True)) == {*rows.series[:2], rows.series[3]}
    # A key goes nowhere before the scripts of the page are there.
    page.wait_for_load_state()
    expect(page.locator(".bulk")).to_be_hidden()

    page.keyboard.press("j")
    page.keyboard.press("x")
    page.get_by_role("button", name="Select none").click()
    expect(page.locator(".bulk")).to_be_hidden()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator(".hero h1")).to_be_visible()


def test_everything_is_reached_by_keyboard(open_page, rows):
    page = open_page(f"/media/{rows.series[0].pk}", role="admin")
    page.keyboard.press("Tab")
    expect(page.get_by_text("Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    page.locator(".cell").first.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#file")).to_contain_text("S01E02")
    page.locator(".cell").nth(1).focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#file")).to_contain_text("S02E02")

    page.goto("/library?view=table")
    unreachable = page.evaluate(
        "[...document.querySelectorAll('a, button, input, select')].filter(e => e.tabIndex < 0).length"
    )
    assert unreachable == 0


def test_a_page_shows_times_in_the_visitors_zone(open_page, rows):

    ScanState.objects.update(scanned_at="2026-01-15T23:30:00Z")
    page = open_page("/library?view=table", role="viewer", timezone_id="Asia/Tokyo", locale="en-GB")

    expect(page.locator("td time").first).to_have_text(re.compile(r"16 Jan 2026, 08:30|Jan 16, 2026, 08:30"))


def test_the_theme_follows_the_system_until_it_is_chosen(open_page, rows):
    page = open_page("/", role="viewer", color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.emulate_media(color_scheme="dark")
    expect(page.locator("body")).not_to_have_css("background-color", light)

    page.get_by_role("button", name="Account:").click()
    page.get_by_role("group", name="Theme").get_by_role("button", name="Light").click()
    expect(page.locator("body")).to_have_css("background-color", light)


def test_the_document_of_the_api_opens_under_the_strict_policy(web, open_page, rows):
    page = open_page("/api/v1/docs/", role="admin", server=web)

    expect(page.get_by_role("heading", name="Taggarr")).to_be_visible()
    page.get_by_role("button", name=re.compile("api.v1.artwork")).first.click()
    expect(page.get_by_text("Parameters").first).to_be_visible()
    # Of so many operations it shows those that can be seen.
    page.keyboard.press("End")
    expect(page.get_by_text("/api/v1/users", exact=True).first).to_be_visible()
