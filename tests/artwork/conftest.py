"""Titles whose folders are real, and pictures that are kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.artwork.build import add_entity, add_show
from tests.players.conftest import add_instance
from tests.providers.conftest import connect, process, unlimited, world  # noqa: F401

if TYPE_CHECKING:
    from artwork.models import Entity
    from connections.models import Connection
    from scanner.models import Policy


@pytest.fixture(autouse=True)
def _store_of_its_own(data: Path) -> None:
    pass


@pytest.fixture
def artwork_on(monkeypatch: pytest.MonkeyPatch) -> None:
    from core import flags

    real = flags.is_on
    monkeypatch.setattr(flags, "is_on", lambda key: key == "artwork" or real(key))


@pytest.fixture
def radarr_connection(policy: Policy) -> Connection:
    return add_instance("radarr", policy)


@pytest.fixture
def sonarr_connection(policy: Policy) -> Connection:
    return add_instance("sonarr", policy)


@pytest.fixture
def movie(radarr_connection: Connection, tmp_path: Path) -> Entity:
    """Lantern (2020) with its video in a folder of its own."""
    return add_entity(radarr_connection, tmp_path / "movies" / "Lantern (2020)")


@pytest.fixture
def show(sonarr_connection: Connection, tmp_path: Path) -> Entity:
    """Harbour with an episode in each of two seasons, of which the second is a double one."""
    return add_show(sonarr_connection, tmp_path / "tv" / "Harbour")


@pytest.fixture
def folder_of() -> Callable[[Entity], Path]:
    def folder(entity: Entity) -> Path:
        assert entity.media is not None
        return Path(entity.media.path)

    return folder


@pytest.fixture
def reel(radarr_connection: Connection, tmp_path: Path) -> Entity:
    """The movie 603 of the stand-in providers."""
    movie = add_entity(radarr_connection, tmp_path / "movies" / "The Lost Reel (1999)")
    movie.ids, movie.year = {"tmdb": "603"}, 1999
    movie.save()
    return movie


@pytest.fixture
def harbour(show: Entity) -> Entity:
    """The series 1056 of TheTVDB's stand-in."""
    show.ids = {"tvdb": "1056"}
    show.save()
    return show
