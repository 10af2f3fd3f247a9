"""People, a small library, and Taggarr as its web server has it: behind the front door."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.scanner.conftest import (  # noqa: F401
    movie_instance,
    radarr,
    root,
    scan,
    series_instance,
    sonarr,
)
from tests.web.conftest import (  # noqa: F401
    admin,
    as_admin,
    as_viewer,
    committed_rows,
    kept_rows,
    rows,
    viewer,
)

from .door import Answer, ask

PASSWORD = "correct horse"


@pytest.fixture(autouse=True)
def _nothing_kept_of_another_test(empty_caches):
    pass


@pytest.fixture(autouse=True)
def _nobody_works_here(no_worker_is_asked):
    pass


@pytest.fixture
def knock(db) -> Callable[..., Answer]:
    """Sends a request through the front door to Django, with the settings as the test has them."""

    def send(path: str, **options: Any) -> Answer:
        from taggarr.front_door import front_door

        door = front_door()
        # As Django's test client: the test's own connection stays open.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
        try:
            return async_to_sync(ask)(door, path, **options)
        finally:
            for signal in (request_started, request_finished):
                signal.connect(close_old_connections)

    return send


@pytest.fixture
def slow_hashes(settings):
    """Passwords hashed as web servers of their own check them: those do not know the fast hashes of tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
