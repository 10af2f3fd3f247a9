"""Channels in the admin: a form for each kind, what is secret never shown, a test message."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from notify.models import Channel, ChannelKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("admin", password="a password of mine"))
    return client


ADD = "admin:notify_channel_add"


def test_first_the_kind_is_chosen(admin):
    page = admin.get(reverse(ADD)).content.decode()
    assert all(f"?kind={kind}" in page for kind in ChannelKind.values)


def test_a_channel_is_added_by_its_form_and_its_secret_is_never_shown(admin):
    address = f"{reverse(ADD)}?kind=ntfy"
    assert "Access token" in admin.get(address).content.decode()
    answer = admin.post(
        address,
        {
            "name": "Phone",
            "to_server": "https://ntfy.example.org",
            "to_topic": "mine",
            "to_token": "tk_verysecret",
            "topics": ["wrong_dub"],
            "enabled": "on",
        },
    )
    assert answer.status_code == 302
    channel = Channel.objects.get()
    assert (channel.kind, channel.topics) == ("ntfy", ["wrong_dub"])
    assert channel.address.reveal() == "ntfys://tk_verysecret@ntfy.example.org/mine"
    page = admin.get(reverse("admin:notify_channel_change", args=[channel.pk])).content.decode()
    assert "tk_verysecret" not in page
    assert channel.address.reveal() not in page


def test_left_empty_the_address_stays(admin, channel):
    known = channel(failures=2, last_error="Away.")
    answer = admin.post(
        reverse("admin:notify_channel_change", args=[known.pk]),
        {"name": "Renamed", "topics": ["dub_lost"], "enabled": "on"},
    )
    assert answer.status_code == 302
    fresh = Channel.objects.get()
    assert (fresh.name, fresh.address, fresh.failures) == ("Renamed", known.address, 0)


def test_a_wrong_address_is_refused_with_a_sentence(admin):
    answer = admin.post(
        f"{reverse(ADD)}?kind=webhook", {"name": "X", "to_url": "ftp://x", "topics": ["dub_lost"]}
    )
    assert "begins with http:// or https://" in answer.content.decode()
    assert not Channel.objects.exists()


def test_the_test_action_sends_a_real_message(admin, channel, peer):
    known = channel(peer("http", 200, 404).port)
    data = {"action": "test", "_selected_action": [known.pk]}
    page = admin.post(reverse("admin:notify_channel_changelist"), data, follow=True).content.decode()
    assert "The webhook answers 200." in page
    page = admin.post(reverse("admin:notify_channel_changelist"), data, follow=True).content.decode()
    assert "The webhook refuses the message (404)." in page
