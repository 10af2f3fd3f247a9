"""The clean-up deletes what is old, and nothing else."""

from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts.keys import create_key
from accounts.models import ApiKey, User
from core.errors import ConfigError
from history.models import AuditEntry, Event
from history.services import record
from jobs import doorbells, services
from jobs.models import ItemState, Job, JobItem, JobState
from notify.models import Message

pytestmark = pytest.mark.django_db


@pytest.fixture
def data(tmp_path, settings):
    settings.TAGGARR_DATA = tmp_path
    (tmp_path / "logs").mkdir()
    return tmp_path


def clean(**params) -> dict[str, int]:
    with doorbells.muted():
        job, _ = services.start("cleanup", params=params)
        job = services.run_inline(job)
    assert job.state == JobState.COMPLETED
    deleted: dict[str, int] = job.summary["deleted"]
    return deleted


def ended(days: int, state: str = JobState.COMPLETED) -> Job:
    at = timezone.now() - timedelta(days=days)
    job = Job.objects.create(name="scan", state=state, finished_at=at)
    for number, item_state in enumerate([ItemState.DONE, ItemState.FAILED]):
        JobItem.objects.create(job=job, step="media", key=f"{number}", state=item_state, finished_at=at)
    return job


def test_old_jobs_and_items_go_and_live_ones_stay(data):
    old, middle, fresh = ended(31), ended(8), ended(1)
    live = ended(90, JobState.RUNNING)
    Message.objects.create(topic="test", title="x", text="x", delivery=old)
    deleted = clean()
    assert (deleted["jobs"], deleted["job_items"]) == (1, 2)
    assert not Job.objects.filter(pk=old.pk).exists()
    assert not Message.objects.exists()
    assert middle.items.get().state == ItemState.FAILED
    assert (fresh.items.count(), live.items.count()) == (2, 2)


def test_old_history_and_sessions_go(data):
    record("settings", "New.")
    Event.objects.filter(pk=record("settings", "Old.").pk).update(time=timezone.now() - timedelta(days=400))
    Session.objects.create(session_key="old", expire_date=timezone.now() - timedelta(days=1))
    Session.objects.create(session_key="new", expire_date=timezone.now() + timedelta(days=1))
    deleted = clean()
    assert (deleted["events"], deleted["sessions"]) == (1, 1)
    assert [event.text for event in Event.objects.all()] == ["New."]
    assert [session.session_key for session in Session.objects.all()] == ["new"]


def test_api_keys_go_a_week_after_they_expired(data):
    owner = User.objects.create_user("viewer")
    for name, days in (("long ago", -8), ("just now", -1), ("in use", 30)):
        key, _ = create_key(owner, name, expires_at=None)
        ApiKey.objects.filter(pk=key.pk).update(expires_at=timezone.now() + timedelta(days=days))
    create_key(owner, "for ever", expires_at=None)
    assert clean()["api_keys"] == 1
    assert [key.name for key in ApiKey.objects.all()] == ["for ever", "in use", "just now"]
    entry = AuditEntry.objects.get(action="deleted")
    assert (entry.kind, entry.target) == ("API key", "long ago")


def test_what_stands_of_a_session_goes_with_it(data, client):
    user = User.objects.create_user("viewer")
    client.force_login(user)
    keys = (client.session.session_key, "gone")
    signed_in, _ = [UserSession.objects.create(user=user, session_key=key, ip="127.0.0.1") for key in keys]
    assert clean()["signed_in"] == 1
    assert UserSession.objects.get() == signed_in
    Session.objects.update(expire_date=timezone.now() - timedelta(days=1))
    assert clean()["signed_in"] == 1
    assert not UserSession.objects.exists()


def test_old_rotated_logs_go(data):
    for name, days in (("web.log", 90), ("web.log.1", 1), ("web.log.2", 90)):
        path = data / "logs" / name
        path.write_text("x")
        os.utime(path, (time.time() - days * 86400,) * 2)
    assert clean()["logs"] == 1
    assert {path.name for path in (data / "logs").iterdir()} == {"web.log", "web.log.1"}


def test_how_long_things_are_kept_can_be_set(data):
    ended(3)
    assert clean(jobs=2, items=1)["jobs"] == 1


@pytest.mark.parametrize("params", [{"socks": 1}, {"jobs": 0}, {"jobs": "many"}, {"jobs": True}])
def test_a_wrong_parameter_is_refused(data, params):
    with pytest.raises(ConfigError, match="clean-up"):
        services.start("cleanup", params=params)
