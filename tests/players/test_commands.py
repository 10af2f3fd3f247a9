"""Commands about players, as far as no player has to answer."""

from __future__ import annotations

import pytest

from connections.models import Connection
from jobs.models import Job
from players.models import Link, PlayerSettings
from tests.commands import run

from .conftest import add_movie
from .rows import make_player

pytestmark = pytest.mark.django_db


@pytest.fixture
def player(movies: Connection) -> Connection:
    return make_player(movies, [add_movie(movies, number) for number in (1, 2)])


def test_why_a_title_is_none_of_the_players_is_told_line_by_line(player: Connection):
    row = Link.objects.get(state="ambiguous")
    told = run("explain_match", row.subject.key)
    assert told.out.splitlines()[:2] == [
        f"{row.subject} in Plex: ambiguous",
        "  looked for at /d/Movie 0002/Movie 0002.mkv",
    ]
    assert "Plex has 2 titles that could be this one: choose the right one." in told.out
    assert run("explain_match", row.subject.key, "--json").json[0]["state"] == "ambiguous"
    assert run("explain_match", "nothing of the kind").code == 2


def test_a_push_may_be_left_to_the_workers_and_lets_pass_what_is_held(player: Connection, movies: Connection):
    PlayerSettings.objects.update(held_since="2026-01-15T12:00Z", held_reason="player.held")
    assert run("push", "Plex", "--in-background", "--release").code == 0
    assert Job.objects.get().queue == "interactive"
    assert PlayerSettings.objects.get().held_since is None
    assert run("push", movies.name).code == 2
    assert run("reconcile_players", movies.name).code == 2
