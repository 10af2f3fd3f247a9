"""A new encryption key: every stored secret is written with it, and the old one is no longer needed."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet

from connections.models import Connection
from notify.models import Channel
from scanner.models import Policy
from tests.commands import run
from tests.connections.build import make_connection

pytestmark = pytest.mark.django_db


@pytest.fixture
def stored():
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    make_connection(name="TV", kind="sonarr", url="http://s.test", api_key="key-of-tv", policy=policy)
    Channel.objects.create(name="Hook", kind="webhook", address="http://h.test", topics=[])


def test_all_secrets_move_to_the_first_key(stored, settings):
    new = Fernet.generate_key().decode()
    settings.ENCRYPTION_KEYS = [new, *settings.ENCRYPTION_KEYS]
    assert run("rotate_encryption_key").out == "2 secrets are encrypted with the first key.\n"
    settings.ENCRYPTION_KEYS = [new]
    assert Connection.objects.get().reveal("api_key") == "key-of-tv"
    assert Channel.objects.get().address.reveal() == "http://h.test"


def test_where_one_does_not_decrypt_nothing_is_changed(stored, settings):
    old = settings.ENCRYPTION_KEYS
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    ran = run("rotate_encryption_key")
    assert ran.code == 2
    assert "cannot be decrypted with TAGGARR_ENCRYPTION_KEYS" in ran.err
    settings.ENCRYPTION_KEYS = old
    assert Connection.objects.get().reveal("api_key") == "key-of-tv"
