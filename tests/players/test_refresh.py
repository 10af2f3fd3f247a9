"""New and changed files: what players are asked to look at, how often, and what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connections.models import Connection
from core.errors import ApiAuthError, ApiTransientError
from demo.players.process import StandIn
from demo.players.state import PlayerState
from history.models import Event
from jobs.models import Job
from library import changes
from library.models import Media, What
from players import jobs, new_files, refresh, sources
from players.connections import client_for
from players.events import PlayerEvent
from players.models import Link, LinkState, Outage, Refresh, Route
from players.pace import Pacer
from players.refresh import Refresher
from players.sending import Sender

from .conftest import add_harbour, add_movie, player_state
from .test_sending import labels_at

pytestmark = pytest.mark.django_db(transaction=True)
Push = Callable[[Connection], Job]
LONG_AGO = "2020-01-01T00:00Z"


@pytest.fixture
def look(push: Push) -> Callable[[Connection], dict[str, Any]]:
    """Lets the time go by that is waited for, and has the player look."""

    def run(player: Connection) -> dict[str, Any]:
        new_files.follow_library()
        Refresh.objects.update(due_at=LONG_AGO)
        summary: dict[str, Any] = push(player).summary
        return summary

    return run


def follow(player: Connection) -> None:
    """Begins to follow the library, with scans asked for."""
    sources.follow_library()
    new_files.follow_library()
    sources.add_routes()
    Route.objects.filter(player=player).update(scan_new=True)


def changed(media: Media, what: What = What.FILES, times: int = 1) -> None:
    changes.record([changes.of(media, what)] * times)


def scans(player: StandIn) -> list[str]:
    """The folders that a Plex was asked to look at, with their library."""
    return [
        f"{row['path'].split('/')[3]} {row['query'].get('path', '')}"
        for row in player.journal()
        if row["path"].endswith("/refresh")
    ]


def test_a_season_that_comes_in_is_one_scan_and_its_labels_follow(
    plex_process: StandIn, series: Connection, add_player, look
):
    state = player_state("plex")
    show = state.titled("Harbour")
    for season in [row for row in state.children(show.id) if row.number == 2]:
        state.remove(season.id)
    plex_process.load(state)
    plex_process.change("quirks", scan_seconds=-1)
    player = add_player(plex_process)
    media = add_harbour(series, "semi-dub", "dub", "original")
    follow(player)
    changed(media, times=24)
    new_files.follow_library()
    row = Refresh.objects.get()
    assert (row.folder, row.looks) == ("/tv/Harbour", None)
    assert (row.due_at - row.began_at).total_seconds() == pytest.approx(10, abs=1)
    plex_process.clear_journal()
    assert look(player)["asked"] == 1
    assert scans(plex_process) == ["2 /data/tv/Harbour"]
    # It has not come to it yet.
    assert look(player)["found"] == 0
    assert Link.objects.get(subject__kind="season", subject__state__season=2).state == LinkState.NOT_THERE
    plex_process.work()
    assert look(player)["found"] == 1
    assert not Refresh.objects.exists()
    assert labels_at(plex_process)["Harbour"] == ["semi-dub"]
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}
    assert scans(plex_process) == ["2 /data/tv/Harbour"]


def test_what_goes_on_changing_is_scanned_after_a_minute(movies: Connection, plex_process, add_player):
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    changed(media)
    new_files.follow_library()
    Refresh.objects.update(began_at=LONG_AGO)
    changed(media)
    new_files.follow_library()
    assert jobs.start_due_pushes() == 1


@pytest.mark.parametrize("given", [{"scan_new": False}, {"enabled": False}])
def test_nothing_is_scanned_where_no_route_asks_for_it(
    given: dict[str, bool], movies: Connection, plex_process: StandIn, add_player, look
):
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    Route.objects.update(**given)
    changed(media)
    plex_process.clear_journal()
    assert "asked" not in look(player)
    assert scans(plex_process) == []


def test_a_folder_that_no_library_has_is_not_asked_for_again(
    plex_process: StandIn, movies: Connection, add_player, look
):
    plex_process.load(player_state("plex"))
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    Media.objects.update(path="/elsewhere/Movie")
    media.refresh_from_db()
    changed(media)
    assert look(player)["asked"] == 0
    assert not Refresh.objects.exists()


def test_what_never_comes_is_not_looked_for_for_ever(
    plex_process: StandIn, movies: Connection, add_player, look
):
    plex_process.load(player_state("plex"))
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    changed(media)
    look(player)
    waits = []
    while Refresh.objects.exists():
        look(player)
        row = Refresh.objects.first()
        waits.append(row and row.looks)
    assert len(waits) == refresh.LOOKS


def test_a_change_in_the_middle_of_a_scan_is_not_lost(
    plex_process: StandIn, movies: Connection, add_player, look, monkeypatch: pytest.MonkeyPatch
):
    plex_process.load(player_state("plex", movies=1))
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    changed(media)
    ask = refresh.Refresher._scan

    def ask_late(self, row):
        asked = ask(self, row)
        changed(media)
        new_files.follow_library()
        return asked

    monkeypatch.setattr(refresh.Refresher, "_scan", ask_late)
    look(player)
    assert Refresh.objects.get().looks is None


@pytest.mark.parametrize("kind", ["jellyfin", "kodi"])
def test_every_player_finds_a_new_movie_and_labels_it(
    kind: str, movies: Connection, add_player, look, request: pytest.FixtureRequest
):
    process: StandIn = request.getfixturevalue(f"{kind}_process")
    process.load(player_state(kind))
    player = add_player(process, kind)
    media = add_movie(movies, 1)
    follow(player)
    process.change("quirks", scan_seconds=-1)
    process.change("put_file", path=f"/data{media.path}/{media.title}.mkv")
    changed(media)
    look(player)
    assert look(player)["found"] == 0
    process.work()
    assert look(player)["found"] == 1
    assert labels_at(process)[media.title] == ["dub"]


def watched_kodi(process: StandIn) -> PlayerState:
    process.load(player_state("kodi", movies=2))
    process.change("quirks", scan_seconds=-1)
    item = process.state().titled("Movie 0001")
    process.change("watch", id=item.id, plays=3, rating=8, resume=12.5)
    return process.state()


@pytest.fixture
def followed(kodi_process: StandIn, movies: Connection, add_player, push: Push) -> tuple[Media, Connection]:
    """A movie that was watched in a Kodi which follows the library."""
    watched_kodi(kodi_process)
    media, player = add_movie(movies, 1), add_player(kodi_process, "kodi")
    push(player)
    follow(player)
    return media, player


def test_a_changed_nfo_costs_kodi_neither_what_was_watched_nor_our_label(
    kodi_process: StandIn, followed: tuple[Media, Connection], look
):
    media, player = followed
    before = kodi_process.state().titled("Movie 0001")
    changed(media, What.NFO)
    look(player)
    (row,) = Refresh.objects.all()
    assert row.memory[0]["values"]["playcount"] == 3
    # Kodi has not come to it: a further change forgets nothing.
    changed(media, What.NFO)
    look(player)
    kodi_process.work()
    assert look(player)["found"] == 1
    after = kodi_process.state().titled("Movie 0001")
    assert (after.plays, after.rating, after.last_played) == (3, 8, before.last_played)
    assert after.own_id != before.own_id
    assert labels_at(kodi_process)["Movie 0001"] == ["dub"]


def test_kodi_is_left_alone_while_somebody_watches(
    kodi_process: StandIn, followed: tuple[Media, Connection], look
):
    media, player = followed
    kodi_process.change("play", id=kodi_process.state().titled("Movie 0002").id)
    changed(media, What.NFO)
    look(player)
    assert kodi_process.report()["waiting"] == []
    assert Refresh.objects.get().looks is None
    kodi_process.change("stop")
    look(player)
    assert kodi_process.report()["waiting"] == ["Refreshing Movie 0001"]


@pytest.mark.parametrize(("what", "asked"), [(What.NFO, 0), (What.PICTURES, 1)])
def test_plex_is_asked_for_changed_pictures_and_not_for_an_nfo_that_it_does_not_read(
    what: What, asked: int, plex_process: StandIn, movies: Connection, add_player, push: Push, look
):
    plex_process.load(player_state("plex", movies=1))
    media, player = add_movie(movies, 1), add_player(plex_process)
    push(player)
    follow(player)
    changed(media, what)
    plex_process.clear_journal()
    assert look(player)["asked"] == asked
    assert len([row for row in plex_process.journal("PUT") if row["path"].endswith("/refresh")]) == asked
    look(player)
    assert not Refresh.objects.exists()


@pytest.mark.parametrize(("status", "raised"), [(503, ApiTransientError), (401, ApiAuthError)])
def test_what_concerns_the_player_as_a_whole_costs_no_look(
    status: int, raised: type[Exception], plex_process: StandIn, movies: Connection, add_player
):
    plex_process.load(player_state("plex", movies=1))
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    changed(media)
    new_files.follow_library()
    Refresh.objects.update(due_at=LONG_AGO)
    plex_process.fault("status", "/library/sections", status=status, count=None)
    pacer = Pacer(player)
    sender = Sender(player, player.player, client_for(player, pacer=pacer), pacer)
    with pytest.raises(raised):
        Refresher(sender).run()
    assert Refresh.objects.get().looks is None
    assert Outage.objects.filter(ended_at=None).exists() == (status == 503)


def test_what_a_player_refuses_is_not_asked_of_it_again(
    plex_process: StandIn, movies: Connection, add_player, look
):
    plex_process.load(player_state("plex", movies=1))
    media, player = add_movie(movies, 1), add_player(plex_process)
    follow(player)
    changed(media)
    plex_process.fault("status", "/refresh$", status=400, count=None)
    assert look(player)["asked"] == 0
    assert not Refresh.objects.exists()
    assert labels_at(plex_process)["Movie 0001"] == ["dub"]


def test_kodi_is_not_watched_for_ever_and_the_title_tells_what_it_did_not_read(
    kodi_process: StandIn, followed: tuple[Media, Connection], look
):
    media, player = followed
    changed(media, What.NFO)
    look(player)
    assert not Event.objects.filter(kind=PlayerEvent.UNREAD).exists()
    Refresh.objects.update(looks=refresh.LOOKS - 1)
    look(player)
    assert not Refresh.objects.exists()
    event = Event.objects.get(kind=PlayerEvent.UNREAD)
    assert ((event.subject_kind, event.subject_id), event.connection) == (media.subject, player)
    assert event.text.told == (
        f"{player} did not read the changed NFO files of {media}: refresh the title there."
    )


def test_of_a_title_that_the_player_does_not_have_nothing_is_read_anew(
    kodi_process: StandIn, movies: Connection, add_player, push: Push, look
):
    watched_kodi(kodi_process)
    media, player = add_movie(movies, 77), add_player(kodi_process, "kodi")
    push(player)
    follow(player)
    changed(media, What.PICTURES)
    assert look(player)["asked"] == 0
    assert not Refresh.objects.exists()


def test_without_a_player_nothing_is_followed(movies: Connection):
    changed(add_movie(movies, 1))
    assert new_files.follow_library() == 0


# What Kodi says it will do, and does not


EPISODES = "/data/tv/Harbour/Season 1/Harbour - S1E1"


@pytest.fixture
def two_in_one(kodi_process: StandIn, series: Connection, add_player, push: Push) -> tuple[Connection, Media]:
    """A show in Kodi that somebody rated, with two rated episodes in one file, and NFOs that say more."""
    state = player_state("kodi")
    show = state.titled("Harbour")
    state.add_episode(show, 1, 2, f"{EPISODES}.mkv")
    kodi_process.load(state)
    kodi_process.change("quirks", scan_seconds=-1)
    for item in state.items.values():
        if item.kind == "show" or item.path == f"{EPISODES}.mkv":
            kodi_process.change("watch", id=item.id, rating=5 + item.number)
    roots = (
        f"<episodedetails><title>Part {number}</title><episode>{number}</episode></episodedetails>"
        for number in (1, 2)
    )
    kodi_process.change("put_file", path=f"{EPISODES}.nfo", text="".join(roots))
    player, media = add_player(kodi_process, "kodi"), add_harbour(series, "dub", "dub", "dub")
    push(player)
    follow(player)
    changed(media, What.NFO)
    return player, media


def rated(process: StandIn) -> dict[str, float]:
    return {item.title: item.rating for item in process.state().items.values() if item.rating}


def test_each_episode_of_one_file_is_read_anew_and_what_was_rated_stays(
    kodi_process: StandIn, two_in_one: tuple[Connection, Media], look
):
    player, _media = two_in_one
    assert look(player)["asked"] == 1
    # Kodi would drop what it is asked of the second while the first waits.
    assert kodi_process.work() == ["Refreshing Harbour", "Refreshing Episode 1"]
    assert look(player)["found"] == 0
    assert kodi_process.work() == ["Refreshing Episode 2"]
    assert look(player)["found"] == 1
    assert not Refresh.objects.exists()
    assert rated(kodi_process) == {"Harbour": 5, "Part 1": 6, "Part 2": 7}
    assert not any("taggarr" in item.guids for item in kodi_process.state().items.values())


def test_an_episode_that_is_gone_meanwhile_costs_the_others_not_what_was_rated(
    kodi_process: StandIn, two_in_one: tuple[Connection, Media], look
):
    player, _media = two_in_one
    look(player)
    kodi_process.change("remove", id=kodi_process.state().titled("Episode 2").id)
    kodi_process.work()
    assert look(player)["found"] == 0
    assert rated(kodi_process) == {"Harbour": 5, "Part 1": 6}
    # In the end nothing is waited for.
    Refresh.objects.update(looks=refresh.LOOKS - 1)
    assert look(player)["found"] == 1
    assert not Refresh.objects.exists()
    # What Kodi does not have, nobody can have it read.
    assert not Event.objects.filter(kind=PlayerEvent.UNREAD).exists()


def test_what_kodi_refuses_for_a_while_is_not_forgotten(
    kodi_process: StandIn, two_in_one: tuple[Connection, Media], look
):
    player, _media = two_in_one
    look(player)
    kodi_process.work()
    kodi_process.fault("status", "#VideoLibrary.GetTVShows", status=400, count=None)
    look(player)
    assert len(Refresh.objects.get().memory) == 3
    kodi_process.clear_faults()
    look(player)
    assert rated(kodi_process)["Harbour"] == 5
    kodi_process.fault("status", "#VideoLibrary.GetEpisodes", status=400, count=None)
    Refresh.objects.update(looks=refresh.LOOKS - 1)
    look(player)
    assert not Refresh.objects.exists()


def test_kodi_is_asked_again_for_what_it_forgot_when_it_was_switched_off(
    kodi_process: StandIn, followed: tuple[Media, Connection], look
):
    media, player = followed
    changed(media, What.NFO)
    look(player)
    kodi_process.change("switch_off")
    assert look(player)["found"] == 0
    assert kodi_process.work() == ["Refreshing Movie 0001"]
    assert look(player)["found"] == 1
    assert kodi_process.state().titled("Movie 0001").plays == 3


def test_the_title_is_read_anew_whatever_its_id_is_by_now(
    kodi_process: StandIn, followed: tuple[Media, Connection], look
):
    media, player = followed
    # The index has not heard of it, and its old id is another's.
    state = kodi_process.state()
    kodi_process.change("renumber", id=state.titled("Movie 0002").id, to=1)
    changed(media, What.NFO)
    look(player)
    assert kodi_process.work() == ["Refreshing Movie 0001"]
    # While Kodi reads it, it has none of it for a moment.
    kodi_process.change("remove", id=state.titled("Movie 0001").id)
    changed(media, What.NFO)
    look(player)
    assert Refresh.objects.get().looks is None
