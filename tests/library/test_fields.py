"""Secrets stand encrypted in the database."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection

from library.errors import ConfigError
from library.models import Instance, Policy

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def instance() -> Instance:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return Instance.objects.create(name="Anime", kind="sonarr", url="http://nas", api_key=KEY, policy=policy)


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_key FROM library_instance")
        return str(cursor.fetchone()[0])


def test_a_key_is_plain_in_python_and_not_in_the_database(instance):
    assert KEY not in stored()
    assert Instance.objects.get().api_key == KEY


def test_an_empty_secret_stays_empty(instance):
    Instance.objects.update(api_key="")
    assert stored() == ""
    assert Instance.objects.get().api_key == ""


def test_an_older_key_of_the_list_still_decrypts(instance, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert Instance.objects.get().api_key == KEY


def test_a_lost_key_is_told_and_not_the_token(instance, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ConfigError, match="does not decrypt with TAGGARR_ENCRYPTION_KEYS") as caught:
        Instance.objects.get()
    assert stored() not in str(caught.value)
