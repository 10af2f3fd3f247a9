"""What goes wrong with players: nothing is lost, and nothing of others is touched."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.db.models import F

from connections.models import Breaker, Connection
from core.errors import ApiPermanentError, ConfigError
from demo.players.process import StandIn
from jobs import services
from jobs.models import Job
from library.models import Media
from players import index, jobs, links, sending, settings, sources
from players.clients.contract import Edit, Form, Kind, Part, Present, Written
from players.connections import client_for
from players.models import Cause, Link, LinkState, Outage, PlayerMapping, PlayerSettings, RemoteItem, Tally
from players.pace import Pacer
from players.rules.paths import EVIDENCE
from players.sending import Sender

from .conftest import add_harbour, add_movie, player_state
from .test_sending import calls, decide, labels_at, reconcile

pytestmark = pytest.mark.django_db(transaction=True)
Push = Callable[[Connection], Job]
LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(player_state("plex", movies=12))
    return plex_process


@pytest.fixture
def ten(movies: Connection) -> list[Media]:
    return [add_movie(movies, number) for number in range(1, 11)]


def states() -> set[str]:
    return set(Link.objects.values_list("state", flat=True))


def test_too_many_labels_that_would_go_are_held_until_released(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)
    push(player)
    for media in ten[:5]:
        decide(media, "original")
    assert push(player).summary["held"]
    held = PlayerSettings.objects.get()
    assert held.held_since
    assert labels_at(plex)["Movie 0001"] == ["dub"]
    assert jobs.start_due_pushes() == 0
    links.release(player)
    push(player)
    assert labels_at(plex)["Movie 0001"] == []
    assert not PlayerSettings.objects.get().released


def test_few_labels_may_go(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)
    push(player)
    for media in ten[:4]:
        decide(media, "original")
    assert not push(player).summary["held"]
    assert labels_at(plex)["Movie 0001"] == []


def test_a_player_that_is_away_costs_no_link_a_try(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)
    sources.follow_library()
    Link.objects.update(due_at=LONG_AGO)
    pacer = Pacer(player)
    sender = Sender(player, player.player, client_for(player, pacer=pacer), pacer)
    with plex.down():
        for _ in range(5):
            with pytest.raises(Exception, match="Plex"):
                sender.send()
    player.refresh_from_db()
    assert player.breaker == Breaker.OPEN
    assert states() == {LinkState.DUE}
    assert set(Link.objects.values_list("tries", "cause")) == {(0, "")}
    assert Outage.objects.get().ended_at is None
    Connection.objects.update(breaker=Breaker.CLOSED, breaker_failures=0)
    push(player)
    assert states() == {LinkState.IN_SYNC}
    assert Outage.objects.get().ended_at
    assert Tally.objects.get(what="link", outcome="in_sync").number == 10
    assert Tally.objects.get(what="match", outcome="100").number == 10


def test_an_outage_in_the_middle_of_writing_loses_nothing(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)
    plex.fault("drop", method="PUT", count=1, after=True)
    push(player)
    assert states() == {LinkState.IN_SYNC}
    assert all(labels_at(plex)[media.title] == ["dub"] for media in ten)
    for media in ten[:4]:
        decide(media, "original")
    push(player)
    assert labels_at(plex)["Movie 0001"] == []


def test_what_is_not_there_yet_is_found_when_it_comes(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    media, player = add_movie(movies, 77), add_player(plex)
    push(player)
    link = Link.objects.get()
    assert (link.state, link.cause, link.tries) == (LinkState.NOT_THERE, Cause.NOT_THERE, 1)
    assert link.due_at is not None
    state = plex.state()
    path = f"/data{media.path}/{media.title}.mkv"
    state.add_movie(1, path, title=media.title)
    plex.load(state)
    push(player)
    assert labels_at(plex)[media.title] == ["dub"]


def test_of_a_player_with_some_of_the_titles_what_is_not_there_is_no_problem_until_it_comes(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    media, player = add_movie(movies, 77), add_player(plex)
    PlayerSettings.objects.update(is_subset=True)
    push(player)
    link = Link.objects.get()
    assert (link.state, link.cause, link.due_at) == (LinkState.EXCLUDED, "", None)
    state = plex.state()
    state.add_movie(1, f"/data{media.path}/{media.title}.mkv", title=media.title)
    plex.load(state)
    services.run_inline(services.start(jobs.INDEX, connection=player)[0])
    push(player)
    assert labels_at(plex)[media.title] == ["dub"]


def test_an_item_with_another_id_keeps_what_is_known_of_it(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    media, player = add_movie(movies, 1), add_player(plex)
    push(player)
    state = plex.state()
    item = state.titled("Movie 0001")
    state.new_id(item, 4711)
    state.touch(item)
    plex.load(state)
    decide(media, "semi-dub")
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["semi-dub"]
    assert list(Link.objects.get().marks) == ["4711"]


@pytest.mark.parametrize("index_knows", [False, True])
def test_an_id_that_is_another_title_by_now_is_not_written(
    plex: StandIn, movies: Connection, add_player, push: Push, index_knows: bool
):
    media, player = add_movie(movies, 1), add_player(plex)
    push(player)
    state = plex.state()
    item = state.titled("Movie 0001")
    item.title, item.path, item.lists["label"] = "Another", "/data/movies/Another/Another.mkv", []
    state.touch(item)
    plex.load(state)
    if index_knows:
        reconcile(player)
    decide(media, "semi-dub")
    push(player)
    assert labels_at(plex)["Another"] == []
    assert Link.objects.get().state == LinkState.NOT_THERE


def test_of_several_a_person_chooses_one_that_stays_chosen(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    media, player = add_movie(movies, 1), add_player(plex)
    PlayerMapping.objects.all().delete()
    state = plex.state()
    state.titled("Movie 0002").path = "/copies/Movie 0001/Movie 0001.mkv"
    plex.load(state)
    push(player)
    link = Link.objects.get()
    assert link.state == LinkState.AMBIGUOUS
    assert [one["title"] for one in link.candidates[:2]] == ["Movie 0001", "Movie 0002"]
    links.pin(link, link.candidates[1]["id"])
    push(player)
    assert labels_at(plex)["Movie 0002"] == ["dub"]
    decide(media, "semi-dub")
    push(player)
    assert labels_at(plex)["Movie 0002"] == ["semi-dub"]
    links.unpin(Link.objects.get())
    push(player)
    assert Link.objects.get().state == LinkState.AMBIGUOUS


def test_the_show_that_a_person_chooses_for_a_season_holds_for_all_of_its_title(
    plex: StandIn, series: Connection, add_player, push: Push
):
    add_harbour(series, "semi-dub", "dub", "semi-dub")
    player = add_player(plex)
    PlayerMapping.objects.all().delete()
    state = plex.state()
    first = state.titled("Harbour")
    twin = state.add_show(first.library, "/more/Harbour", title="Harbour", year=2020, guids={"tvdb": "56"})
    for number in (1, 2):
        state.add_episode(twin, number, 1, f"/more/Harbour/Season {number}/Harbour - S{number}E1.mkv")
    plex.load(state)
    push(player)
    assert states() == {LinkState.AMBIGUOUS}
    season = Link.objects.get(subject__key__endswith=":2")
    assert {one["id"] for one in season.candidates} == {str(first.id), str(twin.id)}
    movie = state.titled("Movie 0001").id
    with pytest.raises(ConfigError, match="Movie 0001 is something else than Harbour"):
        links.pin(season, str(movie))
    links.pin(season, str(twin.id))
    push(player)
    assert states() == {LinkState.IN_SYNC}

    def labels(show: int) -> list[list[str]]:
        now = plex.state()
        return [sorted(now.items[show].lists.get("label", []))] + [
            one.lists.get("label", []) for one in sorted(now.children(show), key=lambda one: one.number)
        ]

    assert labels(twin.id) == [["Semi-dub"], ["Dub"], ["Semi-dub"]]
    assert labels(first.id) == [[], [], []]
    links.unpin(season)
    push(player)
    assert states() == {LinkState.AMBIGUOUS}


def test_the_path_mapping_that_is_missing_is_proposed_and_taken_over(
    plex_process: StandIn, movies: Connection, add_player, push: Push
):
    plex_process.load(player_state("plex", movies=EVIDENCE))
    for number in range(1, EVIDENCE + 1):
        add_movie(movies, number)
    player = add_player(plex_process)
    PlayerMapping.objects.all().delete()
    push(player)
    assert states() == {LinkState.AMBIGUOUS}
    job, _ = services.start(jobs.INDEX, connection=player)
    services.run_inline(job)
    proposed = [{"source": "/", "player": "/data", "titles": EVIDENCE}]
    assert PlayerSettings.objects.get().proposed == proposed
    assert settings.accept_mappings(player) == 1
    push(player)
    assert states() == {LinkState.IN_SYNC}
    assert set(Link.objects.values_list("grade", flat=True)) == {100}


def test_a_label_that_is_taken_off_again_and_again_is_left_alone(
    plex: StandIn, movies: Connection, add_player, push: Push
):
    add_movie(movies, 1)
    player = add_player(plex)
    for _ in range(4):
        push(player)
        state = plex.state()
        state.titled("Movie 0001").lists["label"] = []
        plex.load(state)
        links.make_all_due(player)
    push(player)
    assert labels_at(plex)["Movie 0001"] == []
    link = Link.objects.get()
    assert (link.state, link.conflict) == (LinkState.IN_SYNC, True)
    links.take_back(link)
    push(player)
    assert labels_at(plex)["Movie 0001"] == ["dub"]


def test_what_a_killed_worker_had_in_hand_is_sent_by_the_next_push(plex: StandIn, ten, add_player):
    player = add_player(plex)
    sources.follow_library()
    Link.objects.update(due_at=LONG_AGO)
    killed = links.claim(player)
    assert killed is not None
    assert len(killed.links) == 10
    # Not due: its lease has not run out.
    services.run_inline(jobs.start_push(player)[0])
    assert states() == {LinkState.IN_SYNC}
    killed.save([links.End(link, LinkState.FAILED) for link in killed.links])
    assert states() == {LinkState.IN_SYNC}


def test_another_server_at_the_address_is_not_written_to(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)
    PlayerSettings.objects.update(server="another one")
    plex.clear_journal()
    assert push(player).state == "failed" or Link.objects.filter(state=LinkState.DUE).exists()
    assert calls(plex).keys() == {"GET"}
    assert jobs.start_due_pushes() == 0


def test_a_player_is_asked_who_it_is_where_that_may_have_changed(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)

    def is_asked() -> bool:
        plex.clear_journal()
        push(player)
        return any(row["path"] == "/identity" for row in plex.journal())

    assert is_asked()
    assert not is_asked()
    PlayerSettings.objects.update(met_at=F("met_at") - sending.MET_FOR)
    assert is_asked()
    Outage.objects.create(player=player)
    assert is_asked()
    assert Outage.objects.get().ended_at is not None
    player.save()
    assert is_asked()
    assert not is_asked()


def test_an_index_that_could_not_be_read_whole_forgets_nothing(plex: StandIn, ten, add_player, push: Push):
    player = add_player(plex)
    push(player)
    before = RemoteItem.objects.count()
    plex.fault("total", "/library/sections/1/all", count=None, fields=["totalSize"], number=4000)
    client = client_for(player)
    with pytest.raises(Exception, match="Plex"):
        index.bring_up_to_date(PlayerSettings.objects.get(), client, whole=True)
    assert RemoteItem.objects.count() == before


def test_libraries_are_known_by_their_names(jellyfin_process: StandIn, movies, add_player, push: Push):
    state = player_state("jellyfin", 1)
    for number in (1, 2):
        clips = state.add_library("Clips", "movie", [f"/data/clips{number}"])
        state.add_movie(clips.id, f"/data/clips{number}/Clip.mkv", title="Clip", year=2000)
    jellyfin_process.load(state)
    add_movie(movies, 1)
    player = add_player(jellyfin_process, "jellyfin")
    push(player)
    libraries = RemoteItem.objects.values_list("library", flat=True)
    assert set(libraries.filter(kind="movie", title="Movie 0001")) == {"Movies"}
    twins = set(libraries.filter(title="Clip"))
    assert len(twins) == 2
    assert all(re.fullmatch(r"Clips \([0-9a-f]+\)", one) for one in twins)


def test_a_library_that_is_renamed_is_read_anew(plex: StandIn, ten, add_player):
    player = add_player(plex)
    settings_of_it = PlayerSettings.objects.get()
    index.bring_up_to_date(settings_of_it, client_for(player))
    assert not index.bring_up_to_date(settings_of_it, client_for(player)).whole
    state = plex.state()
    state.libraries[1].title = "Films"
    plex.load(state)
    assert index.bring_up_to_date(settings_of_it, client_for(player)).whole
    assert set(RemoteItem.objects.filter(kind="movie").values_list("library", flat=True)) == {"Films"}


class Picky:
    """A player that refuses a batch with one item in it."""

    def __init__(self, culprit: str) -> None:
        self.culprit = culprit
        self.batches: list[int] = []

    def write(self, edits: list[Edit]) -> Written:
        self.batches.append(len(edits))
        if any(edit.id == self.culprit for edit in edits):
            raise ApiPermanentError("player.said", app="Plex", said="no")
        return Written({part: None for edit in edits for part in edit.parts})


def test_of_a_refused_batch_only_the_culprit_is_not_written():
    player = Picky("37")
    shown = [Present(str(one), Kind.MOVIE, "1", "x", (), (), {}, {}) for one in range(100)]
    edits = [Edit(one, add={Form.LABEL: ("dub",)}) for one in shown]
    sender = Sender(Connection(pk=0), PlayerSettings(), player, Pacer(Connection(pk=0)))  # type: ignore[arg-type]
    written = sender._write_halved(edits)
    assert set(written.failed) == {Part("37", "label")}
    assert len(written.outcomes) == 100
    assert len(player.batches) <= 1 + 2 * 7


@pytest.mark.parametrize("kind", ["jellyfin", "kodi"])
def test_every_player_gets_every_label(
    kind: str,
    movies: Connection,
    series: Connection,
    add_player,
    push: Push,
    request: pytest.FixtureRequest,
):
    player_process: StandIn = request.getfixturevalue(f"{kind}_process")
    state = player_state(kind, movies=3)
    state.titled("Movie 0002").lists["label"] = ["Kids"]
    player_process.load(state)
    first, second = add_movie(movies, 1), add_movie(movies, 2, "semi-dub")
    add_harbour(series, "wrong-dub", "dub", "original")
    player = add_player(player_process, kind)
    push(player)
    labels = labels_at(player_process)
    assert labels["Movie 0001"] == ["dub"]
    assert labels["Movie 0002"] == ["kids", "semi-dub"]
    assert labels["Harbour"] == ["wrong-dub"]
    player_process.clear_journal()
    links.make_all_due(player)
    assert push(player).summary["written"] == 0
    decide(first, "original")
    decide(second, "dub")
    push(player)
    labels = labels_at(player_process)
    assert (labels["Movie 0001"], labels["Movie 0002"]) == ([], ["dub", "kids"])
