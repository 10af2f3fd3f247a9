"""Labels of our library in a player, through a real job and a stand-in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.core.management import call_command
from plexapi.server import PlexServer

from connections import services
from connections.models import Connection
from demo.players.process import StandIn
from jobs import services as job_services
from jobs.handlers import Stopping
from jobs.models import Job, JobState
from library import changes
from library.models import Media, What
from players import links, sources
from players.clients.contract import SUMMARY, Kind, same
from players.jobs import RECONCILE
from players.links import Claim
from players.models import Cause, Link, LinkState, PlayerSettings, Route, Subject
from players.pages.link_rows import route_of, wishes
from players.rules.difference import Mode
from players.rules.matching import Title
from players.sending import Sender
from players.sources import State
from scanner.models import ScanState

from .conftest import add_harbour, add_instance, add_movie, player_state

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
        item.title: sorted(label.casefold() for label in item.lists.get(name, []))
        for item in items
        if item.kind != "episode"
    }


def calls(player: StandIn) -> Counter[str]:
    return Counter(row["method"] for row in player.journal())


def reconcile(player: Connection, **params: bool) -> None:
    job, _ = job_services.start(RECONCILE, connection=player, params=params)
    job_services.run_inline(job)


def decide(media: Media, verdict: str) -> None:
    """As a scan does that finds another verdict."""
    ScanState.objects.filter(media=media).update(verdict=verdict)
    changes.record([changes.of(media, What.LABELS)])


def test_another_program_reads_in_plex_what_our_pages_say_stands_there(
    plex: StandIn, movies: Connection, series: Connection, add_player, push: Push
):
    for number, verdict in enumerate(("dub", "semi-dub", "wrong-dub", "original"), 1):
        add_movie(movies, number, verdict)
    add_harbour(series, "semi-dub", "dub")
    push(add_player(plex))
    server = PlexServer(plex.url, plex.api_key, timeout=10)
    linked = list(Link.objects.filter(state=LinkState.IN_SYNC).select_related("subject"))
    assert len(linked) > 5
    for link in linked:
        (id,) = link.item_ids
        said = [(same(one.wanted), one.is_ours) for one in wishes(link, route_of(link))]
        # Plex begins a label with a capital, whatever was sent.
        read = [same(label.tag) for label in server.fetchItem(int(id)).labels]
        assert sorted((label, True) for label in read) == sorted(said)


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


def test_labels_of_others_stay_whatever_becomes_of_ours(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    state = plex.state()
    state.titled("Movie 0001").lists["label"] = ["Kids"]
    state.titled("Movie 0002").lists["label"] = ["Dub", "Kids"]
    plex.load(state)
    first, second = add_movie(movies, 1), add_movie(movies, 2)
    player = add_player(plex)
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["dub", "kids"]
    for media in (first, second):
        decide(media, "semi-dub")
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["kids", "semi-dub"]
    # That it stood there before us makes it somebody else's.
    assert labels_at(plex)["Movie 0002"] == ["dub", "kids", "semi-dub"]


def test_a_title_that_leaves_the_library_loses_our_labels_and_its_link(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    media, player = add_movie(movies, 1), add_player(plex)
    push(player)
    changes.record([changes.of(media, What.GONE)])
    media.delete()
    push(player)
    assert labels_at(plex)["Movie 0001"] == []
    assert not Link.objects.exists()
    assert not Subject.objects.exists()


def test_a_title_is_sent_again_where_it_changed_meanwhile(
    plex: StandIn, movies: Connection, add_player, push: Push, monkeypatch: pytest.MonkeyPatch
):
    media, player = add_movie(movies, 1), add_player(plex)
    write = Sender._write

    def write_late(self: Sender, works, claim):
        written = write(self, works, claim)
        ScanState.objects.filter(media=media).update(verdict="semi-dub")
        sources.refresh([media.pk])
        monkeypatch.undo()
        return written

    monkeypatch.setattr(Sender, "_write", write_late)
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["semi-dub"]


def test_the_command_sends_and_says_how_titles_stand_and_what_a_player_refuses(
    plex: StandIn, movies: Connection, add_player, capsys
):
    media, player = add_movie(movies, 1), add_player(plex)
    sources.follow_library()
    call_command("push", "plex")
    assert labels_at(plex)["Movie 0001"] == ["dub"]
    assert "Plex: 1 in sync" in capsys.readouterr().out
    decide(media, "semi-dub")
    player.keep_secrets({"token": "another-token"})
    player.save()
    with pytest.raises(SystemExit):
        call_command("push", "plex")
    job = Job.objects.filter(name="push").latest("pk")
    assert (job.state, job.summary["items"]["failed"]) == (JobState.COMPLETED, 1)


def test_the_form_and_the_words_of_a_label_are_the_routes(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    add_movie(movies, 1)
    player = add_player(plex)
    sources.add_routes()
    Route.objects.update(form="genre", pattern="sound: {label}")
    push(player)
    assert labels_at(plex, "genre")["Movie 0001"] == ["sound: dub"]


def test_a_dry_run_says_what_it_would_write(plex: StandIn, movies: Connection, add_player, push: Push):
    add_movie(movies, 1)
    player = add_player(plex, dry_run=True)
    plex.clear_journal()
    assert push(player).summary["would_write"] == 1
    assert calls(plex).keys() == {"GET"}
    services.edit(player, connect=False, dry_run=False)
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["dub"]


def test_of_two_sources_with_one_file_each_labels_it(
    plex: StandIn, movies: Connection, policy, add_player, push: Push
):
    add_movie(movies, 1, "dub")
    add_movie(add_instance("movie_folder", policy), 1, "semi-dub")
    push(add_player(plex))
    assert labels_at(plex)["Movie 0001"] == ["dub", "semi-dub"]
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}


def test_a_first_sync_takes_few_calls_and_an_unchanged_one_fewer(
    plex_process: StandIn, movies: Connection, add_player, push: Push
):
    number = 1000
    plex_process.load(player_state("plex", movies=number))
    for one in range(1, number + 1):
        add_movie(movies, one, ["dub", "semi-dub"][one % 2])
    player = add_player(plex_process)
    plex_process.clear_journal()
    assert push(player).summary["written"] == number
    first = calls(plex_process).total()
    assert first <= 0.15 * number, first
    for _ in range(2):
        plex_process.clear_journal()
        reconcile(player)
        push(player)
        unchanged = calls(plex_process)
        assert unchanged.keys() == {"GET"}
    assert unchanged.total() <= 25


def test_what_a_person_changes_in_the_player_comes_to_light(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    add_movie(movies, 1)
    player = add_player(plex)
    push(player)
    state = plex.state()
    state.set_field(state.titled("Movie 0001"), "label", [])
    plex.load(state)
    reconcile(player)
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["dub"]


# Fields: what a source such as Stash knows


@pytest.fixture
def clip(movies: Connection) -> Callable[..., None]:
    """Has a source say what the first movie's fields are."""

    def say(**fields: str) -> None:
        path = "/movies/Movie 0001/Movie 0001.mkv"
        title = Title(Kind.MOVIE, "Movie 0001", files=(path,))
        seen = sources.Seen(movies.pk, "scene:1", Kind.MOVIE, "Movie 0001", State(title, fields=fields))
        known = {(row.source_id, row.key): row for row in Subject.objects.filter(source=movies)}
        sources.take_over([seen], known)

    return say


