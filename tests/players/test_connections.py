"""Plex, Jellyfin, Emby, Kodi and Stash as connections: added, tested, pinged, and what goes with a call."""

from __future__ import annotations

from typing import Any, cast

import pytest

from connections import kinds, services
from connections.models import Connection
from core import flags
from core.errors import ApiTransientError, ConfigError, FieldError
from core.outbound.transport import Auth
from demo.players.process import StandIn
from players.clients.contract import Edit, Kind
from players.connections import client_for, stash_client_for
from players.models import Device
from tests.library.conftest import sonarr  # noqa: F401
from tests.players.clients.conftest import *  # noqa: F403  (the stand-ins)
from tests.players.clients.conftest import titled

SECRETS = {"plex": "token", "jellyfin": "api_key", "emby": "api_key", "kodi": "password", "stash": "api_key"}
ANSWERS = {
    "plex": ("Plex Media Server", "1.43.1.10611-1e34174b1", ("Movies (/media/movies)", "Shows (/media/tv)")),
    "jellyfin": ("Jellyfin Server", "10.11.11", ("Movies (/media/movies)", "Shows (/media/tv)")),
    "emby": ("Emby Server", "4.9.1.80", ("Movies (/media/movies)", "Shows (/media/tv)")),
    "kodi": ("Kodi", "20.1", ("/media/movies", "/media/tv")),
    "stash": ("Stash", "v0.30.1", ("/clips",)),
}
ALL = sorted(SECRETS)
PLAYERS = [kind for kind in ALL if kind != "stash"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def program(request: pytest.FixtureRequest) -> StandIn:
    found: StandIn = request.getfixturevalue(request.param)
    return found


def added(program: StandIn, **given) -> Connection:
    given = {"name": program.kind, "url": program.url, SECRETS[program.kind]: program.api_key, **given}
    return services.add(program.kind, **given)


@pytest.mark.parametrize("program", ALL, indirect=True)
def test_one_is_added_and_says_what_answered(program):
    connection = added(program)
    answer = services.test(connection)
    assert (answer.app_name, answer.version, answer.folders) == ANSWERS[program.kind]
    assert program.api_key not in str(services.values_of(connection))
    kinds.kind_of(program.kind).ping(connection)


@pytest.mark.parametrize("program", ALL, indirect=True)
def test_a_wrong_secret_is_told_and_nothing_is_saved(program):
    with pytest.raises(FieldError, match="refused") as caught:
        added(program, **{SECRETS[program.kind]: "wrong-all-over"})
    assert caught.value.field == SECRETS[program.kind]
    assert not Connection.objects.exists()


@pytest.mark.parametrize("program", ALL, indirect=True)
def test_another_program_at_the_address_is_told(program, sonarr):  # noqa: F811
    with pytest.raises(ConfigError):
        added(program, url=sonarr.url)
    assert not Connection.objects.exists()


@pytest.mark.parametrize("program", PLAYERS, indirect=True)
def test_a_client_of_a_connection_writes_and_is_counted(program):
    connection = added(program)
    client = client_for(connection)
    form = next(iter(client.abilities.forms))
    item = titled(client, "Comet", Kind.MOVIE)
    edit = Edit(client.look([item.id])[item.id], add={form: ("dub",)})
    assert client.write([edit]).failed == {}
    assert [tag.casefold() for tag in program.state().titled("Comet").lists["label"]] == ["dub"]
    connection.refresh_from_db()
    assert connection.rate_at is not None


def test_how_long_a_player_may_take_is_a_setting_of_it(plex):
    connection = added(plex, connect_seconds=2, read_seconds=90)
    transport = cast(Any, client_for(connection)).transport
    assert (transport._connect, transport._timeout) == (2, 90)


@pytest.mark.parametrize(
    ("name", "value"), [("connect_seconds", 31), ("read_seconds", 4), ("keep_failed_days", 0)]
)
def test_what_no_player_can_be_set_to_is_refused_where_it_is_set(plex, name, value):
    with pytest.raises(FieldError) as refused:
        added(plex, **{name: value})
    assert refused.value.field == name


def test_a_token_that_was_cut_off_is_told(plex):
    with pytest.raises(FieldError, match="at least 10 characters"):
        added(plex, token="short")


def test_a_stash_is_read(stash):
    connection = added(stash)
    client = stash_client_for(connection)
    assert sum(len(page) for page in client.changed()) == 3


def test_what_is_no_player_has_no_client(stash):
    with pytest.raises(ConfigError, match="is not a player"):
        client_for(added(stash))


@pytest.mark.parametrize("program", PLAYERS, indirect=True)
def test_a_dry_run_writes_nothing(program):
    client = client_for(added(program), read_only=True)
    item = titled(client, "Comet", Kind.MOVIE)
    form = next(iter(client.abilities.forms))
    failed = client.write([Edit(client.look([item.id])[item.id], add={form: ("dub",)})]).failed
    assert "a dry run sends nothing" in str(*failed.values())
    assert program.state().titled("Comet").lists.get("label", []) == []


def test_a_hundred_starts_are_one_device(plex, jellyfin):
    for program in (plex, jellyfin):
        connection = added(program)
        for _ in range(100):
            client_for(connection)
        client_for(connection).libraries()
        client_for(connection).libraries()
        assert len(program.report()["devices"]) == 1
    assert Device.objects.count() == 1
    assert plex.report()["devices"][0]["clientIdentifier"] == Device.ours()


def test_an_outage_is_told_to_the_breaker(plex):
    connection = added(plex)
    plex.fault("drop", count=None)
    with pytest.raises(ApiTransientError):
        client_for(connection).libraries()
    connection.refresh_from_db()
    assert connection.breaker_failures == 1


def test_jellyfin_before_10_9_is_refused(jellyfin, monkeypatch):
    monkeypatch.setattr("players.connections.OLDEST_JELLYFIN", (11, 0))
    with pytest.raises(FieldError, match=r"Jellyfin 10\.11\.11 is too old: 11\.0 or newer is needed"):
        added(jellyfin)


def test_a_kodi_without_a_password_is_called_without_one():
    connection = services.add("kodi", name="TV", url="http://tv.lan:8080", connect=False, login="")
    assert connection.reveal("password") == ""
    assert client_for(connection).abilities.forgets


@pytest.mark.parametrize("user", ["a:b", "tab\there"])
def test_a_user_name_that_kodi_cannot_have_is_refused(user):
    with pytest.raises(FieldError) as caught:
        services.add("kodi", name="TV", url="http://tv.lan:8080", connect=False, login=user)
    assert caught.value.field == "login"


def test_the_kinds_go_with_the_feature(monkeypatch):
    known = set(kinds.slugs())
    assert set(ALL) <= known
    monkeypatch.setattr(flags, "is_on", lambda key: key != "players")
    assert known - set(kinds.slugs()) == set(ALL)


def test_what_goes_with_a_call_does_not_show_itself():
    assert "secret" not in repr(Auth({"X-Plex-Token": "secret"}, ("secret",)))
