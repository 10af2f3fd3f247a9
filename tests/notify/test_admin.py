"""Channels in the admin: shown without what is secret, and a test message."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    client.force_login(User.objects.create_superuser("admin", password="a password of mine"))
    return client


def test_a_channel_is_shown_without_its_secrets_and_changed_on_its_page_alone(admin, channel):
    known = channel()
    address = reverse("admin:notify_channel_change", args=[known.pk])
    page = admin.get(address).content.decode()
    assert known.name in page
    assert known.address.reveal() not in page
    assert admin.post(address, {"name": "Renamed"}).status_code == 403
    assert admin.get(reverse("admin:notify_channel_add")).status_code == 403


def test_the_test_action_sends_a_real_message(admin, channel, peer):
    known = channel(peer("http", 200, 404).port)
    data = {"action": "test", "_selected_action": [known.pk]}
    page = admin.post(reverse("admin:notify_channel_changelist"), data, follow=True).content.decode()
    assert "The webhook answers 200." in page
    page = admin.post(reverse("admin:notify_channel_changelist"), data, follow=True).content.decode()
    assert "The webhook refuses the message (404)." in page
