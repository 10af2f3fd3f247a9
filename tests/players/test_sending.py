"""Labels of our library in a player, through a real job and a stand-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from connections.models import Connection
from demo.players.process import StandIn
from jobs.models import Job, JobState
from library import changes
from library.models import Media, What
from players.models import Link, LinkState
from scanner.models import ScanState

from .conftest import add_harbour, add_movie, player_state

pytestmark = pytest.mark.django_db(transaction=True)
Push = Callable[[Connection], Job]


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(player_state("plex", movies=6))
    return plex_process


def labels_at(player: StandIn, name: str = "label") -> dict[str, list[str]]:
    """The labels that every movie, show and season carries, by title."""
    items = player.state().items.values()
    return {
        item.title: sorted(label.casefold() for label in item.lists.get(name, [])) for item in items if item.kind != "episode"
    }


def calls(player: StandIn) -> Counter[str]:
    return Counter(row["method"] for row in player.journal())


def decide(media: Media, verdict: str) -> None:
    """As a scan does that finds another verdict."""
    ScanState.objects.filter(media=media).update(verdict=verdict)
    changes.record([changes.of(media, What.LABELS)])


def test_every_label_is_right_and_nothing_is_written_twice(
    plex: StandIn, movies: Connection, series: Connection, add_player, push: Push
):
    verdicts = ["dub", "semi-dub", "original", "unknown", "wrong-dub"]
    for number, verdict in enumerate(verdicts, 1):
        add_movie(movies, number, verdict)
    add_harbour(series, "semi-dub", "dub", "original")
    player = add_player(plex)
    job = push(player)
    assert job.state == JobState.COMPLETED, job.error
    assert labels_at(plex) == {
        "Movie 0001": ["dub"],
        "Movie 0002": ["semi-dub"],
        "Movie 0003": [],
        "Movie 0004": [],
        "Movie 0005": ["wrong-dub"],
        "Movie 0006": [],
        "Harbour": ["semi-dub"],
        "Season 1": ["dub"],
        "Season 2": [],
    }
    assert plex.report()["catastrophes"] == []
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}
    plex.clear_journal()
    Link.objects.update(due_at="2020-01-01T00:00Z", state=LinkState.DUE)
    assert push(player).summary["written"] == 0
    assert calls(plex).keys() == {"GET"}
