"""Secrets stand encrypted in the database."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database

from connections.models import Connection
from core.errors import ConfigError
from scanner.models import Policy
from tests.connections.build import make_connection, set_api_key

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def connection() -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(name="Anime", kind="sonarr", url="http://nas", api_key=KEY, policy=policy)


def stored() -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM connections_connection")
        return str(cursor.fetchone()[0])


def test_a_key_is_sealed_in_the_database_and_in_memory_until_it_is_revealed(connection):
    assert KEY not in stored()
    loaded = Connection.objects.get()
    assert KEY not in f"{vars(loaded)} {loaded.secret} {loaded.secret!r}"
    assert loaded.reveal("api_key") == KEY


def test_loading_a_row_opens_no_secret(connection, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    before = stored()
    loaded = Connection.objects.get()
    loaded.full_clean()
    loaded.save()
    assert stored() == before


def test_an_empty_secret_stays_empty(connection):
    set_api_key("")
    assert stored() == ""
    assert Connection.objects.get().reveal("api_key") == ""


def test_an_older_key_of_the_list_still_decrypts(connection, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode(), *settings.ENCRYPTION_KEYS]
    assert Connection.objects.get().reveal("api_key") == KEY


def test_a_lost_key_is_told_and_not_the_token(connection, settings):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(ConfigError, match="cannot be decrypted with TAGGARR_ENCRYPTION_KEYS") as caught:
        Connection.objects.get().reveal("api_key")
    assert stored() not in str(caught.value)
