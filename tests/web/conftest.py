"""A small library as rows in the database, and people who look at it."""

from __future__ import annotations

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
def _level_and_switches_were_just_read(read_just_now):
    pass


@pytest.fixture(autouse=True)
def data(data):
    """A data folder with a log and a backup."""
    make_files(data)
    return data


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
