"""Whatever a player answers: each title has a stated cause with a remedy, and is sent once all is well."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest

from connections.models import Breaker, Connection
from core.words import Phrase
from demo.players.process import StandIn
from demo.stand_in.faults import FaultKind
from jobs.models import ItemState, Job, JobItem
from jobs.runner import run_item
from players import ends, jobs, links, sources
from players.models import Cause, Link, LinkState
from tests.library.build import add_file, add_title

from .conftest import add_movie, player_state
from .test_sending import calls, labels_at

pytestmark = pytest.mark.django_db(transaction=True)
Push = Callable[[Connection], Job]
LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(player_state("plex", movies=2))
    return plex_process


@pytest.fixture
def player(plex: StandIn, movies: Connection, add_player) -> Connection:
    """A Plex with one title that is due for the first time."""
    add_movie(movies, 1)
    connection: Connection = add_player(plex)
    sources.follow_library()
    Link.objects.update(due_at=LONG_AGO)
    return connection


def attempt(player: Connection) -> Job:
    """Send once; what has to be tried again is not."""
    job, _ = jobs.start_push(player)
    for _ in range(3):
        for pk in job.items.filter(state=ItemState.PENDING).values_list("pk", flat=True):
            run_item(pk)
    return job


WRITES: dict[str, tuple[FaultKind, dict[str, Any], Cause]] = {
    "does nothing": ("ignore", {}, Cause.PARTIAL),
    "refuses": ("status", {"status": 400}, Cause.REFUSED_VALUE),
    "does not know the item": ("status", {"status": 404}, Cause.REFUSED_VALUE),
    "breaks": ("status", {"status": 500}, Cause.SLOW),
    "no longer has it": ("change", {"op": "remove", "args": {"id": 1}}, Cause.NOT_THERE),
    "has another at its id": ("change", {"op": "renumber", "args": {"id": 2, "to": 1}}, Cause.NOT_THERE),
}


@pytest.mark.parametrize("name", WRITES)
def test_what_a_player_makes_of_a_write_is_told_with_its_remedy(
    name: str, plex: StandIn, player: Connection, push: Push
):
    kind, options, cause = WRITES[name]
    Link.objects.update(tries=ends.TRIES - 1)
    plex.fault(kind, method="PUT", count=None, **options)
    plex.clear_journal()
    attempt(player)
    link = Link.objects.get()
    assert (link.state, link.cause) == (LinkState.FAILED, cause)
    assert str(link.error)
    assert str(Phrase(f"remedy.{cause}"))
    assert calls(plex)["PUT"] == 1
    assert jobs.start_due_pushes() == 0
    plex.clear_faults()
    if cause is not Cause.NOT_THERE:
        links.send_again(links.NEEDS_A_PERSON)
        push(player)
        assert labels_at(plex)["Movie 0001"] == ["dub"]


def test_what_went_to_another_title_whose_id_changed_meanwhile_is_taken_off_there(
    plex: StandIn, player: Connection, push: Push
):
    plex.fault("change", method="PUT", op="renumber", args={"id": 2, "to": 1})
    attempt(player)
    assert Link.objects.get().cause == Cause.NOT_THERE
    Link.objects.update(due_at=LONG_AGO)
    push(player)
    labels = labels_at(plex)
    assert (labels["Movie 0001"], labels["Movie 0002"]) == (["dub"], [])


READS: list[tuple[FaultKind, dict[str, Any]]] = [
    ("drop", {}),
    ("partial", {}),
    ("truncate", {}),
    ("html", {}),
    ("starting", {}),
    ("other-app", {}),
    ("status", {"status": 401}),
    ("status", {"status": 429, "retry_after": 77}),
    ("total", {"fields": ["totalSize", "size"], "number": 4000}),
    ("nulls", {"fields": ["ratingKey"]}),
]


@pytest.mark.parametrize(("kind", "options"), READS, ids=[f"{kind}{len(more)}" for kind, more in READS])
def test_what_cannot_be_read_costs_no_title_a_try_and_writes_nothing(
    kind: FaultKind, options: dict[str, Any], plex: StandIn, player: Connection, push: Push
):
    plex.fault(kind, "/(all|metadata/.*)$", count=None, **options)
    plex.clear_journal()
    job = attempt(player)
    assert list(Link.objects.values_list("state", "tries", "cause")) == [(LinkState.DUE, 0, "")]
    assert str(job.items.get(step=jobs.LANE).error)
    assert calls(plex).keys() == {"GET"}
    assert calls(plex).total() <= 8
    plex.clear_faults()
    JobItem.objects.all().delete()
    Job.objects.all().delete()
    Connection.objects.update(breaker=Breaker.CLOSED, breaker_failures=0, held_until=None)
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["dub"]


@pytest.mark.parametrize("place", ["its library", "another library"])
def test_a_file_that_a_player_has_twice_has_its_label_both_times(
    place: str, plex: StandIn, player: Connection, push: Push
):
    state = plex.state()
    first = state.titled("Movie 0001")
    where = state.add_library("More", "movie", ["/data"]).id if place == "another library" else first.library
    state.add_movie(where, first.path, title="The same", year=2000)
    plex.load(state)
    push(player)
    labels = labels_at(plex)
    assert (labels["Movie 0001"], labels["The same"]) == (["dub"], ["dub"])
    assert Link.objects.get().state == LinkState.IN_SYNC


def test_a_file_whose_name_the_player_spells_in_the_other_form_of_unicode_is_found(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    name = "Ame\u0301lie"
    path = f"/movies/{unicodedata.normalize('NFC', name)}"
    media = add_title(movies, title="Elsewhere", year=2001, path=path, verdict="dub")
    add_file(media, f"{path}/{unicodedata.normalize('NFC', name)}.mkv")
    state = plex.state()
    library = state.titled("Movie 0001").library
    state.add_movie(library, f"/data/movies/{name}/{name}.mkv", title="Here")
    plex.load(state)
    push(add_player(plex))
    assert labels_at(plex)["Here"] == ["dub"]
