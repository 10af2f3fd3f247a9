"""Callers of the API with every kind of right, and a small library of rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.connections.build import make_connection
from tests.library.build import add_file, add_title
from tests.scanner.conftest import (  # noqa: F401
    movie_instance,
    radarr,
    root,
    scan,
    series_instance,
    sonarr,
)

# The framework reads Django's settings when it is imported, which must not be before the servers run.
if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from accounts.models import User
    from connections.models import Connection
    from library.models import Media

PASSWORD = "a phrase that is long enough"
SCOPES = ("read", "write", "settings")


@pytest.fixture
def admin(db: None) -> User:
    from accounts.models import User

    return User.objects.create_user("ada", password=PASSWORD, role="admin")


@pytest.fixture
def viewer(db: None) -> User:
    from accounts.models import User

    return User.objects.create_user("vera", password=PASSWORD)


@pytest.fixture
def api(admin: User) -> APIClient:
    """Calls with an admin's key that has every scope."""
    return with_key(admin, *SCOPES)


@pytest.fixture
def in_person(admin: User) -> APIClient:
    """Calls of an admin who has just signed in with a browser."""
    return session(admin)


@pytest.fixture
def looking(viewer: User) -> APIClient:
    """Calls with a viewer's key."""
    return with_key(viewer)


def with_key(user: User, *scopes: str, **more: Any) -> APIClient:
    from rest_framework.test import APIClient

    from accounts.keys import create_key

    _, text = create_key(user, "test", scopes=scopes, expires_at=None, **more)
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=text)
    return client


def session(user: User) -> APIClient:
    """A browser's session that has just begun, with the token that its forms carry."""
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(user)
    token = "t" * 32
    client.cookies["taggarr_csrf"] = token
    client.credentials(HTTP_X_CSRFTOKEN=token)
    return client


def long_ago(client: Any) -> None:
    """Have a client's sign-in be longer ago than a recent one."""
    from accounts.sessions import SIGNED_IN_AT

    kept = client.session
    kept[SIGNED_IN_AT] -= 15 * 60 + 1
    kept.save()


@pytest.fixture
def plain_instance(db: None) -> Connection:
    """An instance that nobody connects to."""
    from scanner.models import Policy

    wanted = Policy.objects.create(name="German", target_languages=["deu"])
    return make_connection(
        name="Shelf", kind="sonarr", url="http://127.0.0.1:9", api_key="k" * 28 + "last", policy=wanted
    )


@pytest.fixture
def make_media(plain_instance: Connection) -> Callable[..., Media]:
    """Makes a title with a file for each list of languages."""
    from django.utils import timezone

    from library.models import Media

    def make(title: str, *files: list[str], **fields: Any) -> Media:
        number = Media.objects.count() + 1
        fields.setdefault("connection", plain_instance)
        fields.setdefault("sort_title", title.lower())
        media = add_title(arr_id=number, title=title, path=f"/tv/{title}", **fields)
        for position, languages in enumerate(files):
            add_file(
                media=media,
                path=f"/tv/{title}/{position}.mkv",
                languages=languages,
                engine="matroska",
                probed_at=timezone.now(),
            )
        return media

    return make


@pytest.fixture(autouse=True)
def workers_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Health waits for the answers of workers; here are none, and that is not what these tests are about."""
    from jobs.models import Queue

    monkeypatch.setattr("jobs.health.served_queues", lambda _enough: frozenset(list(Queue)))
