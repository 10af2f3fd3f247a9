"""The first admin: by the token from the log, once, and only one of two who come together."""

from __future__ import annotations

import re
import threading
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection


def test_the_token_is_the_same_for_every_process_and_follows_from_the_secret_key(settings):
    from accounts import first_admin

    token = first_admin.token()
    assert re.fullmatch(r"([A-Z2-7]{4}-){4}[A-Z2-7]{4}", token)
    assert token == first_admin.token()

    settings.SECRET_KEY = "another key, of another installation, long enough"
    assert first_admin.token() != token


def test_the_command_prints_it_only_while_there_is_nobody(db):
    from accounts import first_admin

    out = StringIO()
    call_command("setup_token", stdout=out)
    assert first_admin.token() in out.getvalue()

    first_admin.create(first_admin.token(), "ada", "correct horse")
    out = StringIO()
    call_command("setup_token", stdout=out)
    assert out.getvalue() == ""


@pytest.mark.parametrize("token", ["", "AAAA-AAAA-AAAA-AAAA-AAAA"])
def test_a_wrong_token_makes_nobody(token, db):
    from accounts import first_admin
    from accounts.models import User
    from core.errors import FieldError

    with pytest.raises(FieldError, match="not the token"):
        first_admin.create(token, "ada", "correct horse")
    assert not User.objects.exists()


def test_of_two_at_once_one_becomes_admin(transactional_db):
    from accounts import first_admin
    from accounts.models import User
    from core.errors import FieldError

    errors, gate = [], threading.Barrier(2)

    def come(name):
        gate.wait()
        try:
            first_admin.create(first_admin.token(), name, "correct horse")
        except FieldError as error:
            errors.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=come, args=(name,)) for name in ("ada", "bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert User.objects.count() == 1
    assert errors == ["There is already an account: sign in with it."]
