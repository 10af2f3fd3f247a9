"""Who may work on an item: claims, leases, fencing, and the close of a job."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection as database
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from connections.models import Breaker, Connection
from jobs import claims, services
from jobs.claims import Trouble
from jobs.handlers import Cancelled, ClaimLost
from jobs.models import ItemState, Job, JobItem, JobState
from tests.jobs.scripted import Scripted

Planned = Callable[..., Job]


def unit(job: Job) -> JobItem:
    return job.items.filter(step="unit").earliest("pk")


def claimed(job: Job) -> JobItem:
    found = claims.claim(unit(job).pk)
    assert found is not None
    return found


def test_a_claim_counts_an_attempt_and_sets_a_lease_by_the_clock_of_the_database(planned: Planned, settings):
    settings.JOB_LEASE = 60
    item = claimed(planned())
    item.refresh_from_db()
    assert item.state == ItemState.CLAIMED
    assert item.attempts == 1
    left = JobItem.objects.annotate(left=F("lease_until") - Now()).get(pk=item.pk).left
    assert timedelta(seconds=55) < left <= timedelta(seconds=60)


def test_what_is_claimed_is_the_whole_item(planned: Planned):
    job = planned()
    JobItem.objects.filter(job=job, step="unit").update(params={"file": ["ä", 1]}, error="before")
    item = claimed(job)
    assert item.params == {"file": ["ä", 1]}
    assert (item.key, item.step, item.error, item.job_id) == ("unit:0", "unit", "before", job.pk)


def test_an_item_is_claimed_once(planned: Planned):
    item = claimed(planned())
    assert claims.claim(item.pk) is None


@pytest.mark.django_db(transaction=True)
def test_of_many_claims_at_the_same_time_one_succeeds(planned: Planned):
    item = unit(planned())

    def one(_: int) -> bool:
        try:
            return claims.claim(item.pk) is not None
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == 1


def test_an_item_that_is_not_due_is_not_claimed(planned: Planned):
    item = unit(planned())
    JobItem.objects.filter(pk=item.pk).update(due_at=Now() + timedelta(seconds=30))
    assert claims.claim(item.pk) is None


def test_an_item_that_does_not_exist_is_not_claimed(db: None):
    assert claims.claim(123456789) is None


@pytest.mark.parametrize("state", [JobState.COMPLETED, JobState.FAILED, JobState.CANCELLED])
def test_an_item_of_a_job_that_has_ended_is_not_claimed(planned: Planned, state: JobState):
    job = planned()
    Job.objects.filter(pk=job.pk).update(state=state)
    assert claims.claim(unit(job).pk) is None


@pytest.mark.parametrize("breaker", [Breaker.OPEN, Breaker.REFUSED])
def test_an_item_of_an_instance_that_is_left_alone_spends_no_attempt(
    planned: Planned, connection: Connection, breaker: Breaker
):
    job = planned(connection=connection)
    Connection.objects.update(breaker=breaker)
    assert claims.claim(unit(job).pk) is None
    assert unit(job).attempts == 0
    Connection.objects.update(breaker=Breaker.CLOSED)
    assert claims.claim(unit(job).pk) is not None


def test_an_item_of_a_disabled_instance_waits(planned: Planned, connection: Connection):
    job = planned(connection=connection)
    Connection.objects.update(enabled=False)
    assert claims.claim(unit(job).pk) is None


def test_the_first_claim_sets_the_job_running(db: None, muted: None, scripted: Scripted):
    job, _ = services.start("scripted")
    assert (job.state, job.started_at) == (JobState.QUEUED, None)
    claims.claim(job.items.get().pk)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING
    assert job.started_at is not None


def test_a_lease_is_renewed_and_never_shortened(planned: Planned, settings):
    settings.JOB_LEASE = 10
    item = claimed(planned())
    claims.renew(item, seconds=300)
    long = JobItem.objects.get(pk=item.pk).lease_until
    claims.renew(item)
    assert JobItem.objects.get(pk=item.pk).lease_until == long
    assert long is not None
    assert item.lease_until is not None
    assert long > item.lease_until + timedelta(seconds=280)


def lose(item: JobItem) -> None:
    """Let another worker hold the item."""
    JobItem.objects.filter(pk=item.pk).update(state=ItemState.PENDING)
    assert claims.claim(item.pk) is not None


@pytest.mark.parametrize(
    "act",
    [
        claims.renew,
        claims.look,
        lambda item: claims.end(item, ItemState.DONE, took_ms=1),
        lambda item: claims.cancel(item, 1),
        lambda item: claims.put_back(item, attempts=0),
    ],
    ids=["renew", "look", "end", "cancel", "put_back"],
)
def test_a_worker_that_lost_its_claim_changes_nothing(planned: Planned, act: Callable[[JobItem], object]):
    item = claimed(planned())
    lose(item)
    before = JobItem.objects.filter(pk=item.pk).values().get()
    with pytest.raises(ClaimLost):
        act(item)
    assert JobItem.objects.filter(pk=item.pk).values().get() == before


def test_a_worker_that_lost_its_claim_ends_nothing_in_a_cancelled_job_either(planned: Planned):
    job = planned()
    item = claimed(job)
    lose(item)
    services.cancel(job)
    with transaction.atomic(), pytest.raises(ClaimLost):
        claims.end(item, ItemState.DONE, took_ms=1)
    item.refresh_from_db()
    assert item.state == ItemState.CLAIMED


def test_looking_says_that_the_job_was_cancelled(planned: Planned):
    job = planned()
    item = claimed(job)
    claims.look(item)
    services.cancel(job)
    with pytest.raises(Cancelled):
        claims.look(item)


def test_looking_at_an_item_that_was_deleted_is_a_lost_claim(planned: Planned):
    item = claimed(planned())
    JobItem.objects.filter(pk=item.pk).delete()
    with pytest.raises(ClaimLost):
        claims.look(item)


def test_an_end_keeps_the_result_and_clears_the_trouble_of_earlier_attempts(planned: Planned):
    job = planned()
    JobItem.objects.filter(job=job, step="unit").update(error="away", error_kind="StorageError")
    item = claimed(job)
    assert claims.end(item, ItemState.DONE, took_ms=12, result={"files": 3})
    item.refresh_from_db()
    assert (item.state, item.result, item.took_ms) == (ItemState.DONE, {"files": 3}, 12)
    assert (item.error, item.error_kind, item.claim, item.lease_until) == ("", "", None, None)
    assert item.finished_at is not None


def test_text_that_the_database_cannot_hold_is_cleaned(planned: Planned):
    item = claimed(planned())
    claims.end(item, ItemState.FAILED, took_ms=1, trouble=Trouble("ProbeError", "bad\0name"))
    item.refresh_from_db()
    assert item.error == "badname"


def test_an_item_asked_for_again_is_pending_once_more_when_it_ends(planned: Planned):
    item = claimed(planned())
    JobItem.objects.update(again=True)
    with transaction.atomic():
        assert not claims.end(item, ItemState.DONE, took_ms=1)
    item.refresh_from_db()
    assert (item.state, item.again, item.attempts) == (ItemState.PENDING, False, 0)
    assert item.published_at is not None
    assert claims.claim(item.pk) is not None


def test_an_item_asked_for_again_in_a_cancelled_job_just_ends(planned: Planned):
    job = planned()
    item = claimed(job)
    JobItem.objects.filter(pk=item.pk).update(again=True)
    services.cancel(job)
    with transaction.atomic():
        assert claims.end(item, ItemState.DONE, took_ms=1)
    item.refresh_from_db()
    assert (item.state, item.again) == (ItemState.DONE, False)


def test_a_lease_that_runs_is_not_taken_over(planned: Planned):
    item = claimed(planned())
    assert not claims.take_over(item)
    claims.look(item)


def test_a_lease_that_ran_out_is_taken_over_once_and_fences_the_worker_off(planned: Planned):
    item = claimed(planned())
    JobItem.objects.filter(pk=item.pk).update(lease_until=Now() - timedelta(seconds=1))
    first, second = JobItem.objects.get(pk=item.pk), JobItem.objects.get(pk=item.pk)
    assert claims.take_over(first)
    assert not claims.take_over(second)
    with pytest.raises(ClaimLost):
        claims.end(item, ItemState.DONE, took_ms=1)
    claims.look(first)


def test_a_job_with_a_live_item_is_not_closed(planned: Planned):
    job = planned(2)
    claims.end(claimed(job), ItemState.DONE, took_ms=1)
    assert claims.close(job) is None
    item = claims.claim(job.items.get(key="unit:1").pk)
    assert item is not None
    assert claims.close(job) is None
    claims.end(item, ItemState.FAILED, took_ms=1)
    finish = claims.close(job)
    assert finish is not None
    assert job.items.get(pk=finish).step == "finish"


@pytest.mark.django_db(transaction=True)
def test_of_many_closes_at_the_same_time_one_makes_the_finish(planned: Planned):
    job = planned()
    claims.end(claimed(job), ItemState.DONE, took_ms=1)

    def one(_: int) -> bool:
        try:
            return claims.close(job) is not None
        finally:
            database.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(24))) == 1
    assert job.items.filter(step="finish").count() == 1
    job.refresh_from_db()
    assert job.state == JobState.FINISHING


def test_the_finish_goes_to_the_queue_of_its_job(planned: Planned):
    job = planned(0)
    assert job.items.get(step="finish").queue == "bulk"
    Job.objects.filter(pk=job.pk).update(queue="interactive", state=JobState.RUNNING)
    job.items.filter(step="finish").delete()
    assert claims.close(job) is not None
    assert job.items.get(step="finish").queue == "interactive"


def test_a_job_that_moved_on_is_not_ended_by_its_finish(planned: Planned):
    job = planned(0)
    finish = job.items.get(step="finish")
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    claims.end_job(finish, JobState.COMPLETED)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_a_claim_can_be_tried_again_after_each_put_back(planned: Planned):
    item = claimed(planned())
    claims.put_back(
        item, attempts=item.attempts, delay=60, trouble=Trouble("StorageError", "The disk is away.")
    )
    item.refresh_from_db()
    assert (item.state, item.error, item.published_at) == (ItemState.PENDING, "The disk is away.", None)
    assert claims.claim(item.pk) is None
    JobItem.objects.filter(pk=item.pk).update(due_at=F("due_at") - timedelta(seconds=61))
    again = claims.claim(item.pk)
    assert again is not None
    assert again.attempts == 2
