"""Settings → Notifications."""

from __future__ import annotations

import pytest

from tests.notify.conftest import peer  # noqa: F401

PHONE = {
    "name": "Phone",
    "to_server": "https://ntfy.example.org",
    "to_topic": "mine",
    "to_token": "",
    "topics": ["dub_lost", "wrong_dub"],
    "enabled": "on",
}


def hook(port, **changes):
    return {
        "name": "Hook",
        "to_url": f"http://127.0.0.1:{port}/x",
        "to_secret": "shared",
        "topics": ["dub_lost"],
        "enabled": "on",
        **changes,
    }


def test_without_a_channel_the_page_says_what_to_do(as_admin):
    assert "Nobody is notified yet." in as_admin.get("/settings/notifications").content.decode()
    assert (
        "/settings/notifications/add/discord" in as_admin.get("/settings/notifications/add").content.decode()
    )


def test_a_channel_is_added_and_tested_with_a_real_message(rows, as_admin, peer):  # noqa: F811
    from notify.models import Channel

    server = peer("http")
    form = hook(server.port, test="1", instances=[rows.sonarr.pk])
    text = as_admin.post("/settings/notifications/add/webhook", form, follow=True).content.decode()

    assert "The test message is sent. The webhook answers 200." in text
    assert "Taggarr: a test" in server.next()["body"]
    channel = Channel.objects.get(name="Hook")
    assert (channel.secret.reveal(), channel.topics) == ("shared", ["dub_lost"])
    assert list(channel.connections.all()) == [rows.sonarr]


def test_a_test_that_fails_says_what_came_back(rows, as_admin, peer):  # noqa: F811
    from notify.models import Channel

    as_admin.post("/settings/notifications/add/webhook", hook(peer("http", 404).port))
    channel = Channel.objects.get(name="Hook")
    text = as_admin.post(f"/settings/notifications/{channel.pk}/test", follow=True).content.decode()

    assert "The webhook refuses the message (404)." in text


def test_what_is_stored_is_shown_without_its_secrets(rows, as_admin):
    text = as_admin.get(f"/settings/notifications/{rows.channel.pk}").content.decode()

    assert 'value="https://ntfy.example.org"' in text
    assert "****cret" in text
    assert "tk_verysecret" not in text


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "ntfys://tk_verysecret@ntfy.example.org/mine"),
        ({"to_topic": "other"}, "ntfys://tk_verysecret@ntfy.example.org/other"),
        ({"to_token": "tk_new"}, "ntfys://tk_new@ntfy.example.org/mine"),
        ({"forget_token": "on"}, "ntfys://ntfy.example.org/mine"),
    ],
)
def test_a_secret_stays_unless_it_is_typed_anew_or_removed(changes, address, rows, as_admin):
    as_admin.post(f"/settings/notifications/{rows.channel.pk}", {**PHONE, **changes})

    rows.channel.refresh_from_db()
    assert rows.channel.address.reveal() == address
    assert rows.channel.topics == ["dub_lost", "wrong_dub"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"to_server": "https://elsewhere.example"}, "never sent to a new server"),
        ({"to_server": "ftp://x", "to_token": "a"}, "server&#x27;s address"),
        ({"name": "hook"}, "already a channel called hook"),
    ],
)
def test_what_cannot_be_is_told_and_nothing_is_saved(changes, told, rows, as_admin):
    from notify.models import Channel

    Channel.objects.create(name="Hook", kind="webhook", address="http://h.test")
    answer = as_admin.post(f"/settings/notifications/{rows.channel.pk}", {**PHONE, **changes})

    assert answer.status_code == 200
    assert told in answer.content.decode()
    rows.channel.refresh_from_db()
    assert rows.channel.address.reveal() == "ntfys://tk_verysecret@ntfy.example.org/mine"


def test_an_address_from_elsewhere_is_kept_where_its_fields_are_left_empty(rows, as_admin):

    rows.channel.address = "ntfys://ntfy.example.org/mine?priority=high"
    rows.channel.save()
    where = f"/settings/notifications/{rows.channel.pk}"
    assert "This address was not entered with this form." in as_admin.get(where).content.decode()
    as_admin.post(where, {**PHONE, "name": "Renamed", "to_server": "", "to_topic": ""})

    rows.channel.refresh_from_db()
    assert rows.channel.name == "Renamed"
    assert rows.channel.address.reveal().endswith("?priority=high")


def test_a_channel_is_deleted_after_a_question(rows, as_admin):
    from notify.models import Channel

    where = f"/settings/notifications/{rows.channel.pk}"
    assert "Delete Phone?" in as_admin.get(where).content.decode()

    as_admin.post(f"{where}/delete")

    assert not Channel.objects.exists()
    assert "deleted" in as_admin.get("/settings/notifications/deliveries").content.decode()


def test_there_is_no_other_kind(as_admin):
    assert as_admin.get("/settings/notifications/add/pigeon").status_code == 404


def test_a_failing_channel_says_since_when_and_why(rows, as_admin, now):
    from notify.jobs import note_failure

    note_failure(rows.channel, "ntfy answers 403.")
    text = as_admin.get("/settings/notifications").content.decode()

    assert "failing" in text
    assert "ntfy answers 403." in text
    assert (
        "Messages are not getting through"
        in as_admin.get(f"/settings/notifications/{rows.channel.pk}").content.decode()
    )


@pytest.mark.parametrize(
    ("query", "there"),
    [("", True), ("state=failed", True), ("state=done", False), ("channel=0", True), ("channel=999", False)],
)
def test_deliveries_are_filtered(query, there, rows, as_admin):
    text = as_admin.get(f"/settings/notifications/deliveries?{query}").content.decode()

    assert ("Sonarr: dub lost in Title 2" in text) is there
    assert ("No matching deliveries." in text) is not there


def test_a_failed_delivery_is_retried_from_the_list(rows, as_admin):
    from jobs.models import JobItem

    item = JobItem.objects.get(step="send")
    answer = as_admin.post(f"/activity/items/{item.pk}/retry", {"back": "deliveries"})

    item.refresh_from_db()
    assert item.state == "pending"
    assert answer["Location"] == "/settings/notifications/deliveries"
