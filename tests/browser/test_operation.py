"""What admins do to run Taggarr, done in a browser: notifications, backups, logs, settings, schedules."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_browser import run_jobs
from tests.notify.conftest import peer  # noqa: F401
from tests.waiting import wait_until

pytestmark = pytest.mark.e2e


def test_add_a_channel_with_a_real_message_and_delete_it(open_page, rows, peer):  # noqa: F811
    from notify.models import Channel

    hook = peer("http")
    page = open_page("/settings/notifications", role="admin")
    page.get_by_role("link", name="Add a channel").click()
    page.get_by_role("link", name="JSON webhook").click()
    page.get_by_label("Name").fill("Hook")
    page.get_by_label("Address").fill(f"http://127.0.0.1:{hook.port}/x")
    page.get_by_label("Secret", exact=True).fill("a secret that is long enough")
    page.get_by_label("Dub complete").check()
    page.get_by_label("Sonarr").check()
    page.get_by_role("button", name="Save and test").click()

    expect(page.get_by_text("The webhook answers 200.")).to_be_visible()
    assert "Taggarr: a test" in hook.next()["body"]
    expect(page.get_by_placeholder("****ough")).to_have_value("")

    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("dialog")).to_contain_text("Taggarr deletes this channel")
    page.get_by_role("button", name="Delete it").click()
    expect(page.get_by_text("Hook is deleted.")).to_be_visible()
    assert not Channel.objects.filter(name="Hook").exists()


def test_make_a_backup_have_it_restored_and_think_better_of_it(open_page, rows):
    from system.backup.services import list_backups, staged

    page = open_page("/system/backups", role="admin")
    page.get_by_role("button", name="Back up now").click()
    expect(page.get_by_text("A backup is being made.")).to_be_visible()
    run_jobs()
    expect(page.get_by_text("✓ intact")).to_be_visible()

    made = list_backups()[0].name
    page.get_by_role("link", name=re.compile(rf"^Restore….*{made}")).click()
    expect(page.get_by_text("Anything that changes between now and then is lost.")).to_be_visible()
    page.get_by_role("button", name="Restore at the next start").click()
    expect(page.get_by_text("will be restored the next time Taggarr starts. Anything")).to_be_visible()
    page.get_by_role("button", name="Cancel the restore").click()
    expect(page.get_by_text("Cancelled: nothing will be restored")).to_be_visible()
    assert staged() is None

    with page.expect_download() as download:
        page.get_by_role("link", name=made, exact=True).click()
    assert download.value.suggested_filename == made


def test_log_lines_appear_as_they_come(web, open_page, transactional_db):
    from core import live

    page = open_page("/system/logs?level=warning&q=gong", role="admin", server=web)
    expect(page.locator("#log-state")).to_have_text("Live")
    wanted = page.locator("#log li", has_text="no <b>gong</b> here")

    def tell_and_look():
        # The stream is open a moment before its reader is.
        for level, message in (
            ("info", "a gong"),
            ("error", "nothing"),
            ("error", "no <b>gong</b> here"),
        ):
            live.publish("log", {"level": level, "logger": "scanner", "message": message})
        return wanted.count()

    wait_until(tell_and_look)
    expect(page.locator("#log li", has_not_text="no <b>gong</b> here")).to_have_count(0)

    page.get_by_role("button", name="Pause").click()
    expect(page.locator("#log-state")).to_have_text("Paused")
    page.get_by_role("button", name="Resume").click()
    expect(page.locator("#log-state")).to_have_text("Live")


def test_change_how_long_history_is_kept_and_read_who_did_it(open_page, rows):
    page = open_page("/settings/general", role="admin")
    page.get_by_label("Days of history").fill("100")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()

    page.goto("/system/audit")
    page.get_by_label("Kind").select_option("schedule")
    row = page.locator("tbody tr").first
    expect(row).to_contain_text("history: 100")
    expect(row).to_contain_text("admin")


def test_change_a_schedule_by_keyboard(open_page, rows):
    page = open_page(f"/system/tasks/{rows.schedule.pk}", role="admin")
    page.get_by_label("How often").select_option("Every week")
    expect(page.get_by_label("Every", exact=True)).to_be_hidden()
    page.get_by_label("On", exact=True).select_option("Sunday")
    page.get_by_label("At", exact=True).fill("04:15")
    page.keyboard.press("Enter")

    expect(page.get_by_text("Sundays at 04:15")).to_be_visible()
