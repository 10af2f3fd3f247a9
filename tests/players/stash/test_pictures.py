"""The cover of a scene as a poster: uploaded where it is another one, and never over a person's."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from connections.models import Connection
from core.errors import ApiAuthError, ApiPermanentError, ApiTransientError, Later
from demo.players.process import StandIn, StashStandIn
from players import gaps, links
from players.clients.contract import POSTER
from players.clients.plex import PlexClient
from players.clients.stash import StashClient
from players.connections import client_for
from players.jobs import settings_of
from players.models import Cause, Link, LinkState, Route, Subject
from players.pace import Pacer
from players.pictures import Pictures, digest_of
from players.rules.difference import Mode
from players.sending import Sender

from .conftest import LONG_AGO, clips, follow, items, scenes, send

Patch = pytest.MonkeyPatch
pytestmark = pytest.mark.django_db(transaction=True)
COVER = b"\xff\xd8\xffone"
OTHER = b"\xff\xd8\xffanother"


@pytest.fixture
def plex(plex_process: StandIn) -> StandIn:
    plex_process.load(clips(1))
    return plex_process


@pytest.fixture
def stash(stash_process: StashStandIn) -> StashStandIn:
    stash_process.load(scenes(1, rating=85, cover="one"))
    return stash_process


def shown(plex: StandIn) -> list[str]:
    """The pictures of the item, by the digests that the player has of their bytes; the chosen one first."""
    return items(plex)["clip_0001"].pictures.get("poster", [])


def named(picture: bytes) -> str:
    return hashlib.sha1(picture, usedforsecurity=False).hexdigest()


def uploads(plex: StandIn) -> int:
    return sum(row["path"].endswith("/posters") for row in plex.journal("POST"))


def change_scene(stash: StashStandIn, **given: object) -> None:
    stash.change("update_scene", id=next(iter(stash.state().scenes)), **given)


def choose(plex: StandIn, picture: bytes = b"by hand") -> None:
    """A person gives the item another poster."""
    client = PlexClient(plex.url, plex.api_key, device="a person")
    client.poster(str(items(plex)["clip_0001"].id), picture)


def again() -> None:
    Link.objects.update(state=LinkState.DUE, due_at=LONG_AGO)
    Subject.objects.update(read_at=None)


@pytest.mark.parametrize("reading", ["add", "replace"])
def test_a_cover_is_uploaded_once_and_locked(
    reading: str, stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    plex.change("quirks", tag_edits=reading)
    follow(source)
    assert send(player).summary["in_sync"] == 1
    assert shown(plex) == [named(COVER)]
    item = items(plex)["clip_0001"]
    assert ("thumb" in item.locked, item.rating) == (True, 8.5)
    # Stash names its picture anew with every change; the bytes are the same.
    change_scene(stash, title="Newer")
    follow(source)
    send(player)
    assert (items(plex)["clip_0001"].title, uploads(plex)) == ("Newer", 1)


def test_another_cover_takes_the_place_of_ours(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    send(player)
    change_scene(stash, cover_image="another")
    follow(source)
    send(player)
    assert shown(plex)[0] == named(OTHER)
    again()
    assert send(player).summary["written"] == 0


def test_which_picture_it_is_is_asked_once(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    send(player)
    again()
    send(player)
    plex.clear_journal()
    again()
    send(player)
    assert not [row for row in plex.journal() if row["path"].endswith("/posters")]


@pytest.mark.parametrize(
    ("mode", "is_ours"), [(Mode.FILL, False), (Mode.KEEP, False), (Mode.OVERWRITE, True), (Mode.OFF, False)]
)
def test_the_poster_of_a_person_is_treated_as_the_route_says(
    mode: Mode, is_ours: bool, stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    Route.objects.update(fields={POSTER: mode})
    choose(plex)
    send(player)
    assert (shown(plex)[0] != named(b"by hand")) is is_ours
    link = Link.objects.get()
    assert link.conflict is (mode is Mode.KEEP)
    assert link.cause == (Cause.EDITED if mode is Mode.KEEP else "")


def test_a_poster_is_held_until_it_is_taken_back(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    follow(source)
    send(player)
    ours = shown(plex)[0]
    choose(plex)
    again()
    send(player)
    assert (shown(plex)[0], Link.objects.get().conflict) == (named(b"by hand"), True)
    links.take_back(Link.objects.get(), [POSTER])
    send(player)
    assert (shown(plex)[0], Link.objects.get().conflict) == (ours, False)


@pytest.mark.parametrize("locked", [True, False])
def test_the_picture_of_an_agent_is_a_persons_where_it_is_locked(
    locked: bool, stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):
    state = clips(1)
    item = next(iter(state.items.values()))
    item.pictures, item.locked = {"poster": ["metadata://posters/agent"]}, ["thumb"] * locked
    plex.load(state)
    follow(source)
    send(player)
    assert (shown(plex)[0] == "metadata://posters/agent") is locked


def test_an_upload_that_was_cut_off_is_known_again_by_its_bytes(
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    def cut_off(client: PlexClient, id: str, picture: bytes) -> None:
        upload(client, id, picture)
        raise Later(1.0)

    follow(source)
    with monkeypatch.context() as cut:
        upload = PlexClient.poster
        cut.setattr(PlexClient, "poster", cut_off)
        send(player)
    assert (len(shown(plex)), Link.objects.get().conflict) == (1, False)
    send(player)
    assert (uploads(plex), Link.objects.get().state) == (1, LinkState.IN_SYNC)
    assert not Link.objects.get().conflict


def test_a_picture_that_is_none_or_is_refused_is_not_sent(
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    follow(source)
    with monkeypatch.context() as wrong:
        wrong.setattr(StashClient, "cover", lambda *_: b"<html>Sign in</html>")
        assert send(player).summary["in_sync"] == 1
    assert (shown(plex), digest_of(b"<html>")) == ([], "")


@pytest.mark.parametrize(
    ("error", "is_read_again"),
    [
        (ApiPermanentError("answer.too-large", size=16, status=200), False),
        (ApiTransientError("x", status=500), True),
    ],
)
def test_a_scene_is_sent_without_a_cover_that_cannot_be_read(
    error: Exception,
    is_read_again: bool,
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    stash.load(scenes(2, cover="one"))
    plex.load(clips(2))
    asked: list[str] = []

    def cover(_client: StashClient, id: str) -> bytes:
        asked.append(id)
        raise error

    follow(source)
    with monkeypatch.context() as wrong:
        wrong.setattr(StashClient, "cover", cover)
        assert send(player).summary["in_sync"] == 2
    assert (len(asked), shown(plex)) == (1 if is_read_again else 2, [])
    # Once a day all is looked at.
    source.stash.refresh_from_db()
    source.stash.whole_at = None
    source.stash.save()
    follow(source)
    Link.objects.filter(state=LinkState.DUE).update(due_at="2020-01-01T00:00Z")
    Subject.objects.update(read_at=None)
    send(player)
    assert len(shown(plex)) == is_read_again


def test_a_stash_that_refuses_the_key_is_no_fault_of_the_scene(
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    def refuse(*_: object) -> bytes:
        raise ApiAuthError("player.key-refused-stash", app="Stash", answer="401")

    follow(source)
    monkeypatch.setattr(StashClient, "cover", refuse)
    send(player)
    assert Link.objects.get().state == LinkState.DUE


@pytest.mark.parametrize(
    "answer", [ApiTransientError("answer.slow"), ApiPermanentError("x", status=404), OTHER]
)
def test_a_cover_that_is_away_when_it_is_uploaded_is_sent_later(
    answer: object,
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    given: list[object] = [COVER, answer]

    def cover(*_: object) -> bytes:
        found = given.pop(0)
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, bytes)
        return found

    follow(source)
    with monkeypatch.context() as wrong:
        wrong.setattr(StashClient, "cover", cover)
        send(player)
    link = Link.objects.get()
    assert (shown(plex), link.state, link.tries) == ([], LinkState.DUE, 0)
    assert items(plex)["clip_0001"].title == "Scene 1"
    Subject.objects.update(read_at=None)
    change_scene(stash)
    follow(source)
    send(player)
    assert (len(shown(plex)), Link.objects.get().state) == (1, LinkState.IN_SYNC)


@pytest.fixture
def two(stash: StashStandIn, plex: StandIn) -> None:
    """Two scenes, and an item of each with the picture of an agent."""
    stash.load(scenes(2, cover="one"))
    state = clips(2)
    for item in state.items.values():
        item.pictures = {"poster": ["metadata://posters/agent"]}
    plex.load(state)


@pytest.mark.parametrize("asks", ["poster_of", "poster"])
def test_a_player_that_refuses_one_gets_the_rest(
    asks: str, two: None, plex: StandIn, source: Connection, player: Connection, monkeypatch: Patch
):
    def refuse(*_: object) -> str:
        raise ApiPermanentError("answer.refused", status=400)

    follow(source)
    with monkeypatch.context() as wrong:
        wrong.setattr(PlexClient, asks, refuse)
        send(player)
    assert {item.title for item in items(plex).values()} == {"Scene 1", "Scene 2"}
    refused = {(LinkState.FAILED, Cause.REFUSED_VALUE)}
    assert set(Link.objects.values_list("state", "cause")) == refused
    again()
    send(player)
    assert set(Link.objects.values_list("state", flat=True)) == {LinkState.IN_SYNC}
    assert named(COVER) in shown(plex)


@pytest.mark.parametrize("asks", ["poster_of", "poster"])
def test_what_a_player_has_no_time_for_is_sent_a_little_later(
    asks: str, two: None, plex: StandIn, source: Connection, player: Connection, monkeypatch: Patch
):
    client, late = getattr(PlexClient, asks), [True]

    def answer(*given: object) -> object:
        if late:
            late.pop()
            raise Later(0.0)
        return client(*given)

    follow(source)
    monkeypatch.setattr(PlexClient, asks, answer)
    send(player)
    send(player)
    assert set(Link.objects.values_list("state", "tries")) == {(LinkState.IN_SYNC, 0)}
    assert {item.pictures["poster"][0] for item in items(plex).values()} == {named(COVER)}


def test_a_player_that_says_yes_and_shows_another_is_told_of(
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(PlexClient, "poster", lambda *_: None)
    follow(source)
    send(player)
    assert Link.objects.get().cause == Cause.PARTIAL


def in_the_middle(monkeypatch: Patch, do: Callable[[], object]) -> None:
    """Something happens when a picture was decided upon, and is about to be uploaded."""
    upload = Pictures.upload

    def later(pictures: Pictures, *given: Any) -> None:
        monkeypatch.setattr(Pictures, "upload", upload)
        do()
        upload(pictures, *given)

    monkeypatch.setattr(Pictures, "upload", later)


@pytest.mark.parametrize("is_first", [True, False])
def test_a_poster_that_somebody_chooses_meanwhile_stays(
    is_first: bool,
    stash: StashStandIn,
    plex: StandIn,
    source: Connection,
    player: Connection,
    monkeypatch: Patch,
):
    follow(source)
    if not is_first:
        send(player)
        change_scene(stash, cover_image="another")
        follow(source)
    in_the_middle(monkeypatch, partial(choose, plex))
    send(player)
    assert shown(plex)[0] == named(b"by hand")
    send(player)
    assert shown(plex)[0] == named(b"by hand")
    assert (Link.objects.get().state, Link.objects.get().conflict) == (LinkState.IN_SYNC, True)


def test_a_picture_goes_to_no_item_that_took_the_id_meanwhile(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection, monkeypatch: Patch
):
    follow(source)
    number, library = items(plex)["clip_0001"].id, next(iter(plex.state().libraries))

    def give_away() -> None:
        plex.change("remove", id=number)
        plex.change("next_ids", ids=[number])
        plex.change("add_movie", library=library, path="/data/clips/another.mp4")

    in_the_middle(monkeypatch, give_away)
    send(player)
    assert items(plex)["another"].id == number
    assert uploads(plex) == 0


def test_a_comparison_has_what_changed_looked_at(
    stash: StashStandIn, plex: StandIn, source: Connection, player: Connection
):

    def stale() -> int:
        settings = settings_of(player)
        assert settings is not None
        sender = Sender(player, settings, client_for(player, read_only=True), Pacer(player))
        return int(gaps.reconcile(sender, everything=True, scope="all", dry_run=True)["stale"])

    follow(source)
    send(player)
    again()
    send(player)
    assert stale() == 0
    choose(plex)
    assert stale() == 1
