"""Secrets stand encrypted in the database."""

from __future__ import annotations

import pytest
from cryptography.fernet import Fernet
from django.db import connection as database

from connections.models import Connection
from core import secrets
from core.errors import ConfigError
from notify.models import Channel
from scanner.models import Policy
from storage.models import Place
from tests.connections.build import make_connection, set_api_key

pytestmark = pytest.mark.django_db
KEY = "0123456789abcdef0123456789abcdef"


@pytest.fixture
def connection() -> Connection:
    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(name="Anime", kind="sonarr", url="http://nas", api_key=KEY, policy=policy)


def stored() -> str:
    with database.cursor() as cursor:
        cursor.execute("SELECT secret FROM connections_connection ORDER BY id")
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


MOVED = "A stored secret belongs to another row: somebody moved it in the database. Enter it again."


def test_a_secret_that_was_moved_to_another_row_or_column_does_not_open(connection):
    other = make_connection(name="Other", url="http://evil", api_key="another")
    hook = Channel.objects.create(name="Hook", kind="webhook", address="http://hook.test", topics=[])
    moves = {
        "UPDATE connections_connection SET secret = %s WHERE id = %s": (stored(), other.pk),
        "UPDATE notify_channel SET address = %s WHERE id = %s": (stored(), hook.pk),
        "UPDATE notify_channel SET secret = address WHERE id > %s": (0,),
    }
    for statement, values in moves.items():
        with database.cursor() as cursor:
            cursor.execute(statement, values)
    hook.refresh_from_db()
    for secret in (Connection.objects.get(pk=other.pk).secret, hook.address, hook.secret):
        with pytest.raises(ConfigError) as caught:
            secret.reveal()
        assert str(caught.value) == MOVED
    assert connection.reveal("api_key") == KEY
    with pytest.raises(ConfigError, match="belongs to another row"):
        secrets.check_all()


def test_a_secret_that_is_handed_from_row_to_row_in_code_opens_in_both(connection):
    copy = Connection(name="Copy", kind="sonarr", url="http://nas", secret=connection.secret)
    copy.save()
    for name in ("Anime", "Copy"):
        assert Connection.objects.get(name=name).reveal("api_key") == KEY


def test_a_secret_is_refused_where_it_could_not_be_sealed_for_its_row(connection):
    with pytest.raises(TypeError, match="assign a secret to its row"):
        Connection.objects.update(secret="plain")
    with pytest.raises(TypeError, match="needs a RowKey"):
        Place(pk=None, secret="plain").save()
