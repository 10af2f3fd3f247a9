"""The numbers for dashboards."""

import pytest
from django.utils import timezone

from jobs.models import Job, JobState
from system.models import KnownIssue

pytestmark = pytest.mark.django_db


def test_the_summary_is_one_flat_object_of_numbers(looking, make_media, plain_instance):
    make_media("Lantern Harbour", ["deu"], ["deu"], verdict="dub")
    make_media("Grey Orchard", ["jpn", "deu"], verdict="dub")
    make_media("Clockwork Sparrows", ["jpn"], verdict="wrong-dub")
    KnownIssue.objects.create(code="disk", source="This machine", what="The disk is nearly full.")
    ended = timezone.now().replace(microsecond=0)
    for scanned, state in ((None, JobState.COMPLETED), (None, JobState.RUNNING), (7, JobState.COMPLETED)):
        Job.objects.create(
            name="scan",
            connection=plain_instance,
            params={"media_id": scanned},
            state=state,
            finished_at=ended if state == JobState.COMPLETED and not scanned else None,
        )

    answer = looking.get("/api/v1/summary")

    assert answer.json() == {
        "media": 3,
        "files": 4,
        "dub": 2,
        "semi_dub": 0,
        "wrong_dub": 1,
        "original": 0,
        "unknown": 0,
        "issues": 1,
        "live_jobs": 1,
        "last_scan_at": ended.isoformat().replace("+00:00", "Z"),
    }


def test_a_summary_that_is_the_same_is_not_sent_again(looking, make_media):
    first = looking.get("/api/v1/summary")
    same = looking.get("/api/v1/summary", HTTP_IF_NONE_MATCH=first["ETag"])
    make_media("Lantern Harbour", ["deu"], verdict="dub")
    changed = looking.get("/api/v1/summary", HTTP_IF_NONE_MATCH=first["ETag"])

    assert (same.status_code, same.content) == (304, b"")
    assert (changed.status_code, changed.json()["dub"]) == (200, 1)
    assert first.json()["last_scan_at"] is None
