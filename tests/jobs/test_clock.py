"""A clock that is set back: what was put off goes on, and nothing waits for a date that comes again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs import claims, tick
from jobs.models import ItemState, Job, JobItem
from jobs.runner import run_item
from tests.jobs.units import unit

Planned = Callable[..., Job]
DAY = timedelta(days=1)


def set_back(job: Job) -> None:
    """Leave a job as one that was made a day from now."""
    job.items.update(created_at=Now() + DAY)
    job.items.exclude(waits_since=None).update(waits_since=Now() + DAY)
    job.items.filter(state=ItemState.PENDING).update(due_at=Now() + DAY, published_at=Now() + DAY)
    job.items.filter(state=ItemState.CLAIMED).update(lease_until=Now() + DAY)


def test_items_that_were_put_off_into_another_day_become_due(planned: Planned):
    job = planned(2)
    set_back(job)
    assert not run_item(unit(job).pk)
    assert tick.follow_clock_back() == 2
    assert run_item(unit(job).pk)


def test_a_claim_holds_no_longer_than_a_lease(planned: Planned, settings):
    job = planned()
    assert claims.claim(unit(job).pk) is not None
    set_back(job)
    tick.follow_clock_back()
    until = unit(job).lease_until
    assert until is not None
    assert until - timezone.now() <= timedelta(seconds=settings.JOB_LEASE)
    assert unit(job).state == ItemState.CLAIMED


def test_a_clock_that_goes_ahead_and_back_during_a_job_leaves_no_claim_of_that_future(
    planned: Planned, settings
):
    job = planned()
    held = claims.claim(unit(job).pk)
    assert held is not None
    claims.renew(held)
    job.items.filter(state=ItemState.CLAIMED).update(lease_until=Now() + DAY, waits_since=Now() + DAY)
    assert tick.follow_clock_back() == 1
    until = unit(job).lease_until
    assert until is not None
    assert until - timezone.now() <= timedelta(seconds=settings.JOB_LEASE)


@pytest.mark.parametrize("change", ["claimed", "renewed", "put back"])
def test_every_change_of_a_wait_says_when_it_began(planned: Planned, change):
    job = planned()
    held = claims.claim(unit(job).pk)
    assert held is not None
    job.items.update(waits_since=None)
    if change == "claimed":
        job.items.update(state=ItemState.PENDING)
        assert claims.claim(held.pk) is not None
    elif change == "renewed":
        claims.renew(held)
    else:
        claims.put_back(held, attempts=1, delay=60)
    since = unit(job).waits_since
    assert since is not None
    assert abs(since - timezone.now()) < timedelta(seconds=10)


def test_it_is_done_once_so_that_what_is_put_off_later_waits(planned: Planned):
    job = planned()
    set_back(job)
    assert tick.follow_clock_back() == 1
    JobItem.objects.filter(pk=unit(job).pk).update(due_at=Now() + timedelta(minutes=5))
    assert tick.follow_clock_back() == 0
    assert not run_item(unit(job).pk)


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(seconds=30)])
def test_jobs_of_today_and_clocks_that_differ_a_little_are_left_alone(planned: Planned, ahead):
    job = planned()
    JobItem.objects.filter(pk=unit(job).pk).update(due_at=Now() + timedelta(minutes=5))
    JobItem.objects.update(created_at=Now() + ahead)
    assert tick.follow_clock_back() == 0
    assert unit(job).due_at > timezone.now() + timedelta(minutes=4)


def test_a_tick_does_it(planned: Planned, monkeypatch):
    monkeypatch.setattr(tick, "brought", lambda _: [])
    job = planned()
    set_back(job)
    tick.tick()
    assert run_item(unit(job).pk)
