"""Fixtures of the engine's tests. This file may be read before Django is set up, hence the late imports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from library.models import Instance, Media
    from tests.jobs.scripted import Scripted


@pytest.fixture
def scripted() -> Iterator[Scripted]:
    """The handler of `scripted` jobs, which does nothing until the test tells it to."""
    from tests.jobs.scripted import HANDLER

    HANDLER.reset()
    yield HANDLER
    HANDLER.reset()


@pytest.fixture
def instance(db: None) -> Instance:
    from library.models import Instance, Kind, Policy

    policy = Policy.objects.create(name="English", target_languages=["eng"])
    return Instance.objects.create(
        name="Sonarr", kind=Kind.SONARR, url="http://sonarr.test", api_key="key", policy=policy
    )


@pytest.fixture
def media(instance: Instance) -> Media:
    from library.models import Media

    return Media.objects.create(instance=instance, arr_id=1, title="Dark", path="/tv/Dark")
