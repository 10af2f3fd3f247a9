"""Channels in the admin: led to their form, tested, and deleted as on their page."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from history.models import AuditEntry
from notify.models import Channel

pytestmark = pytest.mark.django_db
LIST = "admin:notify_channel_changelist"


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("admin", password="a password of mine"))
    return client


def test_its_form_is_on_the_pages(admin, channel):
    known = channel()
    assert admin.get(reverse("admin:notify_channel_add"))["Location"] == "/settings/notifications/add"
    page = admin.get(reverse("admin:notify_channel_change", args=[known.pk]))
    assert page["Location"] == f"/settings/notifications/{known.pk}"


def test_it_is_deleted_as_on_its_page(admin, channel):
    known = channel()
    admin.post(reverse("admin:notify_channel_delete", args=[known.pk]), {"post": "yes"})
    assert not Channel.objects.exists()
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.kind, entry.target) == ("deleted", "channel", known.name)
    assert entry.actor_name == "admin"


def test_the_test_action_sends_a_real_message(admin, channel, peer):
    known = channel(peer("http", 200, 404).port)
    data = {"action": "test", "_selected_action": [known.pk]}
    page = admin.post(reverse(LIST), data, follow=True).content.decode()
    assert "The webhook answers 200." in page
    page = admin.post(reverse(LIST), data, follow=True).content.decode()
    assert "The webhook refuses the message (404)." in page
