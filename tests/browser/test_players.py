"""What people decide about players, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.e2e


def test_a_match_in_doubt_is_chosen_and_taken_back_without_leaving_the_inbox(open_page, rows):
    link = rows.player.links.get(state="ambiguous")
    page = open_page("/inbox", role="admin")
    page.get_by_role("row", name="Twin 2").get_by_role("button", name="It is this one").click()
    expect(page.get_by_text("is matched: it is being sent.")).to_be_visible()
    link.refresh_from_db()
    assert link.pinned["id"] == "2"

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("is looked for by its files and ids again.")).to_be_visible()
    link.refresh_from_db()
    assert link.pinned is None


def test_all_that_fit_are_dismissed_after_a_question_with_their_number(open_page, rows):
    page = open_page(f"/players/{rows.player.pk}/titles?state=needed", role="admin")
    page.get_by_role("checkbox", name="Select all on this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("2")
    page.get_by_role("radio", name="all 2 matching").check()
    page.get_by_role("button", name="Dismiss…").click()
    expect(page.get_by_role("dialog")).to_contain_text("With “all matching” these are 2 titles.")
    page.get_by_role("button", name="Dismiss", exact=True).click()
    expect(page.get_by_text("2 titles are left alone until they change at their source.")).to_be_visible()
    expect(page.get_by_text("Nothing here: that is how it should be.")).to_be_visible()


def test_a_pattern_shows_what_comes_of_it_while_it_is_written(open_page, rows):
    route = rows.player.routes_in.get()
    page = open_page(f"/players/routes/{route.pk}", role="admin")
    page.get_by_label("How a label is written").fill("heard: {label}!")
    expect(page.locator("output")).to_have_text("heard: dub!")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: 5 titles are sent.")).to_be_visible()
