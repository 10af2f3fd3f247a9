"""The kinds of connections: features register theirs in `AppConfig.ready`; here is no word of any."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.errors import ConfigError
from core.features import Text
from core.outbound.addresses import clean_url, refuse_resolved

if TYPE_CHECKING:
    from .models import Connection


@dataclass(frozen=True, slots=True)
class Answer:
    """What a test found: which program answers, its version, and what its kind tells beside that."""

    app_name: str
    version: str
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SecretField:
    """One secret of a kind. `check` returns it as it is kept, or raises ConfigError."""

    name: str
    title: str
    check: Callable[[str], str]
    required: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a service may be called: `burst` calls at once, and `per_second` of them in the long run."""

    per_second: float
    burst: int


Test = Callable[[str, Mapping[str, str]], Answer]
"""Connects to an address with these secrets. Raises `FieldError` or `ApiError`."""


@dataclass(frozen=True, slots=True)
class ConnectionKind:
    """What is to know about all connections of a kind.

    `ping` makes one cheap call and raises `ApiError` where it fails. `colour` is that of its badge.
    `clean_address` returns an address as it is kept, `may_connect` is asked just before it is connected to;
    both raise ConfigError.
    """

    slug: str
    title: Text
    address_help: Text
    test: Test
    ping: Callable[[Connection], Any]
    secrets: tuple[SecretField, ...] = ()
    rate: Rate | None = None
    colour: str = ""
    address_title: Text = "Address"
    clean_address: Callable[[str], str] = clean_url
    may_connect: Callable[[str], object] = refuse_resolved


_kinds: dict[str, ConnectionKind] = {}


def register_kind(kind: ConnectionKind) -> None:
    """Make a kind known. Raises ValueError where the slug is taken."""
    if kind.slug in _kinds:
        raise ValueError(f"there is a kind of connections called {kind.slug} already")
    _kinds[kind.slug] = kind


def kind_of(slug: str) -> ConnectionKind:
    """Return a kind. Raises ConfigError where there is none of that name."""
    try:
        return _kinds[slug]
    except KeyError:
        known = " or ".join(_kinds) or "none"
        raise ConfigError("connection.kind", kind=slug, known=known) from None


def kinds() -> tuple[ConnectionKind, ...]:
    return tuple(_kinds.values())


def slugs() -> tuple[str, ...]:
    return tuple(_kinds)
