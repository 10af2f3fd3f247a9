"""What stands around every page: the bar of a phone, search, the inbox's badge, toasts, focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.test_accessible import PHONE, serious

pytestmark = pytest.mark.e2e

FINGER = 44


def test_on_a_phone_a_bar_leads_everywhere(open_page, rows):
    page = open_page("/", role="admin", viewport=PHONE, has_touch=True)
    bar = page.get_by_role("navigation", name="Main")
    stops = bar.locator("a:visible, button:visible")
    assert [text.split()[0] for text in stops.all_inner_texts()] == [
        "Home",
        "Library",
        "Search",
        "Inbox",
        "More",
    ]
    assert min(box["height"] for stop in stops.all() if (box := stop.bounding_box())) >= FINGER

    page.get_by_role("button", name="More").tap()
    sheet = page.get_by_role("dialog", name="Account")
    for name in ("Wanted", "Activity", "Settings", "System", "Password", "Sign-in settings"):
        expect(sheet.get_by_role("link", name=name, exact=True)).to_be_visible()
    small = [box for stop in sheet.locator("a, button").all() if (box := stop.bounding_box())]
    assert [box for box in small if box["height"] < FINGER] == []

    sheet.get_by_role("link", name="Wanted").tap()
    page.wait_for_url("**/wanted**")
    page.get_by_role("button", name="Account:").tap()
    page.get_by_role("button", name="Sign out").tap()
    page.wait_for_url("**/login")


def test_on_a_phone_a_list_has_one_row_and_a_sheet_for_its_filters(open_page, rows):
    page = open_page("/library?view=table", role="viewer", viewport=PHONE, has_touch=True)
    toolbar = page.get_by_role("main").get_by_role("search")
    assert 0 < toolbar.bounding_box()["height"] <= FINGER + 2
    kind = page.get_by_label("Kind", exact=True)
    expect(kind).to_be_hidden()

    toolbar.get_by_role("button", name="Filters").tap()
    sheet = page.get_by_role("group", name="Filters")
    kind.select_option("Movies")
    page.get_by_label("Sort").select_option("Newest year first")
    assert serious(page) == []
    sheet.get_by_role("button", name="Show").tap()
    page.wait_for_url("**kind=radarr**sort=-year**")
    expect(toolbar.get_by_role("button", name="Filters 1")).to_be_visible()
    expect(page.get_by_role("list", name="Filters that are set")).to_contain_text("Movies")

    toolbar.get_by_role("button", name="Filters").tap()
    sheet.get_by_role("button", name="Views…").tap()
    expect(page.get_by_role("dialog", name="Keep this view")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()


@pytest.mark.parametrize("scripts", [True, False], ids=["", "without scripts"])
def test_a_list_has_one_row_of_filters_and_the_rest_opens(open_page, rows, scripts):
    wide = {"width": 1440, "height": 900}
    for locale in ("en", "de"):
        page = open_page("/library?view=table", role="viewer", viewport=wide, locale=locale)
        toolbar = page.get_by_role("main").get_by_role("search").bounding_box()
        assert toolbar["height"] < FINGER

    page = open_page("/library?view=table", role="viewer", viewport=wide, java_script_enabled=scripts)
    monitored = page.get_by_label("Monitored", exact=True)
    expect(monitored).to_be_hidden()
    page.get_by_role("button", name="More filters").click()
    monitored.select_option("Monitored")
    page.get_by_label("State", exact=True).select_option("Excluded")
    page.get_by_role("group", name="More filters").get_by_role("button", name="Show").click()
    page.wait_for_url("**monitored=yes&state=excluded**")
    chips = page.get_by_role("list", name="Filters that are set")
    expect(chips).to_contain_text("Monitored")
    chips.get_by_role("link", name="Excluded Remove").click()
    page.wait_for_url(lambda address: "monitored=yes" in address and "excluded" not in address)


def test_search_finds_titles_and_acts_by_keyboard_alone(open_page, rows):
    title = rows.series[0]
    page = open_page("/activity/history", role="admin")
    page.locator("main a").first.focus()
    page.keyboard.press("/")
    dialog = page.get_by_role("dialog", name="Search")
    field = dialog.get_by_role("searchbox")
    expect(field).to_be_focused()

    page.keyboard.type(title.title[:6])
    expect(dialog.get_by_role("link", name=title.title).first).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("ArrowDown")
    expect(dialog.locator(".found a").first).to_be_focused()
    page.keyboard.type("x")
    expect(field).to_have_value(f"{title.title[:6]}x")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(page.locator("main a").first).to_be_focused()

    page.keyboard.press("Control+k")
    expect(field).to_be_focused()
    page.keyboard.type(title.title)
    expect(dialog.locator(f'.found[data-q="{title.title}"]')).to_be_attached()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/media/{title.pk}")

    page.keyboard.press("/")
    page.keyboard.type("scan sonarr now")
    expect(dialog.get_by_role("button", name="Scan Sonarr now")).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url("**/activity/jobs/*")


def test_search_and_the_menus_work_without_scripts(open_page, rows):
    page = open_page("/", role="viewer", java_script_enabled=False)
    page.get_by_role("link", name="Search").click()
    page.get_by_role("searchbox").fill(rows.series[0].title)
    page.keyboard.press("Enter")
    page.locator("main").get_by_role("link", name=rows.series[0].title).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(rows.series[0].title)

    page.get_by_role("button", name="Account:").click()
    page.get_by_role("group", name="Theme").get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_the_inbox_asks_and_its_badge_follows(open_page, rows, monkeypatch):
    from web import contract

    waits = ["A bear", "A cow", "A dog"]
    kind = contract.InboxKind(
        "toys",
        "Toys in doubt",
        "library",
        1,
        lambda user: len(waits),
        lambda user, most: [contract.InboxEntry(one, link="/library") for one in waits[:most]],
    )
    every = contract.every
    monkeypatch.setattr(contract, "every", lambda what: [kind] if what == "inbox" else every(what))

    page = open_page("/", role="admin")
    inbox = page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox")
    badge = inbox.locator(".badge")
    expect(inbox).to_have_accessible_name("Inbox 3 waiting")
    badge.evaluate("part => { part.dataset.poll = 0.2 }")
    waits.pop()
    expect(inbox).to_have_accessible_name("Inbox 2 waiting")

    inbox.click()
    expect(page.locator("main").get_by_role("link", name="A cow")).to_be_visible()
    bear, cow = (page.locator(".inbox > ul > li").nth(place).bounding_box() for place in range(2))
    assert bear["y"] == cow["y"], "on a desk they stand beside each other"
    waits.clear()
    page.reload()
    expect(page.get_by_text("Nothing waits for you.")).to_be_visible()
    expect(badge).to_be_hidden()


def test_popovers_take_focus_and_give_it_back(open_page, rows):
    page = open_page(f"/activity/jobs/{rows.job.pk}", role="admin")
    me = page.get_by_role("button", name="Account:")
    me.focus()
    page.keyboard.press("Enter")
    sheet = page.get_by_role("dialog", name="Account")
    expect(sheet).to_be_focused()
    assert serious(page) == []
    page.keyboard.press("Tab")
    assert sheet.evaluate("sheet => sheet.contains(document.activeElement)")
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(me).to_be_focused()

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(keys).to_be_focused()
    keys.get_by_role("checkbox").uncheck()
    page.keyboard.press("Escape")
    expect(me).to_be_focused()
    page.keyboard.press("?")
    expect(keys).to_be_hidden()


def test_what_happened_is_told_without_moving_the_page(open_page, rows):
    page = open_page("/settings/general", role="admin")
    before = page.get_by_role("heading", level=1).bounding_box()
    page.get_by_label("Days of history").fill("100")
    page.get_by_role("button", name="Save").click()
    toast = page.get_by_role("status").filter(has_text="Saved.")
    expect(toast).to_be_visible()
    # A toast is there before the page has its style.
    page.wait_for_load_state()
    assert page.get_by_role("heading", level=1).bounding_box() == before
    toast.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Saved.")).to_have_count(0)


COVERED = """() => {
    const over = [...document.querySelectorAll(".toasts .message")].map(one => one.getBoundingClientRect());
    const pressed = [...document.querySelectorAll("main :is(a, button, input, select)")];
    return pressed.filter(one => {
        const box = one.getBoundingClientRect();
        return over.some(toast => toast.top < box.bottom && box.top < toast.bottom
            && toast.left < box.right && box.left < toast.right);
    }).map(one => one.outerHTML);
}"""
"""The fields and buttons that lie behind a toast."""


def test_on_a_phone_what_is_told_covers_no_field(open_page, rows):
    page = open_page("/settings/general", role="admin", viewport=PHONE)
    page.get_by_label("Days of history").fill("100")
    page.get_by_role("button", name="Save").click()
    toast = page.get_by_role("status").filter(has_text="Saved.")
    expect(toast).to_be_visible()
    page.wait_for_load_state()
    for down in (0, 300, 600):
        page.evaluate(f"scrollTo(0, {down})")
        assert page.evaluate(COVERED) == []


def test_the_language_of_the_pages_is_chosen_in_the_account_menu(open_page, rows):
    page = open_page("/", role="viewer")
    page.get_by_role("button", name="Account:").click()
    page.get_by_label("Language of the pages").select_option("de")

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("button", name="Konto:")).to_be_visible()


def test_the_pages_can_be_installed(open_page, rows, live_server):
    page = open_page("/", role="viewer")
    told = page.evaluate(
        """async () => {
            const at = document.querySelector("link[rel=manifest]").href;
            const manifest = await (await fetch(at)).json();
            const icons = manifest.icons.map(icon => new URL(icon.src, at).href);
            icons.push(document.querySelector("link[rel=apple-touch-icon]").href);
            const types = [];
            for (const icon of icons) types.push((await fetch(icon)).headers.get("content-type"));
            return {start: new URL(manifest.start_url, at).href, types};
        }"""
    )
    assert told["start"] == f"{live_server.url}/"
    assert told["types"] == ["image/svg+xml", *["image/png"] * 4]


def test_on_a_phone_tabs_fade_where_they_go_on_and_show_the_one_that_is_open(open_page, rows):
    page = open_page("/settings/general", role="admin", viewport=PHONE, has_touch=True)
    tabs = page.locator(".tabs")
    expect(tabs.get_by_role("link", name="General")).to_be_in_viewport(ratio=1)
    for left, before, after in ((0, "0px", "40px"), (9999, "40px", "0px")):
        tabs.evaluate("(tabs, left) => { tabs.scrollLeft = left }", left)
        expect(tabs).to_have_css("--before", before)
        expect(tabs).to_have_css("--after", after)

    page.goto("/library")
    expect(tabs).to_have_css("--after", "0px")


def test_on_a_phone_a_title_has_one_row_of_acts_and_a_sheet_for_the_rest(open_page, rows):
    page = open_page(f"/media/{rows.series[0].pk}", role="admin", viewport=PHONE, has_touch=True)
    acts = page.locator(".hero .actions")
    assert acts.bounding_box()["height"] <= FINGER + 2
    options = page.get_by_role("link", name="Options")
    expect(options).to_be_hidden()
    more = acts.get_by_role("button", name="More")
    more.tap()
    expect(options).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")

    page.get_by_role("group", name="More", include_hidden=True).evaluate(
        "sheet => sheet.replaceChildren(sheet.lastElementChild)"
    )
    expect(more).to_be_hidden()
    expect(acts.get_by_role("link")).to_be_visible()
