"""Titles are prepared by a job: those that are due, and without a call where nothing changed."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from django.utils import timezone

from artwork import due
from artwork import jobs as art_jobs
from artwork.models import ArtSettings, Candidate, Entity
from core import flags
from demo.providers.state import ProviderState
from jobs import services
from jobs.models import Job, JobState, Trigger
from providers.jobs import start_changes
from providers.models import Answer, Standing
from tests.artwork.build import add_entity

if TYPE_CHECKING:
    from connections.models import Connection
    from demo.providers.process import StandIn

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("unlimited")]
Connect = Callable[..., "Connection"]


@pytest.fixture(autouse=True)
def _switched_on(monkeypatch: pytest.MonkeyPatch) -> None:
    real = flags.is_on
    monkeypatch.setattr(flags, "is_on", lambda key: key == "artwork" or real(key))


@pytest.fixture
def only_logos(reel: Entity) -> ArtSettings:
    """Few pictures, since each costs a test its drawing."""
    arts = ("poster", "fanart", "banner", "landscape", "clearart", "discart")
    rules = {art: {"most": 0} for art in arts}
    return ArtSettings.objects.create(connection=reel.connection, rules=rules)


def run(trigger: Trigger = Trigger.MANUAL) -> int:
    """Run the job, and return how many titles it prepared."""
    job = services.run_inline(art_jobs.start(art_jobs.PREPARE, trigger=trigger)[0])
    assert job.state == JobState.COMPLETED
    return int(job.summary.get("titles", 0))


def test_titles_are_prepared_once(reel: Entity, connect: Connect, only_logos: ArtSettings, world: StandIn):
    connect("tmdb")
    assert run() == 1
    calls = len(world.called())
    assert run() == 0
    assert len(world.called()) == calls


def test_what_is_not_prepared_by_itself_waits_to_be_asked_for(
    reel: Entity, connect: Connect, only_logos: ArtSettings
):
    connect("tmdb")
    ArtSettings.objects.update(prepare=False)
    assert run(Trigger.SCHEDULED) == 0
    assert run() == 1


def test_without_a_provider_no_title_is_due(reel: Entity):
    assert due.titles() == []


def test_a_title_with_a_new_video_is_due(harbour: Entity, connect: Connect):
    connect("tvdb")
    Entity.objects.filter(title=harbour, kind="episode").update(told={"1": {"title": ["One", "tvdb"]}})
    Entity.objects.filter(pk=harbour.pk).update(prepared_at=timezone.now())
    assert due.titles(harbour.connection) == []
    Entity.objects.filter(title=harbour, kind="episode", season=2).update(told={})
    assert due.titles(harbour.connection) == [harbour]


def test_a_title_is_looked_at_again_after_a_month(reel: Entity, connect: Connect):
    connect("tmdb")
    Entity.objects.update(prepared_at=timezone.now() - timedelta(days=31))
    assert due.titles() == [reel]


def test_only_what_changed_at_a_provider_is_asked_for_again(
    radarr_connection: Connection, connect: Connect, world: StandIn, tmp_path: Path
):
    """With N movies unchanged, a day costs the two lists of TMDB alone, and none of them a call."""
    connection = radarr_connection
    arts = ("poster", "fanart", "banner", "landscape", "clearlogo", "clearart", "discart")
    ArtSettings.objects.create(connection=connection, rules={art: {"most": 0} for art in arts})
    state = ProviderState()
    for number in range(1, 9):
        state.add_movie(number, f"Movie {number}", premiered="1999-01-01")
    world.load(state)
    for number in range(1, 9):
        title = add_entity(connection, tmp_path / f"Movie {number} (1999)", arr_id=number)
        Entity.objects.filter(pk=title.pk).update(ids={"imdb": f"tt{7_000_000 + number}"})
    tmdb = connect("tmdb")
    assert run() == 8

    Answer.objects.update(fetched_at=timezone.now() - timedelta(days=2))
    calls = len(world.called())
    services.run_inline(start_changes(connection=tmdb, params={})[0])
    assert run() == 0
    lists = world.called()[calls:]
    assert set(lists) == {"/3/movie/changes", "/3/tv/changes"}

    yesterday = (timezone.now() - timedelta(days=1)).timestamp()
    world.change("touch", kind="movie", id=3, at=yesterday)
    Answer.objects.filter(subject="").delete()
    Answer.objects.update(fetched_at=timezone.now() - timedelta(days=2))
    Standing.objects.all().delete()
    services.run_inline(start_changes(connection=tmdb, params={})[0])
    calls = len(world.called())
    assert run() == 1
    assert world.called()[calls:] == ["/3/movie/3"]


@pytest.mark.parametrize("is_changed", [True, False])
def test_a_title_that_a_provider_did_not_know_is_due_once_its_list_names_it(
    reel: Entity, connect: Connect, is_changed: bool
):
    fanart = connect("fanart")
    Entity.objects.update(prepared_at=timezone.now())
    past = timezone.now() - timedelta(hours=1)
    about = {"kind": "movie", "subject": "603", "fetched_at": past, "stale_at": past, "body": None}
    later = timezone.now() + timedelta(days=9)
    Answer.objects.create(connection=fanart, key="k" * 64, ends_at=later, is_changed=is_changed, **about)
    assert due.titles() == ([reel] if is_changed else [])


def test_a_scan_has_what_it_found_prepared_and_published(
    reel: Entity, connect: Connect, only_logos: ArtSettings
):
    connect("tmdb")
    ArtSettings.objects.update(publish=True)
    services.run_inline(services.start(art_jobs.ADOPT)[0])
    services.run_inline(Job.objects.get(name=art_jobs.PREPARE))
    services.run_inline(Job.objects.get(name=art_jobs.PUBLISH))
    assert reel.media is not None
    assert (Path(reel.media.path) / "clearlogo.png").exists()


def command(name: str, *arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    code = 0
    try:
        call_command(name, *arguments, stdout=out, stderr=out)
    except SystemExit as ended:
        code = int(str(ended.code or 0))
    return code, out.getvalue()


def test_commands_prepare_a_title_and_say_what_would_change(
    reel: Entity, connect: Connect, only_logos: ArtSettings
):
    connect("tmdb")
    code, told = command("artwork_prepare", "reel", "--json")
    assert (code, json.loads(told)["fetched"]) == (0, 1)
    assert json.loads(command("artwork_preview", "reel", "--json")[1]) == {"titles": []}

    Candidate.objects.update(rank=None)
    changes = json.loads(command("artwork_preview", "--connection", reel.connection.name, "--json")[1])
    (told,) = changes["titles"][0]["changes"]
    assert told.startswith("clearlogo: ")
    assert "points: size " in told
    only_logos.rules["clearlogo"] = {"most": 0}
    only_logos.save()
    command("artwork_preview")
    Candidate.objects.filter(art="clearlogo", digest__gt="").update(rank=0)
    assert "clearlogo: none any more" in command("artwork_preview")[1]


def test_a_command_tells_why_a_title_could_not_be_prepared(
    reel: Entity, connect: Connect, only_logos: ArtSettings
):
    connect("tmdb", api_key="f" * 32)
    code, told = command("artwork_prepare")
    assert code == 1
    assert "refused the API key" in told
