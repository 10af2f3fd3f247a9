"""Every page is checked by axe, in both themes, and at the width of a phone; nothing may stick out."""

from __future__ import annotations

from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.web import pages

pytestmark = pytest.mark.e2e

SERIOUS = {"serious", "critical"}
VIOLATIONS = {"resultTypes": ["violations"]}
"""Not every element that is as it should be."""

THEMES: tuple[tuple[Literal["light", "dark"], dict[str, list[str]]], ...] = (
    ("light", VIOLATIONS),
    ("dark", {**VIOLATIONS, "runOnly": ["color-contrast", "link-in-text-block"]}),
)
"""What axe is to look for in each: in the second only the colours differ."""
PHONE = {"width": 390, "height": 844}


def whole_pages():
    return [name for name in pages.shown() if name not in pages.PARTS and name != "instance_files"]


def test_axe_finds_no_serious_violation(open_page, rows):
    # Without motion a colour is what it is at once, after a change of the theme too.
    page = open_page("/", role="admin", reduced_motion="reduce")
    found = {}
    for name in whole_pages():
        page.goto(pages.address(name, rows, user=1 if name != "user" else user_id()))
        if page.locator("[hx-trigger*=load]").count():
            page.wait_for_load_state("networkidle")
        for theme, options in THEMES:
            page.emulate_media(color_scheme=theme)
            violations = Axe().run(page, options=options).response["violations"]
            if serious := [one for one in violations if one["impact"] in SERIOUS]:
                nodes = [(one["id"], [node["html"][:120] for node in one["nodes"][:3]]) for one in serious]
                found[name, theme] = nodes

    assert found == {}


def test_axe_finds_no_serious_violation_before_the_login(open_page, transactional_db):
    from accounts.models import User

    page = open_page("/setup")
    setup = Axe().run(page).response["violations"]
    User.objects.create_user("ada")
    page.goto("/login")
    login = Axe().run(page).response["violations"]

    assert [one["id"] for one in setup + login if one["impact"] in SERIOUS] == []


def test_no_page_is_wider_than_a_phone(open_page, rows):
    page = open_page("/", role="admin", viewport=PHONE)
    wide = {}
    for name in whole_pages():
        page.goto(pages.address(name, rows, user=user_id()))
        width = page.evaluate("document.documentElement.scrollWidth")
        if width > PHONE["width"]:
            wide[name] = width

    assert wide == {}


def test_a_first_visit_transfers_little(web, open_page, rows):
    page = open_page("/", role="admin", server=web)
    expect(page.get_by_text("Looking…")).to_have_count(0)
    sizes = page.evaluate(
        "performance.getEntriesByType('navigation').concat(performance.getEntriesByType('resource'))"
        ".map(e => e.transferSize)"
    )

    assert 0 < sum(sizes) <= 60 * 1024


def user_id() -> int:
    from accounts.models import User

    return User.objects.values_list("pk", flat=True)[0]
