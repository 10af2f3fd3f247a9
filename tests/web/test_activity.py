"""Jobs, what failed, and history."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs.models import Job, JobItem, JobState


@pytest.fixture
def live(rows):
    from scanner.scan.starting import start_scan

    return start_scan(rows.sonarr)[0]


def test_a_running_job_is_shown_and_looked_at_again(live, as_viewer):
    text = as_viewer.get("/activity").content.decode()

    assert f"/activity/jobs/{live.pk}" in text
    assert 'data-live="job" data-poll="2"' in text
    assert f"#{live.pk}</a> Sonarr" in text


def test_a_job_that_is_still_planned_does_not_count_to_nothing(live, as_viewer):
    text = as_viewer.get(f"/activity/jobs/{live.pk}").content.decode()

    assert "Finding out what there is to do…" in text
    assert "0 of 0" not in text
    assert "All 1" in text
    assert "0 / 0" not in as_viewer.get("/activity").content.decode()


def test_a_running_job_says_when_it_will_be_done_as_soon_as_that_can_be_told(live, as_viewer):
    begun = timezone.now() - timedelta(minutes=10)
    Job.objects.filter(pk=live.pk).update(state="running", started_at=begun)
    items = JobItem.objects.bulk_create(
        JobItem(job=live, step="media", key=str(number), state="done" if number < 5 else "pending")
        for number in range(10)
    )
    for address in ("/", "/activity", f"/activity/jobs/{live.pk}"):
        assert "about 10 min left" in as_viewer.get(address).content.decode(), address

    JobItem.objects.filter(pk=items[0].pk).update(state="pending")
    assert " left" not in as_viewer.get(f"/activity/jobs/{live.pk}").content.decode()


def test_a_job_is_cancelled_after_a_question(live, as_admin):
    page = as_admin.get(f"/activity/jobs/{live.pk}").content.decode()
    assert "Cancel this job?" in page

    answer = as_admin.post(f"/activity/jobs/{live.pk}/cancel", follow=True)

    live.refresh_from_db()
    assert live.state == "cancelled"
    assert "Cancelled: waiting items" in answer.content.decode()


def test_a_job_that_has_ended_cannot_be_cancelled(rows, as_admin):
    answer = as_admin.post(f"/activity/jobs/{rows.job.pk}/cancel", follow=True)

    assert "It had already ended." in answer.content.decode()


@pytest.mark.parametrize(
    ("name", "summary", "said"),
    [
        (
            "scan",
            {"changed": 3, "added": {"dub": 2}, "removed": {"dub": 1}, "nfo_written": 1},
            "3 verdicts changed, 3 tags changed, 1 NFO file written",
        ),
        ("scan", {"changed": 1, "would": {"added": {"dub": 1}}}, "1 verdict changed, 1 tag to change"),
        ("reconcile", {"added": {}, "removed": {}}, "nothing changed"),
        ("push", {"written": 12, "failed": 1}, "12 titles written, 1 title failed"),
        ("push", {"in_sync": 12}, "nothing to write"),
    ],
)
def test_a_job_that_has_ended_says_in_its_row_what_it_came_to(name, summary, said, rows, as_viewer):
    Job.objects.filter(pk=rows.job.pk).update(name=name, state=JobState.COMPLETED, summary=summary)
    page = as_viewer.get("/activity").content.decode()
    assert f'<span class="small muted">{said}</span>' in page


def test_a_failed_item_says_why_and_is_tried_again(rows, as_admin):
    assert "The disk is away." in as_admin.get("/activity/failed").content.decode()

    as_admin.post(f"/activity/items/{rows.failed_item.pk}/retry")

    rows.failed_item.refresh_from_db()
    assert (rows.failed_item.state, rows.failed_item.attempts) == ("pending", 0)


def test_an_item_that_did_not_fail_is_left_alone(rows, as_admin):
    rows.failed_item.state = "done"
    rows.failed_item.save()

    answer = as_admin.post(f"/activity/items/{rows.failed_item.pk}/retry", follow=True)

    assert "It had not failed." in answer.content.decode()


def test_all_failed_items_of_a_job_are_tried_again(rows, as_admin):
    answer = as_admin.post(f"/activity/jobs/{rows.job.pk}/retry", follow=True)

    assert "Retrying 1 item." in answer.content.decode()


def test_the_page_of_a_job_that_ends_is_loaded_anew(rows, live, as_viewer):
    assert "HX-Refresh" not in as_viewer.get(f"/activity/jobs/{live.pk}/live")
    assert as_viewer.get(f"/activity/jobs/{rows.job.pk}/live")["HX-Refresh"] == "true"


def test_items_are_shown_by_state(rows, as_viewer):
    assert "Title 1" in as_viewer.get(f"/activity/jobs/{rows.job.pk}?state=failed").content.decode()
    assert "No items." in as_viewer.get(f"/activity/jobs/{rows.job.pk}?state=done").content.decode()


@pytest.mark.parametrize(
    ("query", "there", "not_there"),
    [
        ("kind=verdict&q=title 3", "Title 3: wrong-dub", "Title 1: dub"),
        ("kind=nfo", "No matching history.", "Title 1"),
        ("kind=nonsense", "Title 1: dub", "No matching"),
        ("q=%00Title+13", "Title 13", "Title 3: "),
        ("at=after.nonsense", "Title 1: dub", "No matching"),
    ],
)
def test_history_is_filtered(query, there, not_there, rows, as_viewer):
    text = as_viewer.get(f"/activity/history?{query}").content.decode()

    assert there in text
    assert not_there not in text


def test_history_is_turned_forwards_and_back_and_from_its_end(rows, as_viewer):
    from history.models import Event

    Event.objects.bulk_create(
        Event(kind="verdict", code="title.added", params={"title": f"Old {number:03}", "instance": "TV"})
        for number in range(120)
    )

    def seen(address):
        page = as_viewer.get(address).context["found"]
        return page, [event.params.get("title") for event in page.rows]

    first, newest = seen("/activity/history?q=&kind=verdict")
    second, older = seen(f"/activity/history?kind=verdict&at={first.next}")
    assert (len(newest), newest[0], first.previous) == (50, "Old 119", "")
    assert (older[0], older[-1]) == ("Old 069", "Old 020")
    assert seen(f"/activity/history?kind=verdict&at={second.previous}")[1] == newest
    last, _oldest = seen("/activity/history?kind=verdict&at=end")
    assert (last.next, bool(last.previous)) == ("", True)


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ("", {"scan", "notify"}),
        ("kind=scan", {"scan"}),
        ("kind=nonsense&state=nonsense&instance=x", {"scan", "notify"}),
        ("state=failed", set()),
        ("q=sonarr", {"scan"}),
        ("q=a+scan", set()),
        ("q=scan", {"scan"}),
    ],
)
def test_jobs_are_filtered_by_what_they_are_where_and_how_they_ended(query, there, rows, as_viewer):
    page = as_viewer.get(f"/activity?{query}")

    assert {job.name for job in page.context["found"].rows} == there
    assert ("Nothing fits these filters." in page.content.decode()) == (not there)


def test_a_job_is_found_by_its_number_and_its_list_kept_as_a_view(rows, as_viewer, live):
    page = as_viewer.get(f"/activity?q=%23{live.pk}")
    assert [job.job for job in page.context["live"]] == [live.pk]
    assert page.context["found"].rows == []
    assert f"/activity/live?q=%23{live.pk}" in page.content.decode()
    assert as_viewer.get(f"/activity?state=completed&instance={rows.sonarr.pk}").context["live"] == []

    for name in ("activity", "history"):
        view = {"name": "Scans", "query": "kind=scan", "is_default": "on"}
        as_viewer.post(f"/lists/{name}/views", view)
        assert as_viewer.get(reverse(name))["Location"] == f"{reverse(name)}?kind=scan"


def test_history_of_one_instance(rows, as_viewer):
    text = as_viewer.get(f"/activity/history?instance={rows.radarr.pk}").content.decode()

    assert "Title 13" in text
    assert "Title 3:" not in text


@pytest.mark.parametrize(
    ("slug", "title"),
    [("missing", "Title 2"), ("wrong", "Title 13"), ("unreadable", "Title 15")],
)
def test_wanted_lists_hold_what_they_say(slug, title, rows, as_viewer):
    text = as_viewer.get(f"/wanted/{slug}").content.decode()

    assert title in text
    assert "Title 1 " not in text


def test_a_file_that_was_read_without_a_verdict_is_undetermined(rows, as_viewer):
    from scanner.models import FileScanState

    assert "that is how it should be" in as_viewer.get("/wanted/undetermined").content.decode()
    FileScanState.objects.filter(file__media=rows.movies[0]).update(verdict="unknown")
    assert "Title 11" in as_viewer.get("/wanted/undetermined").content.decode()


def test_excluded_media_are_not_wanted(rows, as_viewer):
    rows.movies[2].excluded = True
    rows.movies[2].save()

    assert "Title 13" not in as_viewer.get("/wanted/wrong").content.decode()


def test_there_is_no_other_list(rows, as_viewer):
    assert as_viewer.get("/wanted/everything").status_code == 404


def test_wanted_is_listed_by_title_season_and_episode_and_offers_only_what_holds_titles(rows, as_viewer):
    page = as_viewer.get("/wanted/missing")
    files = page.context["found"].rows
    assert [(file.media.title, file.episodes) for file in files][:4] == [
        ("Title 2", [1]),
        ("Title 2", [2]),
        ("Title 2", [3]),
        ("Title 2", [1]),
    ]
    assert '#file">S01E01</a>' in page.content.decode()
    assert "Plex" not in page.content.decode().partition('name="instance"')[2].partition("</select>")[0]
