"""The pace of a player, as it is kept and told."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from connections import rate
from connections.models import Breaker, Connection
from core.errors import ApiTransientError, Later
from demo.players.process import StandIn
from jobs import doorbells
from jobs.models import ItemState, Job, Queue
from jobs.runner import run_item
from players import jobs, pace, sources
from players.clients.contract import SUMMARY, Kind
from players.models import Link, LinkState, Outage, Pace, PlayerSettings, Route, Subject
from players.pace import Pacer
from players.rules.difference import Mode
from players.rules.matching import Title
from players.sources import State

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
    for _ in range(6):
        pacer.slot()
    with pytest.raises(Later):
        pacer.slot()
    with pytest.raises(Later):
        pacer.batch_size(100)
    # A list that began anew each time it has to wait would never be read to its end.
    with pacer.reading():
        pacer.slot()


def test_a_quick_player_costs_no_statement_for_each_call(player: Connection, monkeypatch):
    PlayerSettings.objects.update(most_a_second=100)
    taken: list[int] = []
    take = rate.take

    def counted(*given: Any, slots: int = 1, **options: Any) -> None:
        take(*given, slots=slots, **options)
        taken.append(slots)

    monkeypatch.setattr(rate, "take", counted)
    monkeypatch.setattr("players.pace.time.monotonic", lambda: 1000.0)
    pacer = Pacer(player)
    for _ in range(20):
        pacer.slot()
    assert taken == [10, 10]
    pacer.slot()
    pacer.heard(ApiTransientError("player.page-gone", app="Plex"), 0.01)
    pacer.slot()
    assert len(taken) == 4


@pytest.fixture
def put_off(player: Connection, movies: Connection, push) -> Job:
    """A push of twelve summaries of twenty that were sent before, at a rate that allows few at once."""
    Route.objects.create(source=movies, player=player, fields={SUMMARY: Mode.KEEP})
    say(movies, range(1, 21), "first")
    push(player)
    PlayerSettings.objects.update(most_a_second=1)
    say(movies, range(1, 13), "second")
    Link.objects.filter(due_at__isnull=False).update(due_at="2020-01-01T00:00Z")
    return jobs.start_push(player)[0]


def say(source: Connection, numbers: range, summary: str) -> None:
    """Have a source say what the summary of some movies is."""
    names = [f"Movie {number:04}" for number in numbers]
    titles = [Title(Kind.MOVIE, name, files=(f"/movies/{name}/{name}.mkv",)) for name in names]
    seen = [sources.Seen(source.pk, one.title, Kind.MOVIE, one.title, about(one, summary)) for one in titles]
    known = {(row.source_id, row.key): row for row in Subject.objects.filter(key__in=names)}
    sources.take_over(seen, known)


def about(title: Title, summary: str) -> State:
    """What no other title shares: such an edit is a call of its own."""
    return State(title, fields={SUMMARY: f"{summary} of {title.title}"})


def attempt(job: Job) -> None:
    """Let time go by until calls may be made again, and go on."""
    Connection.objects.update(rate_at=None)
    job.items.filter(state=ItemState.PENDING).update(due_at="2020-01-01T00:00Z")
    for pk in job.items.filter(state=ItemState.PENDING).values_list("pk", flat=True):
        run_item(pk)


def test_what_is_put_off_is_done_batch_by_batch_and_counted_as_one_push(put_off: Job):
    PlayerSettings.objects.update(brake_percent=100)
    attempt(put_off)
    written = [0]
    while (lane := put_off.items.get(step=jobs.LANE)).state == ItemState.PENDING:
        attempt(put_off)
        written.append(put_off.items.get(pk=lane.pk).result["written"])
        assert Link.objects.filter(state=LinkState.IN_SYNC).count() == 8 + written[-1]
    assert (lane.state, written[-1], len(written) > 3) == (ItemState.DONE, 12, True)
    assert written == sorted(written)


def test_the_brake_goes_by_all_that_a_push_takes_away_however_often_it_was_put_off(put_off: Job):
    for _ in range(6):
        attempt(put_off)
    assert PlayerSettings.objects.get().held_since
    assert Link.objects.filter(state=LinkState.IN_SYNC).count() < 8 + 6


def test_a_push_that_was_put_off_is_rung_for_before_the_next_tick(put_off: Job, monkeypatch):
    rung: list[str] = []
    monkeypatch.setattr(doorbells, "top_up", rung.append)
    attempt(put_off)
    attempt(put_off)
    rung.clear()
    put_off.items.filter(state=ItemState.PENDING).update(due_at="2020-01-01T00:00Z")
    jobs.start_due_pushes()
    assert rung == [Queue.IO]


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
