"""Whatever comes in place of an answer: every client ends with one of our errors, and no write is wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from core.errors import ApiAuthError, ApiError, ApiPermanentError, ApiTransientError
from demo.players.process import StandIn
from demo.players.state import Kind as StateKind
from demo.players.state import PlayerState
from players.clients import base
from players.clients.contract import POSTER, Edit, Kind, Memory
from players.clients.jellyfin import EmbyClient, JellyfinClient
from players.clients.kodi import KodiClient
from players.clients.plex import PlexClient
from tests.demo.players.conftest import small_state
from tests.players.clients.conftest import DEVICE, seen


@dataclass
class Player:
    stand_in: StandIn
    client: Any
    listing: str
    count: str


MAKE: dict[str, Callable[[StandIn], Player]] = {
    "plex": lambda one: Player(
        one, PlexClient(one.url, one.api_key, device=DEVICE, tries=1), "/all$", "totalSize"
    ),
    "jellyfin": lambda one: Player(
        one, JellyfinClient(one.url, one.api_key, device=DEVICE, tries=1), "/Items$", "TotalRecordCount"
    ),
    "emby": lambda one: Player(
        one, EmbyClient(one.url, one.api_key, device=DEVICE, tries=1), "/Items$", "TotalRecordCount"
    ),
    "kodi": lambda one: Player(
        one, KodiClient(one.url, one.api_key, tries=1), "#VideoLibrary.GetMovies", "total"
    ),
}


@pytest.fixture(params=sorted(MAKE))
def player(request: pytest.FixtureRequest) -> Player:
    return MAKE[request.param](request.getfixturevalue(request.param))


def movies(player: Player) -> list[Any]:
    library = player.client.libraries()[0]
    return [item for page in player.client.items(library, Kind.MOVIE) for item in page]


def edit(player: Player) -> Edit:
    form = next(form for form in player.client.abilities.forms if form in ("label", "tag"))
    return Edit(seen(player.client, "Lantern"), add={form: ("Dub",)})


def labels(player: Player) -> list[str]:
    return player.stand_in.state().titled("Lantern").lists["label"]


SPOILT: list[tuple[str, dict[str, Any], type[ApiError]]] = [
    ("drop", {}, ApiTransientError),
    ("partial", {}, ApiTransientError),
    ("truncate", {}, ApiTransientError),
    ("html", {}, ApiTransientError),
    ("starting", {}, ApiTransientError),
    ("other-app", {}, ApiPermanentError),
    ("status", {"status": 401}, ApiAuthError),
    ("status", {"status": 429, "retry_after": 77}, ApiTransientError),
    ("status", {"status": 503}, ApiTransientError),
    ("status", {"status": 500}, ApiTransientError),
]
NAMES = [f"{kind}-{options.get('status', '')}".rstrip("-") for kind, options, _error in SPOILT]


@pytest.mark.parametrize(("kind", "options", "error"), SPOILT, ids=NAMES)
def test_a_spoilt_answer_to_each_read_is_a_stated_error(player, kind, options, error):
    """Each fault meets every single call once, whatever the client does with the others."""
    ids = [item.id for item in movies(player)]
    for read in (
        player.client.ping,
        player.client.libraries,
        lambda: movies(player),
        lambda: player.client.look(ids),
    ):
        player.stand_in.fault(kind, **options)
        with pytest.raises(error) as caught:
            read()
        assert player.stand_in.api_key not in str(caught.value)
        if options.get("retry_after"):
            assert caught.value.retry_after == 77


@pytest.mark.parametrize(("kind", "options", "error"), SPOILT, ids=NAMES)
def test_whichever_call_of_a_write_is_spoilt_labels_of_others_stay(player, kind, options, error):
    """And what is told as written stands there."""
    for skip in range(4):
        player.stand_in.load(_fresh(player))
        wanted = edit(player)
        player.stand_in.clear_journal()
        player.stand_in.fault(kind, skip=skip, **options)
        written = player.client.write([wanted])
        failed = list(written.failed.values())
        assert all(isinstance(one, ApiError) for one in failed)
        assert "Kids" in labels(player)
        if not failed:
            assert [label.casefold() for label in labels(player)] == ["kids", "dub"]
        assert player.stand_in.report()["catastrophes"] == []
        player.stand_in.clear_faults()
        assert player.client.write([edit(player)]).failed == {}
        assert [label.casefold() for label in labels(player)] == ["kids", "dub"]


def _fresh(player: Player) -> PlayerState:
    return small_state(cast("StateKind", player.stand_in.kind))


@pytest.mark.parametrize("number", [0, 1, 3, 10**9])
def test_a_wrong_total_ends_the_list(player, number):
    player.stand_in.fault("total", player.listing, fields=[player.count], number=number)
    with pytest.raises(ApiTransientError):
        movies(player)


def test_a_page_that_comes_again_ends_the_list(player, monkeypatch):
    """As does a list without an end, which is one page for ever."""
    _pages_of_one(monkeypatch)
    library = player.client.libraries()[0]
    player.stand_in.fault("repeat", player.listing, skip=1, count=None)
    with pytest.raises(ApiTransientError, match="twice"):
        list(player.client.items(library, Kind.MOVIE))


def test_an_item_that_vanishes_between_two_pages_ends_the_list(player, monkeypatch):
    _pages_of_one(monkeypatch)
    library = player.client.libraries()[0]
    number = player.stand_in.state().titled("Lantern").id
    player.stand_in.fault("change", player.listing, skip=1, op="remove", args={"id": number})
    with pytest.raises(ApiTransientError, match="changed its list"):
        list(player.client.items(library, Kind.MOVIE))


def _pages_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("base", "plex", "jellyfin", "kodi"):
        monkeypatch.setattr(f"players.clients.{module}.PAGE", 1)


def test_an_answer_about_other_items_is_not_taken(player):
    one, other = (item.id for item in movies(player))
    path = {"plex": "/metadata/", "kodi": "Details"}.get(player.stand_in.kind, "/Items$")
    player.stand_in.fault("repeat", path, skip=1)
    player.client.look([one])
    with pytest.raises(ApiError):
        player.client.look([other])


def test_nothing_in_place_of_ids_is_an_error_and_of_names_is_none(player):
    ids = {"plex": "ratingKey", "kodi": "movieid"}.get(player.stand_in.kind, "Id")
    player.stand_in.fault("nulls", player.listing, fields=[ids])
    with pytest.raises(ApiPermanentError, match="this is not an answer of"):
        movies(player)
    player.stand_in.fault(
        "nulls", player.listing, fields=["title", "Name", "label", "year", "Guid", "uniqueid"]
    )
    assert {item.title for item in movies(player)} <= {"", "Lantern", "Comet"}


def test_an_answer_that_is_too_large_is_not_read_to_its_end(player, monkeypatch):
    monkeypatch.setattr(base, "LARGEST_PAGE", 2**20)
    player.stand_in.fault("padding", player.listing, megabytes=3)
    with pytest.raises(ApiPermanentError, match="larger than 1 MiB"):
        movies(player)


def test_a_key_that_ends_after_some_calls_is_told(player):
    player.stand_in.fault("status", status=401, skip=1, count=None)
    player.client.libraries()
    with pytest.raises(ApiAuthError):
        movies(player)


@pytest.mark.parametrize(
    "name", ["x" * 10_000, "a,b\x00c", "\ud800\u202eevil", "Ame\u0301lie", "%2C", "  ", "<&>"]
)
def test_any_name_that_a_label_can_have_is_taken_or_passed_over(player, name):
    form = next(form for form in player.client.abilities.forms if form in ("label", "tag"))
    present = seen(player.client, "Lantern")
    assert player.client.write([Edit(present, add={form: (name,)})]).failed == {}
    again = player.client.look([present.id])[present.id]
    assert again.labels[form][0] == "Kids"
    assert player.client.write([Edit(again, remove={form: (name,)})]).failed == {}
    assert labels(player) == ["Kids"]


def test_names_that_nobody_expected_are_read(player):
    number = player.stand_in.state().titled("Comet").id
    player.stand_in.change("edit", id=number, title="\u202eCom\u0301et" + "x" * 10_000)
    item = next(item for item in movies(player) if item.title.startswith("\u202e"))
    assert len(item.title) == base.LONGEST_NAME


def test_the_key_is_in_no_address_and_no_log(player, caplog):
    caplog.set_level(logging.DEBUG)
    assert player.client.write([edit(player)]).failed == {}
    entries = player.stand_in.journal()
    assert entries
    assert not any(entry["key_in_query"] for entry in entries)
    assert player.stand_in.api_key not in caplog.text + repr(player.client) + repr(vars(player.client))


def test_what_a_player_cannot_do_is_said_in_its_abilities(player):
    can = player.client.abilities
    lantern = next(item for item in movies(player) if item.title == "Lantern")
    asked = {
        can.finds_paths: lambda: player.client.find(lantern.paths[0]),
        can.posters: lambda: player.client.poster(lantern.id, b"\xff\xd8"),
    }
    for able, ask in asked.items():
        if able:
            ask()
        else:
            with pytest.raises(ApiPermanentError, match="here that could be changed"):
                ask()
    if POSTER not in can.fields:
        for look in (
            lambda: player.client.poster_of(lantern.id),
            lambda: player.client.picture(lantern.id, "x"),
        ):
            with pytest.raises(ApiPermanentError, match="here that could be changed"):
                look()
    if not can.forgets:
        assert player.client.remember([lantern.id]) == []
        memories = [Memory(Kind.MOVIE, lantern.id, lantern.paths[0], {})]
        player.client.read_again(memories)
        player.client.give_up(memories)
        assert player.client.give_back(memories) == []


@pytest.mark.parametrize("id", ["", "x y", "../1", "1?x"])
def test_what_is_no_id_goes_into_no_call(player, id):
    player.stand_in.clear_journal()
    for call in (lambda: player.client.look([id]), lambda: player.client.refresh(id)):
        with pytest.raises(ValueError, match=r"id|items"):
            call()
    assert player.stand_in.journal() == []


@given(st.text("/\\. \t", max_size=6) | st.text(max_size=8).map(lambda text: text.lstrip("/\\")))
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_no_folder_is_never_looked_at(player, folder):
    assume("://" not in folder and folder[1:3] not in (":\\", ":/"))
    player.stand_in.clear_journal()
    with pytest.raises(ValueError, match="no folder"):
        player.client.scan(folder)
    assert player.stand_in.journal() == []


def test_the_folder_of_a_whole_library_is_looked_at_by_nobody(player):
    player.stand_in.change("quirks", scan_seconds=-1)
    for folder in (folder for library in player.client.libraries() for folder in library.folders):
        assert player.client.scan(f"{folder}/") == ()
    assert player.stand_in.work() == []


def test_an_item_of_another_kind_is_no_item_of_a_list(player):
    field = {"plex": "type", "kodi": "movieid"}.get(player.stand_in.kind, "Type")
    player.stand_in.fault("nulls", player.listing, fields=[field])
    with pytest.raises(ApiPermanentError, match="this is not an answer of"):
        movies(player)
