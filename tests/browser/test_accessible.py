"""Every page and state is opened once, for all that holds for each: by axe, on a phone, by keyboard."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser import keyboard
from tests.web import pages

pytestmark = pytest.mark.e2e

AXE = Axe().axe_script
VIOLATIONS = {"resultTypes": ["violations"]}
"""Not every element that is as it should be."""

THEMES: tuple[tuple[Literal["light", "dark"], dict[str, list[str]]], ...] = (
    ("light", VIOLATIONS),
    ("dark", {**VIOLATIONS, "runOnly": ["color-contrast", "link-in-text-block"]}),
)
"""What axe is to look for in each: in the second only the colours differ."""
PARTS = 4
"""Of the pages, so that no test takes minutes."""

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 720}


MOVING = """() => [...document.querySelectorAll("body *")].filter(one => {
    const style = getComputedStyle(one);
    return style.transitionDuration !== "0s" || style.animationName !== "none";
}).map(one => one.outerHTML.slice(0, 120)).slice(0, 3)"""
"""What moves though the system asks for less motion."""


BROKEN_WORDS = """() => {
    const broken = new Set();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const node = walker.currentNode;
        if (!node.parentElement.checkVisibility() || node.parentElement.closest("code, time, .log")) continue;
        for (const word of node.data.matchAll(/[\\p{L}]{2,24}/gu)) {
            const range = document.createRange();
            range.setStart(node, word.index);
            range.setEnd(node, word.index + word[0].length);
            const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top / 4)));
            if (lines.size > 1) broken.add(word[0]);
        }
    }
    return [...broken];
}"""
"""The words of a page that begin on one line and end on another; codes and lines of the log may."""

TWICE = """() => [...document.querySelectorAll("[id]")].map(one => one.id)
    .filter((id, place, ids) => ids.indexOf(id) < place)"""
"""The ids that more than one element of a page has."""

SERIOUS = """options => axe.run(document, options).then(told => told.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => [one.id, one.nodes.slice(0, 3).map(node => node.html.slice(0, 120))]))"""


def serious(page, theme="light"):
    """What axe finds on a page in this theme: names of rules, each with the first elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(SERIOUS, dict(THEMES)[theme])


def unfit(page):
    """What of a page is wider than a phone, or broken there."""
    width = page.evaluate("document.documentElement.scrollWidth")
    told = {"wide": width if width > PHONE["width"] else 0, "broken": page.evaluate(BROKEN_WORDS)}
    return {what: found for what, found in told.items() if found}


def states(rows):
    """Addresses at which pages look otherwise than where they are opened by themselves."""
    title, player = rows.series[2].pk, rows.player.pk
    return (
        "/library?view=table",
        "/library?view=table&verdict=wrong-dub",
        "/library?q=no+such+title",
        f"/library?kind=sonarr&verdict=wrong-dub&instance={rows.sonarr.pk}&monitored=yes",
        f"/media/{title}?file={rows.series[2].files.order_by('pk')[0].pk}",
        f"/media/{rows.series[0].pk}?file={rows.file.pk}",
        f"/media/{rows.series[4].pk}",
        f"/media/{rows.movies[2].pk}",
        "/wanted/unreadable",
        "/activity?state=cancelled",
        "/activity/history?q=no+such+title",
        "/settings/connections?q=no+such+name",
        "/search?q=no+such+title",
        f"/settings/policies/{rows.policy.pk}?version={rows.policy.versions.last().pk}",
        f"/settings/connections/{rows.sonarr.pk}/held",
        f"/players/{player}/titles?state=needed",
        f"/players/{player}/titles?q=no+such+title",
        f"/players/{player}/titles?state=ambiguous",
        "/system/audit?actor=nobody",
    )


def whole_pages():
    return [name for name in pages.shown() if name not in pages.PARTS and name != "instance_files"]


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_accessible_fits_a_phone_and_opens_by_keyboard(open_page, rows, part):
    """Axe finds nothing serious, no id is there twice, nothing moves unwanted, a phone shows all of it.

    And every control is reached by keys, shows it, opens, and gives focus back.
    """
    from scanner.models import ScanSettings, ScanState
    from scanner.policies import save_policy

    for tag in ("kids", "4k"):
        rows.policy.exclude_tags = [tag]
        save_policy(rows.policy)
    held = {"held_since": timezone.now(), "held_reason": "Too much would change."}
    ScanSettings.objects.filter(pk=rows.sonarr.pk).update(**held)
    ScanState.objects.filter(media__connection=rows.sonarr).update(dirty=True)
    # Without motion a colour is what it is at once, after a change of the theme too.
    page = open_page("/login", role="admin", viewport=DESKTOP, reduced_motion="reduce")
    page.add_init_script(keyboard.WATCH)
    shown = [pages.address(name, rows, user=user_id()) for name in whole_pages()]
    wrong = {}
    for address in (*shown, *states(rows))[part::PARTS]:
        page.goto(address)
        if page.locator("[hx-trigger*=load]").count():
            page.wait_for_load_state("networkidle")
        told = {"moves": page.evaluate(MOVING), "twice": page.evaluate(TWICE)}
        for theme, _options in THEMES:
            page.emulate_media(color_scheme=theme)
            told[theme] = serious(page, theme)
        page.set_viewport_size(PHONE)
        told |= unfit(page)
        page.set_viewport_size(DESKTOP)
        told |= keyboard.troubles(page)
        if told := {what: found for what, found in told.items() if found}:
            wrong[address] = told

    assert wrong == {}


def test_axe_finds_no_serious_violation_before_the_login(open_page, transactional_db):
    from accounts.models import User

    page = open_page("/setup")
    assert serious(page) == []
    User.objects.create_user("ada")
    page.goto("/login")
    assert serious(page) == []


def test_every_page_fits_a_phone_in_german_too(open_page, rows):
    page = open_page("/", role="admin", viewport=PHONE, locale="de")
    wrong = {}
    for name in whole_pages():
        page.goto(pages.address(name, rows, user=user_id()))
        if told := unfit(page):
            wrong[name] = told

    assert wrong == {}


SHIFTED = """() => new Promise(tell => {
    let sum = 0;
    const watch = new PerformanceObserver(list => list.getEntries().forEach(one => { sum += one.value; }));
    watch.observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => setTimeout(() => tell(sum)));
})"""


def test_a_first_visit_transfers_little_and_nothing_shifts(web, open_page, rows):
    rows.sonarr.breaker = "open"
    rows.sonarr.save()
    page = open_page("/", role="admin", server=web, viewport=PHONE)
    expect(page.locator(".issue").first).to_be_visible()
    sizes = page.evaluate(
        "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
        ".map(e => e.transferSize)"
    )

    assert 0 < sum(sizes) <= 60 * 1024
    shifts = {}
    for path in ("/", "/library?view=grid", "/wanted/missing", "/activity", "/activity/history", "/players"):
        page.goto(path)
        page.wait_for_load_state("networkidle" if path != "/activity" else "load")
        shifts[path] = page.evaluate(SHIFTED)
    assert [path for path, shift in shifts.items() if shift >= 0.05] == [], shifts


def user_id() -> int:
    from accounts.models import User

    return User.objects.values_list("pk", flat=True)[0]
