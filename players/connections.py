"""Plex, Jellyfin, Emby, Kodi and Stash as kinds of connections, and the clients of those that are there."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from connections.calls import Recorder, slot_for
from connections.fields import SecretField, TextField
from connections.kinds import Answer, ConnectionKind, Connections, Target
from connections.models import Connection
from core.errors import ConfigError, FieldError
from core.features import Text
from core.outbound.transport import Options, checked_key
from players.clients.contract import Abilities, PlayerClient
from players.clients.jellyfin import EmbyClient, JellyfinClient
from players.clients.kodi import KodiClient, auth
from players.clients.plex import PlexClient
from players.clients.stash import StashClient
from players.models import Device, PlayerSettings
from players.pace import Pacer
from players.settings import BESIDE, PLAYERS
from players.stash import settings

__all__ = ["BRINGS", "PLAYERS", "client_for", "stash_client_for"]

CHECK_TIMEOUT = 10.0
PING_TIMEOUT = 5.0
"""Seconds: a person waits for the one, the tick for the other."""

PATIENCE = {"failures": 2, "longest_pause": 60}
"""Somebody waits for the labels: a player that is back is found within a minute."""

OLDEST_JELLYFIN = (10, 9)
"""The first that tells a whole item at `/Items/{id}`."""


SHORTEST_TOKEN = 10
"""Characters; Plex gives twenty."""

CLIENTS: Mapping[str, type[PlexClient | JellyfinClient | EmbyClient | KodiClient]] = {
    "plex": PlexClient,
    "jellyfin": JellyfinClient,
    "emby": EmbyClient,
    "kodi": KodiClient,
}


def abilities_of(player: Connection) -> Abilities:
    """What a player can do. Raises ConfigError where the connection is none."""
    try:
        return CLIENTS[player.kind].abilities
    except KeyError:
        raise ConfigError("player.is-none", name=player) from None


def client_for(
    connection: Connection, *, read_only: bool = False, pacer: Pacer | None = None
) -> PlayerClient:
    """A client of a player that tells the connection how every call went, and keeps its pace.

    Call it outside transactions. Raises ConfigError where the connection is no player.
    """
    pacer = pacer or Pacer(connection)
    target = Target(connection.url, connection.secrets(), connection.options)
    options: Options = {
        "name": connection.name,
        "read_only": read_only,
        "on_result": pacer.heard,
        "before_call": pacer.slot,
        "connect": pacer.pace.connect,
        "timeout": pacer.read_timeout,
    }
    client = _player(connection.kind, target, options)
    if isinstance(client, PlexClient) and not read_only:
        settings = PlayerSettings.objects.filter(pk=connection.pk)
        client.joins = settings.values_list("labels_join", flat=True).first()
        client.learnt = lambda joins: settings.update(labels_join=joins)
    return client


def stash_client_for(connection: Connection, *, interactive: bool = False) -> StashClient:
    """A client of a Stash that tells the connection how every call went."""
    options: Options = {
        "name": connection.name,
        "read_only": True,
        "on_result": Recorder(connection),
        "before_call": slot_for(connection, interactive=interactive),
    }
    return StashClient(connection.url, connection.reveal("api_key"), **options)


def _player(kind: str, target: Target, options: Options) -> PlayerClient:
    secrets = target.secrets
    match kind:
        case "plex":
            return PlexClient(target.url, secrets["token"], device=Device.ours(), **options)
        case "jellyfin":
            return JellyfinClient(target.url, secrets["api_key"], device=Device.ours(), **options)
        case "emby":
            return EmbyClient(target.url, secrets["api_key"], device=Device.ours(), **options)
        case "kodi":
            user = target.options.get("login", "")
            return KodiClient(target.url, secrets.get("password", ""), user=user, **options)
    raise ConfigError("player.no-player", kind=kind)


def _test_player(kind: str, target: Target) -> Answer:
    """Who answers and what it has: the first call needs no key, the second one does."""
    client = _player(kind, target, {"timeout": CHECK_TIMEOUT, "tries": 1})
    identity = client.identity()
    if kind == "jellyfin":
        _check_jellyfin(identity.version)
    return Answer(identity.program, identity.version, tuple(_shown(client)))


def _shown(client: PlayerClient) -> list[str]:
    """The libraries with their folders, which one of Kodi's does not have to itself."""
    found = client.libraries()
    if len({library.folders for library in found}) < len(found):
        return list(dict.fromkeys(folder for library in found for folder in library.folders))
    return [f"{library.title} ({', '.join(library.folders) or '?'})" for library in found]


