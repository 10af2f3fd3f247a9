"""A title that its app imports for the first time is prepared and published at once, where that is set."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from artwork import jobs as art_jobs
from artwork.jobs import NewHandler
from artwork.models import ArtSettings, Entity
from artwork.receivers import hear
from core.errors import ConfigError, Later
from jobs import services
from jobs.models import Job
from library.contract import Heard

if TYPE_CHECKING:
    from connections.models import Connection

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("artwork_on", "unlimited")]
Connect = Callable[..., "Connection"]


def import_of(connection: Connection, arr_id: int = 1, event: str = "Download") -> list[Job]:
    hear(Heard(connection, event, arr_id))
    return list(Job.objects.filter(name=art_jobs.NEW))


@pytest.fixture
def folder(reel: Entity, folder_of: Callable[[Entity], Path]) -> Path:
    """The folder of a movie that artwork has never seen."""
    found = folder_of(reel)
    (found / "movie.nfo").write_text('<movie><uniqueid type="tmdb">603</uniqueid></movie>')
    reel.delete()
    return found


def test_a_new_title_is_published(folder: Path, radarr_connection: Connection, connect: Connect):
    arts = ("poster", "fanart", "banner", "landscape", "clearart", "discart")
    ArtSettings.objects.create(connection=radarr_connection, rules={art: {"most": 0} for art in arts})
    connect("tmdb")
    (job,) = import_of(radarr_connection)
    assert services.run_inline(job).summary["files"] == 1
    assert [one.stem for one in folder.glob("*.png")] == ["clearlogo"]
    assert import_of(radarr_connection) == [job]


def test_without_a_provider_what_lies_there_is_taken_in(folder: Path, radarr_connection: Connection):
    (job,) = import_of(radarr_connection)
    assert services.run_inline(job).summary["titles"] == 1
    assert Entity.objects.get().ids["tmdb"] == "603"
    assert not Entity.objects.get().publications.exists()


@pytest.mark.parametrize("event", ["Rename", "MovieFileDelete"])
def test_only_an_import_makes_a_title_new(folder: Path, radarr_connection: Connection, event: str):
    assert not import_of(radarr_connection, event=event)


def test_it_may_be_switched_off(folder: Path, radarr_connection: Connection):
    ArtSettings.objects.create(connection=radarr_connection, publish_new=False)
    assert not import_of(radarr_connection)


def test_what_was_prepared_waits_for_a_person(reel: Entity, radarr_connection: Connection):
    Entity.objects.update(prepared_at=timezone.now())
    assert not import_of(radarr_connection)


def test_what_was_published_is_put_back_alone(reel: Entity):
    reel.publications.create(state="done", steps=[])
    run = SimpleNamespace(job=Job(connection=reel.connection, params={"arr_id": 1}))
    assert NewHandler().do(run) == {"titles": 0}  # type: ignore[arg-type]


def test_it_waits_until_the_library_knows_the_title_but_not_for_ever(radarr_connection: Connection):
    job = Job(connection=radarr_connection, params={"arr_id": 7}, created_at=timezone.now())
    run = SimpleNamespace(job=job)
    with pytest.raises(Later):
        NewHandler().do(run)  # type: ignore[arg-type]
    job.created_at -= art_jobs.WAITS_AT_MOST + timedelta(seconds=1)
    assert NewHandler().do(run) == {"titles": 0}  # type: ignore[arg-type]


@pytest.mark.parametrize("params", [{}, {"arr_id": "1"}, {"arr_id": 1, "more": 2}])
def test_the_job_takes_the_number_of_a_title(params: dict[str, object]):
    with pytest.raises(ConfigError, match="art_new takes arr_id"):
        NewHandler().validate(params)
