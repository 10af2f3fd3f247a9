"""A small library as rows in the database, and people who look at it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from django.test import Client
from django.utils import timezone

from .files import make_files
from .rows import Rows, make_rows

if TYPE_CHECKING:
    from accounts.models import User


@pytest.fixture(autouse=True)
def _nobody_works_here(no_worker_is_asked):
    pass


@pytest.fixture(autouse=True)
def _nothing_kept_of_another_test(empty_caches):
    pass


@pytest.fixture(autouse=True)
def _level_was_just_read(monkeypatch):
    """The level of the logs is read every ten seconds, by whichever request comes then: by no page itself."""
    from system import log_level

    monkeypatch.setitem(log_level._state, "looked", time.monotonic())


@pytest.fixture(autouse=True)
def _switches_were_just_read(monkeypatch):
    """So are the switches."""
    from core import flags

    monkeypatch.setattr(flags, "_stored", {})
    monkeypatch.setattr(flags, "_read_at", time.monotonic())
    monkeypatch.setattr(flags, "FRESH", 3600.0)  # however slow the machine is


@pytest.fixture(autouse=True)
def data(tmp_path, settings):
    """A data folder with a log and a backup."""
    folder = tmp_path / "data"  # media lie beside it, never in it
    folder.mkdir()
    settings.TAGGARR_DATA = folder
    make_files(folder)
    return folder


@pytest.fixture
def rows(db) -> Rows:
    return make_rows()


@pytest.fixture
def admin(db) -> User:
    from accounts.models import Role, User

    return User.objects.create_user("ada", password="correct horse", role=Role.ADMIN)


@pytest.fixture
def viewer(db) -> User:
    from accounts.models import Role, User

    return User.objects.create_user("vera", password="correct horse", role=Role.VIEWER)


@pytest.fixture
def as_admin(admin) -> Client:
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def as_viewer(viewer) -> Client:
    client = Client()
    client.force_login(viewer)
    return client


@pytest.fixture
def now():
    return timezone.now()
