"""The addresses of PostgreSQL and Redis, and which host names the web server answers to. No Django."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypedDict
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit, urlunsplit

from core.errors import ConfigError

SERVERS_FILE = Path("run") / "servers.json"
LOCAL_SUFFIXES = (".localhost", ".local", ".lan", ".home.arpa", ".internal")

GONE = {
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "60000",
}
"""For libpq: a database whose machine vanished without a word is given up within a minute, not in hours."""


DEFAULT_QUEUE = "bulk"
BROKER_OPTIONS = {
    # A message not acknowledged within this time is delivered again: far above the hard time limit of a task.
    "visibility_timeout": 3600,
    "socket_keepalive": True,
    "socket_connect_timeout": 5,
    # Without it a worker whose broker vanishes in silence (a machine that lost its power) waits for ever.
    "socket_timeout": 20,
    "health_check_interval": 30,
}
"""For Celery and Flower: how they speak with Redis."""


class ServerAddresses(TypedDict):
    """Where the two servers are: `database_url` and `redis_url`, with their passwords."""

    database_url: str
    redis_url: str


def running_servers(data: Path) -> ServerAddresses | None:
    """The addresses that running embedded servers left in the data folder, None where there are none."""
    try:
        found = json.loads((data / SERVERS_FILE).read_text(encoding="utf-8"))
        return ServerAddresses(database_url=str(found["database_url"]), redis_url=str(found["redis_url"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def database_settings(url: str, password: str = "") -> dict[str, Any]:
    """Django's settings for the database at `url`: postgresql://user:password@host:port/name?option=value.

    `password` is used where the address holds none; a `host` option that is a folder names a unix socket.
    Raises ConfigError for an address of another kind.
    """
    example = "allowed is postgresql://user:password@host:5432/name"
    try:
        parts = urlsplit(url)
        port = parts.port
        options = dict(parse_qsl(parts.query, strict_parsing=bool(parts.query)))
    except ValueError:
        raise ConfigError(f"DATABASE_URL is not an address: {example}.") from None
    name = unquote(parts.path.lstrip("/"))
    if parts.scheme not in ("postgres", "postgresql") or not name:
        raise ConfigError(f"DATABASE_URL is not the address of a PostgreSQL database: {example}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or "") or password,
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": str(port or ""),
        # Statements that run for every job item are prepared once a connection.
        "OPTIONS": {"connect_timeout": "10", "prepare_threshold": 5, **GONE, **options},
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
    }


def redis_address(url: str, password: str = "") -> str:
    """The address of Redis with its password: redis://, rediss:// or unix://.

    Raises ConfigError for an address of another kind.
    """
    example = "allowed is redis://:password@host:6379/0"
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigError(f"REDIS_URL is not an address: {example}.") from None
    whole = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in ("redis", "rediss", "unix") or not whole:
        raise ConfigError(f"REDIS_URL is not the address of a Redis server: {example}.")
    if parts.password or not password:
        return url
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{parts.username or ''}:{quote(password, safe='')}@{host}"))


MAIL_PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}


def mail_server(address: str) -> tuple[SplitResult, int] | None:
    """The parts of the address of a mail server, and its port; None where it is none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    if parts.scheme not in MAIL_PORTS or not parts.hostname:
        return None
    return parts, port or MAIL_PORTS[parts.scheme]


def broker_address(redis_url: str) -> str:
    """The same server as Celery writes it: kombu calls a unix socket `redis+socket://`."""
    return (
        redis_url.replace("unix://", "redis+socket://", 1) if redis_url.startswith("unix://") else redis_url
    )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_local_name(host: str) -> bool:
    """True for a host (no port) that no public name server can hand out.

    These are IP literals, localhost, names without a dot and names in the domains kept for private networks
    (RFC 6761, 6762, 8375; .internal is reserved by ICANN, .lan by custom). A page of a foreign site can
    therefore not be made to reach us under one of them (DNS rebinding).
    """
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        name = host.lower().removesuffix(".")
        return bool(name) and ("." not in name or name.endswith(LOCAL_SUFFIXES))
    return True


def is_named(host: str, names: Sequence[str]) -> bool:
    """True where `host` (no port) is one of `names`; a leading dot stands for the domain and all below."""
    lowered = host.lower().removesuffix(".")
    return any(
        lowered == name.lower().lstrip(".") or (name.startswith(".") and lowered.endswith(name.lower()))
        for name in names
    )


Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def is_listed(address: str, networks: Iterable[Network]) -> bool:
    """Whether an IP address lies in one of the networks; text that is none does not."""
    plain = plain_address(address)
    return plain is not None and any(plain in network for network in networks)


def plain_address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The IP address that a text is, an IPv4 one where IPv6 only carries it; None where it is none."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