def _check_jellyfin(version: str) -> None:
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers < OLDEST_JELLYFIN:
        oldest = ".".join(map(str, OLDEST_JELLYFIN))
        raise FieldError("url", "player.too-old", app="Jellyfin", version=version, oldest=oldest)


def _ping_player(connection: Connection) -> None:
    target = Target(connection.url, connection.secrets(), connection.options)
    _player(connection.kind, target, {"name": connection.name, "timeout": PING_TIMEOUT, "tries": 1}).ping()


def _test_stash(target: Target) -> Answer:
    client = StashClient(target.url, target.secrets.get("api_key", ""), timeout=CHECK_TIMEOUT, tries=1)
    identity = client.identity()
    return Answer(identity.program, identity.version, client.folders())


def _ping_stash(connection: Connection) -> None:
    key = connection.reveal("api_key")
    StashClient(connection.url, key, name=connection.name, timeout=PING_TIMEOUT, tries=1).ping()


def _kind(slug: str, title: str, colour: str, about: Text, **given: Any) -> ConnectionKind:
    test = partial(_test_player, slug)
    return ConnectionKind(
        slug,
        title,
        **{"test": test, "ping": _ping_player, "colour": colour, "about": about, **PATIENCE, **given},
    )


def _checked_token(token: str) -> str:
    """The token of a Plex. Raises ConfigError."""
    if len(token) < SHORTEST_TOKEN:
        raise ConfigError("player.short-token", least=SHORTEST_TOKEN)
    return checked_key(token)


def _api_key(help_text: Text) -> tuple[SecretField, ...]:
    return (SecretField(name="api_key", title=_("API key"), help=help_text, check=checked_key),)


def _checked_user(user: str) -> str:
    auth(user, "")
    return user


def _checked_password(password: str) -> str:
    auth("", password)
    return password


SHOWN = _("A player: tags, genres and details of its movies and shows")

BRINGS = Connections(
    kinds=(
        _kind(
            "plex",
            "Plex",
            "#e5a00d",
            _("A player: labels, collections and details of its movies and shows"),
            address_help=_("Such as http://nas:32400"),
            secrets=(
                SecretField(
                    name="token",
                    title=_("Token"),
                    help=_("The X-Plex-Token of the server's owner"),
                    check=_checked_token,
                ),
            ),
        ),
        _kind(
            "jellyfin",
            "Jellyfin",
            "#00a4dc",
            SHOWN,
            address_help=_("With the base URL where there is one, such as http://nas:8096"),
            secrets=_api_key(_("In Jellyfin under Dashboard → API Keys")),
        ),
        _kind(
            "emby",
            "Emby",
            "#52b54b",
            SHOWN,
            address_help=_("Such as http://nas:8096"),
            secrets=_api_key(_("In Emby under Settings → API Keys")),
        ),
        _kind(
            "kodi",
            "Kodi",
            "#17b2e7",
            SHOWN,
            address_help=_("Where Kodi allows control by HTTP, such as http://tv:8080"),
            secrets=(
                SecretField(
                    name="password",
                    title=_("Password"),
                    help=_("In Kodi under Settings → Services → Control; empty where none is set"),
                    required=False,
                    check=_checked_password,
                ),
            ),
            longest_pause=300,
            options=(TextField(name="login", title=_("Username"), default="kodi", check=_checked_user),),
        ),
        _kind(
            "stash",
            "Stash",
            "#8a6fe8",
            _("A source: titles, performers, tags and pictures of its scenes for players"),
            address_help=_("Such as http://nas:9999"),
            secrets=_api_key(_("In Stash under Settings → Security → Authentication")),
            test=_test_stash,
            ping=_ping_stash,
        ),
    ),
    beside=(BESIDE, settings.BESIDE),
)
