"""The first publication that nobody asked for waits for a person where it would write much."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse

from artwork import brake, choosing, health, news
from artwork import jobs as art_jobs
from artwork.models import ArtSettings, Entity
from core.errors import ConfigError
from jobs import doorbells, services
from jobs.models import Job
from system import switches
from tests.api.conftest import admin, api  # noqa: F401
from tests.artwork.build import add_entity
from tests.artwork.doors import add_candidate

if TYPE_CHECKING:
    from rest_framework.test import APIClient

    from connections.models import Connection

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _is_on(db: None, read_just_now: None):
    switches.switch("artwork", True)
    with doorbells.muted():
        yield


@pytest.fixture
def titles(radarr_connection: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Entity]:
    """Two, where one alone is few; one of them has a picture that somebody else has put there."""
    monkeypatch.setattr(brake, "FEW", 1)
    ArtSettings.objects.create(connection=radarr_connection, publish=True, profile="kodi")
    found = []
    for number, name in enumerate(("Lantern (2020)", "Harbour (2020)"), 1):
        entity = add_entity(radarr_connection, tmp_path / name, arr_id=number)
        add_candidate(entity, rank=0, name="cover.jpg")
        found.append(entity)
    add_candidate(found[0], colour="red", name="poster.jpg")
    choosing.refresh(found)
    return found


def prepared() -> Job:
    return services.run_inline(art_jobs.start(art_jobs.PREPARE)[0])


def publications() -> int:
    return Job.objects.filter(name=art_jobs.PUBLISH).count()


def test_what_would_write_much_is_held_with_its_figures(titles: list[Entity]):
    job = prepared()
    settings = ArtSettings.objects.get()
    assert settings.held_since is not None
    assert "2 files of 2 titles and replaces 1 that" in str(job.outcome)
    assert str(settings.held_reason) == str(job.outcome)
    assert not publications()
    prepared()
    assert ArtSettings.objects.get().held_since == settings.held_since


def test_that_much_waits_is_told_once_and_stands_in_health(titles: list[Entity]):
    first, again = prepared(), prepared()
    (notice,) = news.of_preparing(first)
    assert list(news.of_preparing(again)) == []
    assert (notice.topic, notice.connection) == ("artwork_held", titles[0].connection)
    message = render_to_string("artwork/news/held.txt", notice.context)
    title, _, text = message.strip().partition("\n")
    assert (title, text.strip()) == (
        "Radarr: artwork waits for you",
        str(ArtSettings.objects.get().held_reason),
    )
    (issue,) = health.held()
    assert (issue.source, issue.action.view) == ("Radarr", "inbox")
    assert "2 files of 2 titles" in str(issue.what)
    brake.let_go(titles[0].connection, for_good=True)
    assert list(health.held()) == []


def test_few_titles_are_published_unasked(titles: list[Entity], monkeypatch: pytest.MonkeyPatch):
    prepared()
    monkeypatch.setattr(brake, "FEW", 2)
    prepared()
    assert publications() == 1
    assert ArtSettings.objects.get().held_since is None


def test_what_a_person_released_is_published_and_held_no_more(
    titles: list[Entity], folder_of: Callable[[Entity], Path]
):
    prepared()
    call_command("artwork_publish", "--release", "--connection", "Radarr")
    assert (folder_of(titles[1]) / "poster.jpg").exists()
    add_candidate(titles[0], "fanart", rank=0)
    add_candidate(titles[1], "fanart", rank=0)
    choosing.refresh(titles)
    prepared()
    assert ArtSettings.objects.get().held_since is None
    assert publications() == 2


def test_it_waits_in_the_inbox_and_is_released_there(titles: list[Entity], admin_client: Client):
    prepared()
    page = admin_client.get(reverse("inbox")).content.decode()
    assert "2 files of 2 titles" in page
    assert f"state=unpublished&amp;instance={titles[0].connection_id}" in page
    assert admin_client.post(reverse("art_release", args=[titles[0].connection_id])).status_code == 302
    assert publications() == 1
    assert "2 files of 2 titles" not in admin_client.get(reverse("inbox")).content.decode()


def test_it_is_released_by_the_api(titles: list[Entity], api: APIClient):  # noqa: F811
    prepared()
    (held,) = api.get("/api/v1/artwork/held").json()["results"]
    assert held["connection"] == titles[0].connection_id
    address = f"/api/v1/artwork/held/{held['connection']}/release"
    assert api.post(address).status_code == 202
    assert api.post(address).status_code == 404


def test_nothing_is_released_where_nothing_is_held(titles: list[Entity]):
    from artwork import care

    with pytest.raises(ConfigError, match="Nothing of Radarr waits"):
        care.release(titles[0].connection, None)
