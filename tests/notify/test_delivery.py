"""A message is a job with an item for each channel: tried again, visible, and a failing channel backs off."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone, translation

from core.errors import ConfigError
from core.words import told
from history.services import record
from jobs.models import ItemState, Job, JobItem, JobState
from jobs.services import run_inline
from library.models import Media
from notify import services
from notify.health import failing_channels
from notify.jobs import NotifyHandler, note_failure
from notify.models import Channel, Message
from notify.services import tell_news
from system.health import find_issues
from tests.connections.build import make_connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_messages")]


@pytest.fixture
def at_once(monkeypatch):
    """Tried again without a pause."""
    from jobs.handlers import RetryPolicy

    monkeypatch.setattr(NotifyHandler, "retry", RetryPolicy(attempts=3, base=0.0, cap=0.0))


def tell(**fields) -> Any:
    return services.tell("wrong_dub", "Wrong dub", "Dark holds German.", **fields)


def test_every_channel_gets_the_message_by_an_item_of_its_own(peer, channel):
    first, second = peer("http"), peer("http")
    channel(first.port)
    channel(second.port, name="Other")
    message = tell()
    job = run_inline(message.delivery)
    assert (job.state, job.summary["items"]["done"]) == (JobState.COMPLETED, 2)
    assert job.summary["title"] == "Wrong dub"
    for hook in (first, second):
        assert json.loads(hook.next()["body"])["text"] == "Dark holds German."


def test_what_four_hundred_wrong_dubs_send_is_one_message(peer, channel, connection):
    hook = peer("http")
    channel(hook.port, topics=["wrong_dub"])
    scan = Job.objects.create(
        name="scan", connection=connection, state="completed", finished_at=timezone.now()
    )
    for number in range(400):
        media = Media.objects.create(
            connection=connection, arr_id=number, title=f"Show {number:03}", path="/x"
        )
        record("verdict", "", subject=media, job=scan, before="dub", after="wrong-dub")
    tell_news()
    for delivery in Job.objects.filter(name="notify"):
        run_inline(delivery)
    body = json.loads(hook.next()["body"])
    assert body["title"] == "My TV: wrong dub in 400 titles"
    assert body["text"].endswith("- Show 009\nand 390 more")
    assert hook.received_nothing()


def test_a_failure_that_may_pass_is_tried_again(peer, channel, at_once):
    known = channel(peer("http", 503, 200).port)
    job = run_inline(tell().delivery)
    assert job.items.get(step="send").attempts == 2
    known.refresh_from_db()
    assert (known.failures, known.last_error) == (0, "")


def test_a_message_that_cannot_be_delivered_is_visible_and_can_be_retried(peer, channel):
    hook = peer("http", 404, 200)
    known = channel(hook.port)
    job = run_inline(tell().delivery)
    item = job.items.get(step="send")
    assert (item.state, item.error) == (ItemState.FAILED, "The webhook refuses the message (404).")
    (issue,) = [issue for issue in find_issues(live=False) if issue.source == "Channel Hook"]
    assert issue.what == "Notifications through Hook are failing: The webhook refuses the message (404)."
    known.refresh_from_db()
    with translation.override("de"):
        assert told(known.last_error) == "Der Webhook lehnt die Nachricht ab (404)."
        assert told(issue.what).endswith("Der Webhook lehnt die Nachricht ab (404).")
    from jobs.services import retry_failed

    retry_failed(job)
    run_inline(job)
    known.refresh_from_db()
    assert known.failures == 0
    assert list(failing_channels()) == []


def test_a_failing_channel_backs_off(channel):
    known = channel()
    waits = []
    for _ in range(11):
        note_failure(known, "Away.")
        known.refresh_from_db()
        waits.append(round((known.paused_until - timezone.now()).total_seconds() / 60))
    assert waits == [0, 0, 5, 10, 20, 40, 80, 160, 320, 360, 360]
    message = tell()
    item = message.delivery.items.get()
    assert item.due_at > timezone.now() + timedelta(hours=5)


def test_who_does_not_want_to_hear_is_left_alone(channel, connection):
    channel(topics=["scan_failed"])
    channel(name="Off", enabled=False)
    assert tell() is None
    assert Message.objects.count() == JobItem.objects.count() == 0


def test_a_channel_hears_of_its_instances_only(channel, connection):
    other = make_connection(
        name="Movies", kind="radarr", url="http://r.test", api_key="k", policy=connection.scan_settings.policy
    )
    channel().connections.set([other])
    assert tell(connection=connection) is None
    assert tell(connection=other) is not None
    # What is Taggarr's own concerns every channel.
    assert tell() is not None


def test_a_channel_is_not_told_of_its_own_failure(channel):
    channel()
    assert tell(about="Channel Hook") is None


def test_a_channel_deleted_meanwhile_is_skipped(channel):
    known = channel()
    message = tell()
    services.delete_channel(known)
    job = run_inline(message.delivery)
    assert job.items.get(step="send").state == ItemState.SKIPPED


def test_saving_a_channel_forgets_its_failures(channel):
    known = channel(failures=5, last_error="Away.", paused_until=timezone.now())
    services.save_channel(known, connections=[])
    known.refresh_from_db()
    assert (known.failures, known.paused_until) == (0, None)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"name": " "}, "Give the channel a name"),
        ({"name": "hook"}, "already"),
        ({"kind": "pigeon"}, "no kind of channel"),
        ({"topics": ["rain"]}, "no event rain"),
        ({"address": "ftp://x"}, "begins with http"),
    ],
)
def test_a_channel_that_cannot_be_is_refused(channel, fields, message):
    channel()
    given = {"name": "New", "kind": "webhook", "address": "http://example.org", "topics": []}
    with pytest.raises(ConfigError, match=message):
        services.save_channel(Channel(**{**given, **fields}))


def test_addresses_and_secrets_are_encrypted_in_the_database(channel):
    from django.db import connection as database

    channel(secret="s3cret")
    with database.cursor() as cursor:
        cursor.execute("SELECT address, secret FROM notify_channel")
        address, secret = cursor.fetchone()
    assert "127.0.0.1" not in address
    assert "s3cret" not in secret
