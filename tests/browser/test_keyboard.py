"""What stands around every page, by Tab, Enter and Escape alone. The pages: `test_accessible.py`."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.keyboard import WATCH, open_and_leave, tab_through

pytestmark = pytest.mark.e2e


def test_what_stands_around_every_page_opens_by_keyboard_and_gives_focus_back(open_page, rows):
    page = open_page("/login", role="admin")
    page.add_init_script(WATCH)
    page.goto("/")
    assert tab_through(page, "document.body") == {}
    assert open_and_leave(page, "document.querySelector('.me')") == {}

    search = page.get_by_role("navigation", name="Main").get_by_role("link", name="Search")
    search.press("Enter")
    field = page.get_by_role("dialog", name="Search").get_by_role("searchbox")
    expect(field).to_be_focused()
    told = tab_through(page, "document.getElementById('search')")
    # Its field alone has no outline: a line below all of the form shows the focus.
    assert [('type="search"' in one) for one in told.pop("not seen")] == [True]
    assert told == {}
    page.keyboard.press("Escape")
    expect(search).to_be_focused()

    page.locator(".skip").focus()
    expect(page.locator(".skip")).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
