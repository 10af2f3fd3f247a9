"""TMDB, TheTVDB and fanart.tv as kinds of connections, and the clients of those that are there."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from connections.calls import Recorder, slot_for
from connections.fields import SecretField
from connections.kinds import Answer, ConnectionKind, Connections, Rate, Target
from connections.models import Connection
from core import servers
from core.errors import ConfigError
from core.features import Text
from core.outbound.addresses import clean_url
from core.outbound.transport import Options, checked_key
from providers.answers import Answers
from providers.base import Service
from providers.contract import Provider
from providers.fanart import FanartClient
from providers.tmdb import TmdbClient
from providers.tokens import Tokens
from providers.tvdb import TvdbClient

CHECK_TIMEOUT = 10.0
PING_TIMEOUT = 5.0
"""Seconds: a person waits for the one, the tick for the other."""

_CLIENTS: dict[str, type[Service]] = {"tmdb": TmdbClient, "tvdb": TvdbClient, "fanart": FanartClient}
PROVIDERS = tuple(_CLIENTS)


def provider_for(connection: Connection, *, interactive: bool = False, at_once: bool = False) -> Provider:
    """A client of a provider that keeps its answers, and tells the connection how every call went.

    With `interactive` somebody waits; who asks about one title `at_once` is told the same all the while. Call
    it outside transactions. Raises ConfigError where the connection is no provider.
    """
    target = Target(connection.url, connection.secrets(), connection.options)
    options: Options = {
        "name": connection.name,
        "on_result": Recorder(connection),
        "before_call": slot_for(connection, interactive=interactive),
    }
    return _client(connection.kind, target, options, connection, at_once=at_once)


def _client(
    kind: str,
    target: Target,
    options: Options,
    connection: Connection | None = None,
    *,
    at_once: bool = False,
) -> Provider:
    secrets, answers = target.secrets, Answers(connection, at_once=at_once) if connection else None
    match kind:
        case "tmdb":
            return TmdbClient(target.url, secrets["api_key"], answers=answers, **options)
        case "tvdb":
            tokens = Tokens(connection, secrets) if connection else None
            pin = secrets.get("pin", "")
            return TvdbClient(target.url, secrets["api_key"], pin, answers=answers, tokens=tokens, **options)
        case "fanart":
            own = secrets.get("client_key", "")
            return FanartClient(target.url, secrets["api_key"], own, answers=answers, **options)
    raise ConfigError("provider.is-none", kind=kind)


def class_of(kind: str) -> type[Service]:
    """The client of a kind. Raises ConfigError where that is no provider."""
    try:
        return _CLIENTS[kind]
    except KeyError:
        raise ConfigError("provider.is-none", kind=kind) from None


def _test(kind: str, target: Target) -> Answer:
    version = _client(kind, target, {"timeout": CHECK_TIMEOUT, "tries": 1}).test()
    return Answer(class_of(kind).app, version)


def _ping(connection: Connection) -> None:
    target = Target(connection.url, connection.secrets(), connection.options)
    options: Options = {"name": connection.name, "timeout": PING_TIMEOUT, "tries": 1}
    _client(connection.kind, target, options).test()


def _only_its_own(client: type[Service], url: str) -> str:
    """The one address of a provider, or this machine, where that is allowed: there the stand-ins listen."""
    found = clean_url(url)
    if found == client.host or (
        settings.ALLOW_LOOPBACK and servers.is_loopback(urlsplit(found).hostname or "")
    ):
        return found
    raise ConfigError("provider.address", app=client.app, address=client.host)


def _kind(slug: str, colour: str, about: Text, rate: Rate, *secrets: SecretField) -> ConnectionKind:
    client = _CLIENTS[slug]
    return ConnectionKind(
        slug,
        client.app,
        address_help=_("It has one address for everybody: leave it as it is."),
        test=partial(_test, slug),
        ping=_ping,
        secrets=secrets,
        rate=rate,
        colour=colour,
        about=about,
        default_url=client.host,
        clean_address=partial(_only_its_own, client),
    )


def _secret(name: str, title: Text, help_text: Text, *, required: bool = True) -> SecretField:
    return SecretField(name=name, title=title, help=help_text, required=required, check=checked_key)


BRINGS = Connections(
    kinds=(
        _kind(
            "tmdb",
            "#01b4e4",
            _("A provider: what movies and series are about, and their pictures"),
            Rate(per_second=40, burst=40),
            _secret(
                "api_key", _("API key or read access token"), _("In your TMDB account under Settings → API")
            ),
        ),
        _kind(
            "tvdb",
            "#6cd491",
            _("A provider: series with all their episodes, movies, and pictures of both"),
            Rate(per_second=10, burst=10),
            _secret("api_key", _("API key"), _("In your TheTVDB account under API Access")),
            _secret("pin", _("PIN"), _("Your subscriber PIN, where the key asks for one"), required=False),
        ),
        _kind(
            "fanart",
            "#c8332b",
            _("A provider: logos, clear art, disc art and other pictures"),
            Rate(per_second=5, burst=5),
            _secret("api_key", _("API key"), _("A project's key, from fanart.tv/get-an-api-key")),
            _secret(
                "client_key",
                _("Personal key"),
                _("From your fanart.tv profile: with it, new pictures come days sooner"),
                required=False,
            ),
        ),
    )
)
