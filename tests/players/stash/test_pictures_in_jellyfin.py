"""The cover of a scene in Jellyfin and Emby, which do not tell who gave a picture."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from connections.models import Connection
from demo.players.process import StandIn, StashStandIn
from players.clients.contract import POSTER
from players.clients.jellyfin import JellyfinClient
from players.models import Link, LinkState, PlayerMapping, Route
from players.pictures import digest_of
from players.rules.difference import Mode

from .conftest import clips, follow, scenes, send
from .test_pictures import COVER, OTHER, Patch, again, change_scene, in_the_middle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def stash(stash_process: StashStandIn) -> StashStandIn:
    stash_process.load(scenes(1, cover="one"))
    return stash_process


@pytest.fixture
def jellyfin(jellyfin_process: StandIn) -> StandIn:
    jellyfin_process.load(clips(1, "jellyfin"))
    return jellyfin_process


@pytest.fixture
def screen(jellyfin: StandIn, add_player: Callable[..., Connection]) -> Connection:
    connection = add_player(jellyfin, "jellyfin")
    PlayerMapping.objects.create(player=connection, source_prefix="/clips", player_prefix="/data/clips")
    return connection


def of_jellyfin(jellyfin: StandIn) -> JellyfinClient:
    return JellyfinClient(jellyfin.url, jellyfin.api_key, device="a person")


def poster_in(jellyfin: StandIn) -> str:
    """What Jellyfin shows, by the digest of its bytes."""
    client = of_jellyfin(jellyfin)
    (library,) = client.libraries()
    ((item,),) = client.items(library, library.kinds[0])
    return client.poster_of(item.id)


def give_jellyfin(jellyfin: StandIn, picture: bytes) -> None:
    client = of_jellyfin(jellyfin)
    (library,) = client.libraries()
    ((item,),) = client.items(library, library.kinds[0])
    client.poster(item.id, picture)


def test_jellyfin_gets_a_cover_where_it_has_none_and_a_newer_one_after_it(
    stash: StashStandIn, jellyfin: StandIn, source: Connection, screen: Connection
):
    assert poster_in(jellyfin) == ""
    follow(source)
    assert send(screen).summary["in_sync"] == 1
    assert poster_in(jellyfin) == digest_of(COVER)
    jellyfin.clear_journal()
    again()
    assert send(screen).summary["written"] == 0
    assert not jellyfin.journal("POST")
    change_scene(stash, cover_image="another")
    follow(source)
    send(screen)
    assert poster_in(jellyfin) == digest_of(OTHER)


@pytest.mark.parametrize("mode", [Mode.FILL, Mode.KEEP, Mode.OVERWRITE])
def test_a_picture_that_jellyfin_had_before_stays_unless_it_is_to_be_overwritten(
    mode: Mode, stash: StashStandIn, jellyfin: StandIn, source: Connection, screen: Connection
):
    give_jellyfin(jellyfin, OTHER)
    follow(source)
    Route.objects.update(fields={POSTER: mode})
    send(screen)
    assert poster_in(jellyfin) == digest_of(COVER if mode is Mode.OVERWRITE else OTHER)
    # It may be that of a screen grabber: nobody is told that they changed something.
    assert (Link.objects.get().state, Link.objects.get().conflict) == (LinkState.IN_SYNC, False)


def test_a_picture_that_somebody_puts_in_the_place_of_ours_is_theirs_in_jellyfin_too(
    stash: StashStandIn, jellyfin: StandIn, source: Connection, screen: Connection
):
    follow(source)
    send(screen)
    give_jellyfin(jellyfin, OTHER)
    again()
    send(screen)
    assert poster_in(jellyfin) == digest_of(OTHER)
    assert Link.objects.get().conflict


def test_a_picture_that_somebody_gives_jellyfin_meanwhile_stays(
    stash: StashStandIn, jellyfin: StandIn, source: Connection, screen: Connection, monkeypatch: Patch
):
    follow(source)
    in_the_middle(monkeypatch, partial(give_jellyfin, jellyfin, OTHER))
    send(screen)
    assert poster_in(jellyfin) == digest_of(OTHER)
    send(screen)
    assert poster_in(jellyfin) == digest_of(OTHER)
