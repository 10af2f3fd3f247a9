"""A small library as rows in the database, and people who look at it."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from core import flags

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


@pytest.fixture(scope="module")
def kept_rows(django_db_setup, django_db_blocker) -> Iterator[Rows]:
    """Rows that stand while the tests of a module run that have them: to make them takes 230 statements."""
    with django_db_blocker.unblock():
        whole = transaction.atomic()
        whole._from_testcase = True  # type: ignore[attr-defined]
        whole.__enter__()
        yield make_rows()
        transaction.set_rollback(True)
        whole.__exit__(None, None, None)


@pytest.fixture
def rows(kept_rows: Rows, db: None) -> Rows:
    """As they were made, whatever the test before did to them."""
    flags.forget()
    assert flags.is_on("artwork")
    return deepcopy(kept_rows)


@pytest.fixture
def committed_rows(transactional_db) -> Rows:
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
