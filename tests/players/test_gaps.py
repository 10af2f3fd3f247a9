"""What a player does not show as it should: found, counted, sent again, and never in a circle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from connections.models import Connection
from core.errors import ConfigError
from demo.players.process import StandIn
from jobs import services
from jobs.models import Job
from players import gaps, links
from players.jobs import RECONCILE
from players.models import Link, LinkState, Subject

from .conftest import add_movie, player_state
from .test_sending import labels_at

pytestmark = pytest.mark.django_db(transaction=True)
Push = Callable[[Connection], Job]


@pytest.fixture
def player(plex_process: StandIn, movies: Connection, add_player, push: Push) -> Connection:
    """A Plex in which one title is empty, one stale, one missing, one as it should be, and one never came."""
    plex_process.load(player_state("plex", movies=4))
    for number in (1, 2, 3, 4, 77):
        add_movie(movies, number)
    connection: Connection = add_player(plex_process)
    push(connection)
    state = plex_process.state()
    state.titled("Movie 0001").lists["label"] = []
    state.titled("Movie 0002").lists["label"] = ["Kids"]
    state.remove(state.titled("Movie 0003").id)
    plex_process.load(state)
    return connection


def reconcile(player: Connection, **params: Any) -> dict[str, Any]:
    job, _ = services.start(RECONCILE, connection=player, params=params)
    summary: dict[str, Any] = services.run_inline(job).summary
    return summary


def test_a_dry_run_tells_every_gap_and_changes_nothing(player: Connection, plex_process: StandIn):
    before = list(Link.objects.order_by("pk").values())
    plex_process.clear_journal()
    found = reconcile(player, dry_run=True)
    assert {gap: found[gap] for gap in ("empty", "stale", "missing")} == {
        "empty": 1,
        "stale": 1,
        "missing": 2,
    }
    assert list(Link.objects.order_by("pk").values()) == before
    assert {row["method"] for row in plex_process.journal()} == {"GET"}


def test_gaps_are_sent_and_what_is_as_it_should_be_is_left_alone(
    player: Connection, plex_process: StandIn, push: Push
):
    found = reconcile(player, everything=True)
    assert (found["empty"], found["stale"], found["missing"], found["due"]) == (1, 1, 2, 3)
    assert Link.objects.get(subject__title__startswith="Movie 0004").state == LinkState.IN_SYNC
    push(player)
    labels = labels_at(plex_process)
    assert (labels["Movie 0001"], labels["Movie 0002"]) == (["dub"], ["dub", "kids"])


def test_what_never_comes_makes_nothing_due_however_often_it_is_found(player: Connection, push: Push):
    reconcile(player, everything=True)
    push(player)
    tries = Link.objects.get(subject__title__startswith="Movie 0077").tries
    for _ in range(3):
        assert reconcile(player, everything=True)["due"] == 0
    assert Link.objects.get(subject__title__startswith="Movie 0077").tries == tries


def test_only_what_changed_lately_at_its_source_is_looked_at(player: Connection):
    old = timezone.now() - timedelta(days=3)
    Subject.objects.filter(title__startswith="Movie 0001").update(changed_at=old)
    Subject.objects.filter(title__startswith="Movie 0077").update(changed_at=old)
    day, week = (reconcile(player, dry_run=True, scope=scope) for scope in ("24h", "7d"))
    assert (day["empty"], day["missing"]) == (0, 1)
    assert (week["empty"], week["missing"]) == (1, 2)


def test_an_edit_of_somebody_else_is_noticed(player: Connection, push: Push):
    link = Link.objects.get(subject__title__startswith="Movie 0004")
    marks = {
        id: {**of_item, "label:gone": {"ours": ["x"], "sure": True}} for id, of_item in link.marks.items()
    }
    Link.objects.filter(pk=link.pk).update(marks=marks)
    reconcile(player, everything=True)
    assert Link.objects.get(pk=link.pk).state == LinkState.DUE


@pytest.mark.parametrize("wrong", [{"scope": "1h"}, {"everything": 1}, {"dry_run": "no"}, {"depth": True}])
def test_parameters_that_mean_nothing_are_refused(wrong: dict[str, Any]):
    with pytest.raises(ConfigError, match="24h"):
        gaps.checked(wrong)


def test_what_a_player_added_is_looked_for(player: Connection, plex_process: StandIn, push: Push):
    state = plex_process.state()
    state.add_movie(1, "/data/movies/Movie 0077/Movie 0077.mkv", title="Movie 0077")
    plex_process.load(state)
    assert reconcile(player)["due"] >= 1
    push(player)
    assert labels_at(plex_process)["Movie 0077"] == ["dub"]
    assert links.dead(player).count() == 0