def summary_at(player: StandIn) -> str:
    return str(player.state().titled("Movie 0001").texts.get("summary", ""))


def test_what_a_person_writes_is_held_until_it_is_handed_over(
    plex: StandIn, movies: Connection, add_player, push: Push, clip
):
    player = add_player(plex)
    Route.objects.create(source=movies, player=player, fields={SUMMARY: Mode.KEEP})
    clip(summary="ours")
    push(player)
    assert summary_at(plex) == "ours"
    clip(summary="ours, once more")
    push(player)
    assert summary_at(plex) == "ours, once more"
    state = plex.state()
    state.set_field(state.titled("Movie 0001"), SUMMARY, "mine")
    plex.load(state)
    clip(summary="ours, and newer")
    push(player)
    assert summary_at(plex) == "mine"
    link = Link.objects.get()
    assert (link.state, link.conflict, link.cause) == (LinkState.IN_SYNC, True, Cause.EDITED)
    assert links.take_back(link, [SUMMARY]) == 1
    push(player)
    assert summary_at(plex) == "ours, and newer"
    assert not Link.objects.get().conflict


def test_a_plex_whose_labels_join_is_sent_ours_alone_from_then_on(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    plex.change("quirks", tag_edits="add")
    media = [add_movie(movies, number) for number in range(1, 5)]
    player = add_player(plex)
    push(player)
    assert player.player.labels_join is None
    decide(media[0], "semi-dub")
    push(player)
    assert PlayerSettings.objects.get(pk=player.pk).labels_join is True
    for item, own in zip(list(plex.state().items.values())[1:4], ("One", "Two", "Three"), strict=True):
        plex.change("edit", id=item.id, label=["dub", own])
    for one in media[1:]:
        decide(one, "semi-dub")
    plex.clear_journal()
    push(player)
    assert calls(plex)["PUT"] == 1
    labels = labels_at(plex)
    assert [labels[f"Movie 000{number}"] for number in range(1, 5)] == [
        *(["semi-dub"], ["one", "semi-dub"], ["semi-dub", "two"], ["semi-dub", "three"])
    ]


def test_a_first_sync_of_texts_takes_little_more_than_a_call_each(
    plex_process: StandIn, movies: Connection, add_player, push: Push
):
    number = 200
    plex_process.load(player_state("plex", movies=number))
    player = add_player(plex_process)
    Route.objects.create(source=movies, player=player, fields={SUMMARY: Mode.KEEP})
    names = [f"Movie {one:04}" for one in range(1, number + 1)]
    titles = [Title(Kind.MOVIE, name, files=(f"/movies/{name}/{name}.mkv",)) for name in names]
    sources.take_over(
        [
            sources.Seen(movies.pk, title.title, Kind.MOVIE, title.title, State(title, fields={SUMMARY: "x"}))
            for title in titles
        ],
        {},
    )
    plex_process.clear_journal()
    assert push(player).summary["in_sync"] == number
    assert calls(plex_process).total() <= 1.15 * number


def test_what_died_between_writing_and_saving_is_still_ours(
    plex: StandIn, movies: Connection, add_player, push: Push, clip, monkeypatch: pytest.MonkeyPatch
):
    player = add_player(plex)
    Route.objects.create(source=movies, player=player, fields={SUMMARY: Mode.KEEP})
    media = add_movie(movies, 1)
    clip(summary="ours")

    def die(*_: object) -> None:
        monkeypatch.undo()
        raise Stopping

    monkeypatch.setattr(Claim, "save", die)
    push(player)
    assert (labels_at(plex)["Movie 0001"], summary_at(plex)) == (["dub"], "ours")
    decide(media, "semi-dub")
    clip(summary="newer")
    push(player)
    assert (labels_at(plex)["Movie 0001"], summary_at(plex)) == (["semi-dub"], "newer")
