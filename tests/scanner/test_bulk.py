"""Many media at once: scanning, excluding, and giving them a policy."""

from __future__ import annotations

import pytest

from .build import media_named, tags_at, verdicts, writes_at


@pytest.fixture
def scanned(shows, series_instance, scan):
    scan(series_instance)
    return series_instance


def send(connection):
    from jobs.models import Job
    from jobs.services import run_inline

    for job in Job.objects.filter(connection=connection, state__in=["queued", "running"]):
        run_inline(job)


def all_media():
    from library.models import Media

    return Media.objects.all()


def test_a_few_are_scanned_each_by_itself(scanned):
    from jobs.models import JobItem
    from scanner import bulk

    assert bulk.scan_many(all_media()) == 5
    assert JobItem.objects.filter(step="media", state="pending", queue="interactive").count() == 5


def test_many_are_left_to_one_scan_of_their_instance(scanned, monkeypatch):
    from jobs.models import Job
    from library.models import Media
    from scanner import bulk

    monkeypatch.setattr(bulk, "AT_ONCE", 2)
    bulk.scan_many(Media.objects.exclude(title="Empty"))

    job = Job.objects.get(state="queued")
    send(scanned)
    found = Media.objects.filter(pk__in=job.items.filter(step="media").values("subject_id"))
    assert set(found.values_list("title", flat=True)) == {
        "Dubbed",
        "Half",
        "Wrong",
        "Native",
    }


def test_media_of_a_disabled_instance_are_not_scanned(scanned):
    from scanner import bulk

    scanned.enabled = False
    scanned.save()

    assert bulk.scan_many(all_media()) == 0


def test_excluded_media_lose_our_tags_where_the_policy_asks(scanned, sonarr):
    from history.models import Event
    from library.models import Media
    from scanner import bulk

    scanned.scan_settings.policy.untag_excluded = True
    scanned.scan_settings.policy.save()
    count = bulk.exclude_many(Media.objects.filter(title__in=["Dubbed", "Half"]), excluded=True)
    send(scanned)

    assert count == 2
    assert tags_at(sonarr)["Dubbed"] == {"4k"}
    assert tags_at(sonarr)["Half"] == set()
    assert Event.objects.filter(kind="by_hand", code="hand.excluded-many", params={"number": 2}).exists()


def test_excluded_media_keep_our_tags_otherwise(scanned, sonarr):
    from scanner import bulk

    sonarr.clear_journal()
    bulk.exclude_many(all_media(), excluded=True)
    send(scanned)

    assert writes_at(sonarr) == []


def test_media_that_are_taken_back_in_wait_for_a_scan(scanned):
    from scanner import bulk

    bulk.exclude_many(all_media(), excluded=True)
    assert bulk.exclude_many(all_media(), excluded=False) == 5

    assert media_named("Dubbed").scan_state.scanned_fingerprint == ""
    assert not media_named("Dubbed").excluded


def test_another_policy_is_decided_at_once_and_written(scanned, sonarr):
    from library.models import Media
    from scanner import bulk
    from scanner.models import Policy

    german = Policy.objects.create(name="German", target_languages=["deu"])
    count = bulk.set_policy_many(Media.objects.filter(title__in=["Dubbed", "Wrong"]), german)
    send(scanned)

    assert count == 2
    assert verdicts()["Dubbed"] == "wrong-dub"
    assert tags_at(sonarr)["Dubbed"] == {"4k", "wrong-dub"}

    assert bulk.set_policy_many(all_media(), None) == 2
    assert verdicts()["Dubbed"] == "dub"


def test_nothing_chosen_changes_nothing(scanned):
    from history.models import Event
    from library.models import Media
    from scanner import bulk

    before = Event.objects.count()

    assert bulk.exclude_many(Media.objects.none(), excluded=True) == 0
    assert Event.objects.count() == before
