"""Callers of the API with every kind of right, and a small library of rows."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests

from system.embedded.ports import next_free_port
from tests.scanner.conftest import (  # noqa: F401
    movie_instance,
    policy,
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
    from library.models import Instance, Media

PASSWORD = "a phrase that is long enough"


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
    """Calls with an admin's key."""
    return with_key(admin, "admin")


@pytest.fixture
def looking(viewer: User) -> APIClient:
    """Calls with a viewer's key."""
    return with_key(viewer, "viewer")


def with_key(user: User, role: str) -> APIClient:
    from rest_framework.test import APIClient

    from accounts.keys import create_key

    _, text = create_key(user, "test", role=role)
    client = APIClient()
    client.credentials(HTTP_X_API_KEY=text)
    return client


@pytest.fixture
def plain_instance(db: None) -> Instance:
    """An instance that nobody connects to."""
    from library.models import Instance, Policy

    wanted = Policy.objects.create(name="German", target_languages=["deu"])
    return Instance.objects.create(
        name="Shelf", kind="sonarr", url="http://127.0.0.1:9", api_key="k" * 28 + "last", policy=wanted
    )


@pytest.fixture
def make_media(plain_instance: Instance) -> Callable[..., Media]:
    """Makes a media with a file for each list of languages."""
    from django.utils import timezone

    from library.models import File, Media

    def make(title: str, *files: list[str], **fields: Any) -> Media:
        number = Media.objects.count() + 1
        fields.setdefault("instance", plain_instance)
        fields.setdefault("sort_title", title.lower())
        media = Media.objects.create(arr_id=number, title=title, path=f"/tv/{title}", **fields)
        for position, languages in enumerate(files):
            File.objects.create(
                media=media,
                path=f"/tv/{title}/{position}.mkv",
                languages=languages,
                engine="matroska",
                probed_at=timezone.now(),
            )
        return media

    return make


@pytest.fixture
def web(process_environment: dict[str, str]) -> Iterator[str]:
    """A web server as a process of its own; its address."""
    port = next_free_port(18484)
    command = [sys.executable, "-m", "uvicorn", "taggarr.asgi:application", "--port", str(port)]
    command += ["--lifespan", "off", "--log-level", "warning", "--timeout-graceful-shutdown", "1"]
    process = subprocess.Popen(command, env=process_environment)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for(lambda: answers(f"{address}/ping"))
        yield address
    finally:
        process.terminate()
        process.wait(10)


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


def wait_for(condition: Callable[[], Any], seconds: float = 30.0) -> Any:
    """What the condition returns as soon as that is true; fails after so many seconds."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)
    return found


@pytest.fixture(autouse=True)
def workers_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Health waits for the answers of workers; here are none, and that is not what these tests are about."""
    from jobs.models import Queue
    from system.health import programs

    monkeypatch.setattr(programs, "served_queues", lambda _enough: frozenset(Queue.values))
