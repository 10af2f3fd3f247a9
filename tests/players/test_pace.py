"""The pace of a player, as it is kept and told."""

from __future__ import annotations

import pytest
from django.utils import timezone

from connections.models import Breaker, Connection
from core.errors import ApiTransientError, Later
from demo.players.process import StandIn
from players import pace
from players.models import Link, Outage, Pace, PlayerSettings
from players.pace import Pacer

from .conftest import add_movie, player_state
from .test_sending import labels_at

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def player(plex_process: StandIn, add_player) -> Connection:
    plex_process.load(player_state("plex", movies=20))
    connection: Connection = add_player(plex_process)
    return connection


def test_a_player_without_a_past_has_its_limit(player: Connection):
    PlayerSettings.objects.update(most_a_second=7)
    assert pace.rate(player) == 7
    assert pace.eta(player) == 0


def test_what_was_learnt_is_written_down_and_holds_for_the_next(player: Connection):
    pacer = Pacer(player)
    for _ in range(5):
        pacer.heard(ApiTransientError("player.page-gone", app="Plex"), 0.01)
    pacer.batch_done(10, 5.0)
    assert Pacer(player).pace == pacer.pace
    assert pace.rate(player) == 12.5
    PlayerSettings.objects.update(most_a_second=3)
    assert pace.rate(player) == 3


def test_no_more_calls_are_made_than_are_allowed(player: Connection):
    PlayerSettings.objects.update(most_a_second=1)
    pacer = Pacer(player)
    for _ in range(3):
        pacer.slot()
    with pytest.raises(Later):
        pacer.slot()


def test_a_push_measures_what_a_title_takes(player: Connection, movies: Connection, plex_process, push):
    for number in range(1, 21):
        add_movie(movies, number)
    push(player)
    row = Pace.objects.get()
    assert (row.items, row.calls_each < 1, row.each < 2) == (20, True, True)
    assert labels_at(plex_process)["Movie 0020"] == ["dub"]
    Link.objects.update(due_at=timezone.now())
    assert 0 < pace.eta(player) < 40


def test_who_was_away_is_not_run_over(player: Connection, movies: Connection, push):
    add_movie(movies, 1)
    Outage.objects.create(player=player)
    push(player)
    assert pace.rate(player) < 6


def test_a_player_is_left_in_peace_after_two_calls_and_asked_every_minute(
    player: Connection, plex_process: StandIn
):
    from connections import breaker

    pacer = Pacer(player)
    for _ in range(2):
        pacer.heard(ApiTransientError("player.page-gone", app="Plex", counts_for_breaker=True), 0.0)
    player.refresh_from_db()
    assert player.breaker == Breaker.OPEN
    with plex_process.down():
        for _ in range(3):
            Connection.objects.update(breaker_open_until="2020-01-01T00:00Z")
            breaker.ping_due()
    player.refresh_from_db()
    assert player.breaker_pause == 60
