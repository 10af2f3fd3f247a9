"""Programs that write the same files are told of, and not fought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from artwork import health, second_writers
from artwork import jobs as art_jobs
from artwork.models import ArtSettings, Entity, NfoMode, Publication, PublishedFile, State
from connections.models import Connection
from jobs import doorbells, services
from players.models import PlayerMapping
from system import switches
from tests.artwork.build import add_entity
from tests.players.conftest import add_player, jellyfin_process, player_state  # noqa: F401
from tests.scanner.conftest import movie_instance, radarr  # noqa: F401

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from demo.arr.process import StandIn
    from demo.players.process import StandIn as PlayerStandIn

pytestmark = pytest.mark.django_db
KODI = "Kodi (XBMC) / Emby"


@pytest.fixture(autouse=True)
def _is_on(db: None):
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


@pytest.fixture
def jellyfin(
    jellyfin_process: PlayerStandIn,  # noqa: F811
    add_player: Callable[..., Connection],  # noqa: F811
    movie: Entity,
) -> PlayerStandIn:
    """Jellyfin, whose library of movies lies where Lantern does, under a name of its own."""
    jellyfin_process.load(player_state("jellyfin"))
    assert movie.media is not None
    Publication.objects.create(title=movie, state=State.DONE, steps=[])
    PublishedFile.objects.create(title=movie, entity=movie, path="poster.jpg", size=1, mtime_ns=1)
    player = add_player(jellyfin_process, "jellyfin")
    ours = movie.media.path.rpartition("/")[0]
    PlayerMapping.objects.create(player=player, source_prefix=ours, player_prefix="/data/movies")
    return jellyfin_process


def told() -> list[str]:
    return [str(issue.what) for issue in health.written_twice()]


def test_what_an_app_writes_is_asked_with_each_scan_and_stands_in_health(
    radarr: StandIn,  # noqa: F811
    movie_instance: Connection,  # noqa: F811
):
    movie = Entity.objects.create(connection=movie_instance, kind="movie", name="Lantern")
    radarr.change("add_consumer", name=KODI)
    radarr.change("add_consumer", name="Roksbox", enabled=False)
    services.run_inline(art_jobs.start(art_jobs.SCAN, connection=movie_instance)[0])
    assert ArtSettings.of(movie_instance).writers == []  # no title of it was looked at
    second_writers.look(movie_instance)
    # Nothing of ours stands there: there is nothing to be replaced.
    assert told() == []
    PublishedFile.objects.create(title=movie, entity=movie, path="poster.jpg", size=1, mtime_ns=1)
    (issue,) = health.written_twice()
    assert str(issue.what) == f"{movie_instance.name} writes pictures or NFO files itself: {KODI}."
    assert "Settings → Metadata" in issue.remedy


def test_an_app_that_does_not_answer_leaves_what_is_known(
    radarr: StandIn,  # noqa: F811
    movie_instance: Connection,  # noqa: F811
):
    known = [{"connection": movie_instance.pk, "name": KODI, "writes": []}]
    ArtSettings.objects.create(connection=movie_instance, writers=known)
    radarr.fault("status", "/metadata", status=404)
    second_writers.look(movie_instance)
    assert ArtSettings.of(movie_instance).writers == known
    radarr.clear_faults()
    second_writers.look(movie_instance)
    assert ArtSettings.of(movie_instance).writers == []


def test_a_player_that_saves_beside_the_same_videos_is_told_with_its_remedy(
    jellyfin: PlayerStandIn, movie: Entity, admin_client: Client
):
    ArtSettings.objects.create(connection=movie.connection, nfo=NfoMode.MERGE)
    page = f"/media/{movie.media_id}/artwork"
    second_writers.look(movie.connection)
    assert told() == []
    jellyfin.change("save_beside", library=1, what=["nfos", "pictures"])
    jellyfin.change("save_beside", library=2, what=["nfos", "pictures"])  # of series, which lie elsewhere
    second_writers.look(movie.connection)
    (issue,) = health.written_twice()
    assert str(issue.what) == "Jellyfin writes pictures or NFO files itself: Movies (NFO files, pictures)."
    assert "Save artwork into media folders" in issue.remedy
    assert issue.action is not None
    player = Connection.objects.get(kind="jellyfin")
    assert str(player.pk) in issue.action.address
    assert issue.remedy in admin_client.get(page).content.decode()
    jellyfin.change("save_beside", library=1, what=[])
    second_writers.look(movie.connection)
    assert told() == []


def test_what_a_player_saves_and_we_do_not_write_meets_nothing_of_ours(
    jellyfin: PlayerStandIn, movie: Entity
):
    jellyfin.change("save_beside", library=1, what=["nfos"])
    second_writers.look(movie.connection)
    assert told() == []  # NFO files are left alone, which is usual
    ArtSettings.objects.update(nfo=NfoMode.OWN)
    assert told() == ["Jellyfin writes pictures or NFO files itself: Movies (NFO files)."]


def test_a_player_that_is_away_or_switched_off_leaves_what_is_known(
    jellyfin: PlayerStandIn, movie: Entity, tmp_path: Path
):
    jellyfin.change("save_beside", library=1, what=["pictures"])
    second_writers.look(movie.connection)
    jellyfin.fault("status", "/Library/VirtualFolders", status=404)
    second_writers.look(movie.connection)
    jellyfin.clear_faults()
    assert len(told()) == 1
    # Titles of another app that lie elsewhere are none of its business.
    other = Connection.objects.create(name="Elsewhere", kind="folder", url="")
    add_entity(other, tmp_path / "elsewhere" / "Comet (2019)")
    second_writers.look(other)
    assert ArtSettings.of(other).writers == []
    Connection.objects.filter(kind="jellyfin").update(enabled=False)
    assert told() == []
