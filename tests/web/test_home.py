"""The home page: what is well takes a line, what is not says so first."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from web import contract


def cards(client, **headers):
    """The cards at the top: their heading, and whether they take one line."""
    text = client.get("/", headers=headers).content.decode().partition('<ul class="tiles"')[0]
    found = re.findall(r'<section class="card( line)?"><h2>(.*?)</h2>', text)
    return {re.sub(r"<.*?>", "", title).split(" ")[0]: bool(line) for line, title in found}


def test_what_is_well_takes_one_line_and_what_runs_or_waits_does_not(rows, as_admin, monkeypatch):
    from artwork.models import ArtSettings
    from catalogue.models import Duplicate
    from jobs.models import Job
    from scanner.models import ScanSettings

    monkeypatch.setattr("web.views.home.kept_issues", list)

    rows.player.delete()  # some of its titles wait for a person, and so does what artwork would write
    ArtSettings.objects.update(held_since=None)
    rows.doubt.delete()  # a row of a list that may be a book that is there
    Duplicate.objects.all().delete()  # and two books that may be one
    calm = cards(as_admin)
    Job.objects.create(name="scan", state="running")
    busy = cards(as_admin)
    ScanSettings.objects.filter(connection=rows.sonarr).update(held_since=timezone.now())
    waits = cards(as_admin)

    assert calm == {"Health": True, "Inbox": True, "Running": True, "Backup": True}
    assert busy["Running"] is False
    assert waits["Inbox"] is False


def test_health_is_there_with_the_page_and_tells_what_to_do(rows, as_admin, as_viewer):
    rows.sonarr.breaker = "open"
    rows.sonarr.save()

    told, looked_at = (
        one.get("/").content.decode().partition('id="card-waiting"')[0].partition("<main")[2]
        for one in (as_admin, as_viewer)
    )
    assert "problem" in told
    assert "<button" in told or 'class="button"' in told
    assert "Sonarr" in looked_at
    assert "<button" not in looked_at


def test_health_is_found_once_for_many_visits_and_anew_once_somebody_acts(rows, as_admin):
    def asked():
        with CaptureQueriesContext(database) as queries:
            told = as_admin.get("/").content.decode()
        return len(queries), "Refused." in told

    first, _told = asked()
    rows.sonarr.breaker, rows.sonarr.breaker_reason = "refused", "Refused."
    rows.sonarr.save()
    second, told_then = asked()
    as_admin.post(f"/media/{rows.movies[0].pk}/attention")
    third, told_now = asked()

    assert second <= first - 20
    assert not told_then
    assert third > second
    assert told_now


def test_more_problems_than_fit_are_counted(rows, as_admin, monkeypatch):
    from web.views import home

    monkeypatch.setattr(home, "ISSUES", 0)

    rows.sonarr.breaker = "open"
    rows.sonarr.save()
    told = as_admin.get("/home/health").content.decode()

    assert "more, and what each means" in told
    assert 'class="issue' not in told


def test_a_folder_of_backups_that_cannot_be_read_takes_no_page_down(rows, as_admin, data):
    (data / "backups").rename(data / "elsewhere")
    (data / "backups").write_text("in the way")

    assert "Backup" not in cards(as_admin)


def test_a_card_may_have_nothing_to_show(rows, as_admin, monkeypatch):
    empty = [replace(one, context=lambda _: None) for one in contract.every("cards")]
    monkeypatch.setattr("web.views.home.every", lambda _kind: empty)

    assert cards(as_admin) == {}


@pytest.mark.parametrize("name", ["nonsense", "-"])
def test_a_card_that_nobody_brings_is_not_there(name, rows, as_admin):
    assert as_admin.get(f"/home/{name}").status_code == 404


def test_only_what_holds_titles_has_verdicts(rows):
    from scanner.pages.home_rows import coverage

    assert [one.name for one in coverage()] == ["Radarr", "Sonarr"]
