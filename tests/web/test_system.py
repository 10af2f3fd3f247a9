"""Tasks: what runs on a schedule, now or at other times."""

from __future__ import annotations


def test_schedules_are_shown_in_words(rows, as_viewer):
    text = as_viewer.get("/system/tasks").content.decode()

    assert "Scan: Sonarr" in text
    assert "every hour" in text
    assert "Run now" not in text


def test_a_schedule_is_run_now(rows, as_admin):
    from jobs.models import Job

    answer = as_admin.post(f"/system/tasks/{rows.schedule.pk}/run")

    job = Job.objects.get(state="queued")
    assert (job.name, job.connection) == ("scan", rows.sonarr)
    assert answer["Location"] == f"/activity/jobs/{job.pk}"


def test_a_schedule_of_a_disabled_instance_says_why_it_does_not_run(rows, as_admin):
    rows.sonarr.enabled = False
    rows.sonarr.save()

    answer = as_admin.post(f"/system/tasks/{rows.schedule.pk}/run", follow=True)

    assert "is disabled" in answer.content.decode()


def test_a_schedule_is_changed_and_switched_off(rows, as_admin):
    where = f"/system/tasks/{rows.schedule.pk}"
    as_admin.post(where, {"enabled": "on", "kind": "daily", "at": "03:30", "number": "x"})
    rows.schedule.refresh_from_db()
    assert (rows.schedule.every, rows.schedule.cron) == (None, "30 3 * * *")
    assert "every day at 03:30" in as_admin.get("/system/tasks").content.decode()

    as_admin.post(where, {"enabled": "on", "kind": "interval", "number": "6", "unit": "hours"})
    rows.schedule.refresh_from_db()
    assert (rows.schedule.every, rows.schedule.cron) == (6 * 3600, "")
    assert "every 6 hours" in as_admin.get("/system/tasks").content.decode()

    as_admin.post(where, {"kind": "cron", "line": "30 3 1 * *"})
    rows.schedule.refresh_from_db()
    assert not rows.schedule.enabled


def test_a_schedule_that_cannot_be_is_told(rows, as_admin):
    answer = as_admin.post(
        f"/system/tasks/{rows.schedule.pk}", {"enabled": "on", "kind": "cron", "line": "now and then"}
    )

    rows.schedule.refresh_from_db()
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert rows.schedule.every == 3600
