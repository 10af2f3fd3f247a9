"""What apps bring to connections: kinds, and what they keep beside one. Here is no word of any.

An app says so in its module `connections` (`BRINGS = Connections(…)`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from core.errors import ConfigError
from core.features import App, Brings, Text, brought, contribution
from core.outbound.addresses import clean_url, refuse_resolved

from .fields import Field, SecretField

if TYPE_CHECKING:
    from accounts.models import User

    from .models import Connection


ADDRESS = _("Address")


@dataclass(frozen=True, slots=True)
class Target:
    """What is connected to: an address, with the secrets and options of its kind."""

    url: str
    secrets: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a test found: which program answers, its version, and the folders that it names.

    What is no program has neither name nor version.
    """

    app_name: str
    version: str
    folders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a service may be called: `burst` calls at once, and `per_second` of them in the long run."""

    per_second: float
    burst: int


@dataclass(frozen=True, slots=True)
class ConnectionKind:
    """What is to know about all connections of a kind.

    `test` connects to an address, and raises `FieldError` or `ApiError`; `ping` makes one cheap call, and
    raises `ApiError`. So many `failures` in a row open its breaker, which lets a call through again after a
    minute, and later after `longest_pause` seconds at the latest. `about` says in a line what the kind is
    for, `colour` is that of its badge, `default_url` the address of a service that has one for everybody.
    `clean_address` returns an address as it is kept, `may_connect` is asked just before it is connected to;
    both raise ConfigError.
    """

    slug: str
    title: Text
    address_help: Text
    test: Callable[[Target], Answer]
    ping: Callable[[Connection], Any]
    secrets: tuple[SecretField, ...] = ()
    options: tuple[Field, ...] = ()
    rate: Rate | None = None
    failures: int = 5
    longest_pause: int = 15 * 60
    colour: str = ""
    about: Text = ""
    address_title: Text = ADDRESS
    default_url: str = ""
    clean_address: Callable[[str], str] = clean_url
    may_connect: Callable[[str], object] = refuse_resolved


@dataclass(frozen=True, slots=True)
class Beside:
    """What an app keeps of connections of some kinds, in rows of its own.

    `fields` are asked for with those of the kind. `read` returns what is kept, nothing where no row is there
    yet; `save` takes what was given or has changed, in the transaction of the connection. `state` is what
    the app knows of it, as JSON. `notes` says what there is to know about an answer of its test. That one
    does not answer is no problem where it `may_be_off`. `rows` and `lists` are the relations that `read`,
    `state` and `may_be_off` follow, for lists.
    """

    kinds: tuple[str, ...]
    title: Text
    fields: Callable[[str], tuple[Field, ...]]
    read: Callable[[Connection], dict[str, Any]]
    save: Callable[[Connection, Mapping[str, Any], User | None], object]
    state: Callable[[Connection], dict[str, Any]] = lambda _: {}
    notes: Callable[[Connection, Answer], Iterable[str]] = lambda _connection, _answer: ()
    may_be_off: Callable[[Connection], bool] = lambda _: False
    rows: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()


@contribution
@dataclass(frozen=True)
class Connections(Brings):
    """Kinds of connections, and what is kept beside some."""

    MODULE = "connections"

    kinds: tuple[ConnectionKind, ...] = ()
    beside: tuple[Beside, ...] = ()


@cache
def _known() -> dict[str, tuple[App, ConnectionKind]]:
    """All kinds with the app that brings each, of features that are off too."""
    found: dict[str, tuple[App, ConnectionKind]] = {}
    for app, brings in brought(Connections, also_off=True):
        for kind in brings.kinds:
            if kind.slug in found:
                raise ConfigError(f"Two apps bring a kind of connections called {kind.slug}.")
            found[kind.slug] = app, kind
    return found


def kind_of(slug: str) -> ConnectionKind:
    """Return a kind. Raises ConfigError where there is none of that name."""
    try:
        return _known()[slug][1]
    except KeyError:
        known = " or ".join(_known()) or "none"
        raise ConfigError("connection.kind", kind=slug, known=known) from None


def kinds() -> tuple[ConnectionKind, ...]:
    """The kinds that there are for people now, without those of features that are switched off."""
    return tuple(kind for app, kind in _known().values() if app.is_on)


def slugs(*, also_off: bool = False) -> tuple[str, ...]:
    return tuple(slug for slug, (app, _) in _known().items() if also_off or app.is_on)


def beside(slug: str, *, also_off: bool = False) -> Iterator[Beside]:
    """What apps keep of connections of a kind."""
    for _app, brings in brought(Connections, also_off=also_off):
        yield from (one for one in brings.beside if slug in one.kinds)


def fields_of(kind: ConnectionKind, *, also_off: bool = False) -> tuple[Field, ...]:
    """Everything that is asked for of a kind, beside name, address and whether it is enabled."""
    own: tuple[Field, ...] = (*kind.secrets, *kind.options)
    return (*own, *(field for one in beside(kind.slug, also_off=also_off) for field in one.fields(kind.slug)))
