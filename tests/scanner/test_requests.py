"""Asking for work: joined where it can be, refused in one sentence where it makes no sense."""

from __future__ import annotations

import pytest

from connections.models import Connection
from core.errors import ConfigError
from jobs import services as jobs
from jobs.models import ItemState, Job, JobItem, Queue
from library.models import Media
from scanner.models import ScanSettings, ScanState
from scanner.scan.answers import release
from scanner.scan.reconcile import ReconcileHandler, reconcile_running_scans
from scanner.scan.starting import ScanParams, start_media_scan, start_reconcile, start_scan

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def media(series_instance) -> Media:
    return Media.objects.create(connection=series_instance, arr_id=1, title="A", path="/tv/A")


def test_a_disabled_instance_is_not_scanned(media):
    Connection.objects.update(enabled=False)
    media.refresh_from_db()
    with pytest.raises(ConfigError, match="Sonarr is disabled: enable it first"):
        start_scan(Connection.objects.get())
    with pytest.raises(ConfigError, match="Sonarr is disabled: enable it first"):
        start_media_scan(Media.objects.get())


def test_labels_are_not_removed_from_one_media_by_a_scan(media):
    with pytest.raises(ConfigError, match="to take them off one title, exclude it"):
        start_media_scan(media, ScanParams(mode="remove"))
    assert not Job.objects.exists()


def test_a_request_joins_the_item_that_a_full_scan_has_not_begun(series_instance, media):
    job, _ = start_scan(series_instance)
    planned = JobItem.objects.create(
        job=job,
        step="media",
        key=f"media:{media.pk}",
        subject_kind="media",
        subject_id=media.pk,
        params={"source": "disk"},
    )
    item = start_media_scan(media)
    assert item.pk == planned.pk
    assert item.queue == Queue.INTERACTIVE
    assert Job.objects.count() == 1


def test_a_request_that_meets_work_in_progress_has_it_done_again(series_instance, media):
    job, _ = start_scan(series_instance)
    JobItem.objects.create(
        job=job,
        step="media",
        key=f"media:{media.pk}",
        subject_kind="media",
        subject_id=media.pk,
        state=ItemState.CLAIMED,
    )
    assert start_media_scan(media).again


def test_a_request_does_not_join_a_scan_that_writes_nothing(series_instance, media):
    job, _ = start_scan(series_instance, ScanParams(dry_run=True))
    JobItem.objects.create(
        job=job, step="media", key=f"media:{media.pk}", subject_kind="media", subject_id=media.pk
    )
    assert start_media_scan(media).job != job


def test_twenty_requests_for_one_media_make_one_job(media):
    assert len({start_media_scan(media).pk for _ in range(20)}) == 1


def test_asking_by_hand_takes_up_a_tag_fight_again(media):
    ScanState.objects.update(reconcile_rounds=3)
    start_media_scan(media)
    assert Media.objects.get().scan_state.reconcile_rounds == 0


def test_there_is_one_whole_reconcile_of_an_instance_at_a_time(series_instance):
    first = start_reconcile(series_instance)
    assert start_reconcile(series_instance) == first
    assert start_reconcile(series_instance, media_ids=[1]) != first


def test_only_a_held_instance_is_released(series_instance):
    with pytest.raises(ConfigError, match="Sonarr is not held"):
        release(series_instance)


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"mode": "wild"}, "no scan mode 'wild'"),
        ({"fast": True}, "no parameter 'fast'"),
        ({"quick": 1}, "'quick' of a scan is true or false"),
        ({"media_id": "7"}, "'media_id' of a scan is the number"),
    ],
)
def test_wrong_parameters_of_a_scan_are_refused_with_one_sentence(params, sentence):
    with pytest.raises(ConfigError, match=sentence):
        ScanParams.of(params)


def test_a_reconcile_knows_one_parameter():
    assert ReconcileHandler().validate({}) == {"media_ids": None, "released": False}
    with pytest.raises(ConfigError, match="media_ids"):
        ReconcileHandler().validate({"media_ids": ["1"]})
    with pytest.raises(ConfigError, match="media_ids"):
        ReconcileHandler().validate({"all": True})


def test_a_first_scan_under_way_is_sent_from_every_minute(series_instance, media):
    job, _ = start_scan(series_instance)
    ScanState.objects.update(dirty=True, verdict="dub")
    assert reconcile_running_scans() == 0
    Job.objects.filter(pk=job.pk).update(created_at="2026-01-01T00:00:00Z")
    assert reconcile_running_scans() == 1
    assert reconcile_running_scans() == 0


def test_a_later_full_scan_is_not_sent_from_before_its_end(series_instance, media):
    job, _ = start_scan(series_instance)
    Job.objects.filter(pk=job.pk).update(created_at="2026-01-01T00:00:00Z")
    ScanState.objects.update(dirty=True, verdict="dub")
    ScanSettings.objects.update(last_full_scan_at="2026-01-01T00:00:00Z")
    assert reconcile_running_scans() == 0


def test_a_reconcile_job_writes_what_it_sent_into_its_summary(series_instance, sonarr):
    job = start_reconcile(series_instance)
    assert job is not None
    done = jobs.run_inline(job)
    assert done.summary["added"] == {}
    assert done.summary["held"] == ""
