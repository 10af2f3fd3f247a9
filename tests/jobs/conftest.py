"""Fixtures of the engine's tests. This file may be read before Django is set up, hence the late imports."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from tests.connections.build import make_connection

if TYPE_CHECKING:
    from connections.models import Connection
    from jobs.models import Job
    from library.models import Media
    from tests.jobs.scripted import Scripted


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """The handler of `scripted` jobs, which does nothing until the test tells it to."""
    from tests.jobs.scripted import HANDLER

    HANDLER.reset()
    yield HANDLER
    HANDLER.reset()


@pytest.fixture
def muted() -> Iterator[None]:
    """No message is sent."""
    from jobs import doorbells

    with doorbells.muted():
        yield


@pytest.fixture
def planned(db: None, muted: None, scripted: Scripted) -> Callable[..., Job]:
    """Starts a job of so many units, and runs its plan."""
    from jobs import services
    from jobs.models import Job
    from jobs.runner import run_item

    def start(units: int = 1, connection: Connection | None = None) -> Job:
        scripted.plans(units)
        job, _ = services.start("scripted", connection=connection)
        assert run_item(job.items.get().pk)
        return Job.objects.get(pk=job.pk)

    return start


@pytest.fixture
def connection(db: None) -> Connection:
    from library.models import Kind
    from scanner.models import Policy

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return make_connection(
        name="Sonarr", kind=Kind.SONARR, url="http://sonarr.test", api_key="key", policy=policy
    )


@pytest.fixture
def media(connection: Connection) -> Media:
    from library.models import Media

    return Media.objects.create(connection=connection, arr_id=1, title="Dark", path="/tv/Dark")


@pytest.fixture
def bells(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, str]]:
    """The messages that would be sent: item, task, queue. Nothing is sent."""
    from jobs import doorbells

    sent: list[tuple[int, str, str]] = []
    monkeypatch.setattr(
        doorbells, "_send", lambda bell: sent.append((bell.item_id, bell.task, str(bell.queue)))
    )
    return sent
