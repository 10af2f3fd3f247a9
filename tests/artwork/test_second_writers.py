"""An app that writes the same files is told of, and not fought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from artwork import health, second_writers
from artwork import jobs as art_jobs
from artwork.models import ArtSettings, Entity, PublishedFile
from jobs import doorbells, services
from tests.scanner.conftest import movie_instance, radarr  # noqa: F401

if TYPE_CHECKING:
    from connections.models import Connection
    from demo.arr.process import StandIn

pytestmark = pytest.mark.django_db
KODI = "Kodi (XBMC) / Emby"


@pytest.fixture(autouse=True)
def _is_on(artwork_on: None):
    with doorbells.muted():
        yield


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
    assert ArtSettings.of(movie_instance).writers == [KODI]
    # Nothing of ours stands there: there is nothing to be replaced.
    assert list(health.written_twice()) == []
    PublishedFile.objects.create(title=movie, entity=movie, path="poster.jpg", size=1, mtime_ns=1)
    (issue,) = health.written_twice()
    assert str(issue.what) == f"{movie_instance.name} writes pictures or NFO files itself: {KODI}."
    assert "Settings → Metadata" in issue.remedy


def test_an_app_that_does_not_answer_leaves_what_is_known(
    radarr: StandIn,  # noqa: F811
    movie_instance: Connection,  # noqa: F811
):
    ArtSettings.objects.create(connection=movie_instance, writers=[KODI])
    radarr.fault("status", "/metadata", status=404)
    second_writers.look(movie_instance)
    assert ArtSettings.of(movie_instance).writers == [KODI]
    radarr.clear_faults()
    second_writers.look(movie_instance)
    assert ArtSettings.of(movie_instance).writers == []
