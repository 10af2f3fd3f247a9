"""A Stash is followed without its hook, and what the hook did not tell is found and said."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from connections import services
from connections.models import Connection
from core.errors import ConfigError
from demo.players.process import StandIn, StashStandIn
from demo.players.stash.state import StashState
from jobs import contract, schedules
from jobs.models import Job, JobState, Schedule
from players import health
from players.clients import stash as client_module
from players.models import Link, StashSettings, Subject, TouchedGroup
from players.stash import hook
from players.stash.following import EVERY, FOLLOW, follow_soon

from .conftest import follow, items, queries, scenes, send

pytestmark = pytest.mark.django_db(transaction=True)


def due() -> set[str]:
    return set(Link.objects.filter(due_at__isnull=False).values_list("subject__title", flat=True))


def told(job: Job) -> dict[str, int]:
    return {name: job.summary[name] for name in ("changed", "missed")}


@pytest.fixture
def synced(stash: StashStandIn, plex: StandIn, source: Connection, player: Connection) -> Connection:
    """A Stash of three scenes with tags, all of which the player shows."""
    stash.load(scenes(3, tags=("Sea",), studio="Blue", performers=("Ada",)))
    follow(source)
    send(player)
    stash.clear_journal()
    return source


def test_it_is_asked_every_quarter_of_an_hour(source: Connection):
    schedules.ensure()
    (schedule,) = Schedule.objects.filter(connection=source)
    assert (schedule.job, schedule.every) == (FOLLOW, EVERY)


def test_only_what_changed_is_due_and_no_more_is_asked(synced: Connection, stash: StashStandIn):
    scene = stash.state().titled("Scene 2")
    stash.change("update_scene", id=scene.id, title="Deux")
    assert told(follow(synced)) == {"changed": 1, "missed": 1}
    assert due() == {"Scene 2"}
    assert queries(stash) == 1
    assert follow(synced).summary["changed"] == 0


def test_what_was_deleted_is_found_by_reading_all_of_it_once_a_day(
    synced: Connection, stash: StashStandIn, player: Connection, plex: StandIn
):
    stash.change("remove_scene", id=stash.state().titled("Scene 2").id)
    follow(synced)
    assert due() == set()
    StashSettings.objects.update(whole_at=timezone.now() - timedelta(days=2))
    follow(synced)
    assert due() == {"Scene 2"}
    send(player)
    assert items(plex)["clip_0002"].lists["genre"] == []
    assert Subject.objects.count() == 2


@pytest.mark.parametrize("group", ["tags", "studios", "performers"])
def test_a_tag_that_is_renamed_makes_its_scenes_due(
    group: str, synced: Connection, stash: StashStandIn, player: Connection, plex: StandIn
):
    (row,) = getattr(stash.state(), group).values()
    stash.change("rename", group=group, id=row.id, name="Renamed")
    hook.hear(synced.pk, f"{group[:-1].capitalize()}.Update.Post", str(row.id))
    assert follow_soon() == 1
    assert follow_soon() == 0
    follow(synced)
    assert not TouchedGroup.objects.exists()
    assert len(due()) == 3
    send(player)
    shown = items(plex)["clip_0003"]
    assert "Renamed" in {*shown.lists["genre"], *shown.lists["actor"], shown.texts["studio"]}


def test_a_tag_that_is_deleted_makes_all_scenes_due(
    synced: Connection, stash: StashStandIn, player: Connection, plex: StandIn
):
    hook.hear(synced.pk, "Tag.Destroy.Post", "1")
    follow(synced)
    assert len(due()) == 3
    assert not TouchedGroup.objects.exists()


def test_a_stash_that_is_new_or_of_which_other_scenes_were_chosen_is_asked_at_once(source: Connection):
    assert follow_soon() == 1
    follow(source)
    assert follow_soon() == 0
    services.edit(source, connect=False, only_tags="Sea")
    assert follow_soon() == 1


def test_after_a_failure_it_is_not_asked_at_every_tick(synced: Connection):
    hook.hear(synced.pk, "Tag.Update.Post", "1")
    Job.objects.create(name=FOLLOW, connection=synced, state=JobState.FAILED, finished_at=timezone.now())
    assert follow_soon() == 0


def test_a_hook_that_falls_silent_is_told_until_it_speaks_again(synced: Connection, stash: StashStandIn):
    scene = stash.state().titled("Scene 2")
    stash.change("update_scene", id=scene.id, title="Deux")
    follow(synced)
    assert list(health.silent()) == []  # nobody has set up a hook
    token = hook.make_token(synced)
    (issue,) = health.silent()
    assert "One change was found" in str(issue.what)
    follow(synced)
    (issue,) = health.silent()
    assert "One change was found" in str(issue.what)
    assert hook.opened_by(synced.pk, token)
    hook.hear(synced.pk, "Scene.Update.Post", str(scene.id))
    assert list(health.silent()) == []


def test_what_the_hook_told_is_not_missed(synced: Connection, stash: StashStandIn):
    scene = stash.state().titled("Scene 2")
    stash.change("update_scene", id=scene.id, title="Deux")
    hook.hear(synced.pk, "Scene.Update.Post", str(scene.id))
    assert told(follow(synced)) == {"changed": 1, "missed": 0}


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "repeat", "path": "/graphql", "skip": 1},
        {"kind": "total", "path": "#findScenes", "fields": ["count"], "number": 9},
    ],
)
def test_a_list_that_is_not_all_of_it_forgets_nothing_and_is_read_again(
    fault, synced: Connection, stash: StashStandIn, monkeypatch
):
    monkeypatch.setattr(client_module, "PAGE", 1)
    StashSettings.objects.update(whole_at=None)
    kind = fault.pop("kind")
    stash.fault(kind, **fault)
    assert follow(synced).state == JobState.COMPLETED
    assert due() == set()
    assert not Subject.objects.filter(gone=True).exists()


def test_ten_thousand_scenes_take_few_calls(
    source: Connection, stash: StashStandIn, player: Connection, monkeypatch
):
    monkeypatch.setattr(client_module, "PAGE", 10)
    stash.load(scenes(40))
    stash.clear_journal()
    follow(source)
    assert (queries(stash), Subject.objects.count()) == (4, 40)


def test_it_is_started_by_its_name_for_a_stash_alone(source: Connection, player: Connection):
    job, is_new = contract.start_by_name(FOLLOW, connection=source)
    assert is_new
    assert contract.start_by_name(FOLLOW, connection=source) == (job, False)
    with pytest.raises(ConfigError, match="Plex is not a Stash"):
        contract.start_by_name(FOLLOW, connection=player)
    with pytest.raises(ConfigError, match="takes no parameters"):
        contract.start_by_name(FOLLOW, connection=source, params={"x": 1})


def test_a_stash_that_is_gone_is_not_asked(source: Connection):
    StashSettings.objects.all().delete()
    assert "changed" not in follow(source).summary


def test_an_empty_stash_is_no_error(source: Connection, stash: StashStandIn):
    stash.load(StashState())
    assert told(follow(source)) == {"changed": 0, "missed": 0}
