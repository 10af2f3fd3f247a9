"""The stand-in for all providers, with a small library, and a connection to each of the three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from demo.providers.process import StandIn
from demo.providers.state import ProviderState

if TYPE_CHECKING:
    from connections.models import Connection


def small_state() -> ProviderState:
    """Two movies, the first in two languages, and a series with specials and two seasons."""
    state = ProviderState()
    state.add_movie(
        603,
        "The Lost Reel",
        titles={"de": "Die verlorene Rolle"},
        taglines={"en": "Find it."},
        premiered="1999-03-31",
        collection="Reels",
    )
    state.add_movie(604, "Comet", premiered="2021-05-01")
    state.add_series(
        56,
        "Harbour",
        {0: 1, 1: 3, 2: 2},
        titles={"de": "Der Hafen"},
        plots={"en": "Ships.", "de": "Schiffe."},
        premiered="2008-01-20",
        ended="2013-09-29",
        status="ended",
        runtime=45,
    )
    return state


@pytest.fixture(scope="session")
def process() -> Iterator[StandIn]:
    with StandIn() as stand_in:
        yield stand_in


@pytest.fixture
def world(process: StandIn) -> StandIn:
    process.load(small_state())
    return process


@pytest.fixture
def connect(db: None, world: StandIn) -> Callable[..., Connection]:
    """Adds a connection to one of the providers that the stand-in plays."""

    def add(kind: str, **secrets: str) -> Connection:
        from connections.models import Connection

        made = Connection(name=f"My {kind}", kind=kind, url=world.url)
        made.keep_secrets({"api_key": world.api_key, **secrets})
        made.save()
        return made

    return add


@pytest.fixture
def unlimited(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call has to wait for its slot: a test is faster than any network."""
    monkeypatch.setattr("providers.connections.slot_for", lambda *_, **__: None)
