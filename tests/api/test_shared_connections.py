"""The connections to PostgreSQL that requests share, when all of them are cut."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection, transaction

from accounts.keys import create_key
from tests.api.conftest import SCOPES
from tests.waiting import wait_until

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = 8


def count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])


def test_after_a_restart_of_postgresql_the_very_next_request_is_answered(web, admin):
    headers = {"X-Api-Key": create_key(admin, "test", scopes=SCOPES, expires_at=None)[1]}

    def ask() -> int:
        return requests.get(f"{web}/api/v1/media", headers=headers, timeout=120).status_code

    with ThreadPoolExecutor(REQUESTS) as visitors:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("LOCK TABLE library_media IN ACCESS EXCLUSIVE MODE")
            asked = [visitors.submit(ask) for _ in range(REQUESTS)]
            wait_until(
                lambda: count("SELECT count(*) FROM pg_locks WHERE NOT granted") == REQUESTS,
                "each has a connection",
            )
        assert [one.result() for one in asked] == [200] * REQUESTS

    cut = count(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    assert cut >= REQUESTS
    assert ask() == 200
