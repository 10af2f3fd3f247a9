"""The contract between the platform and what is built on it: apps bring things, the platform finds them.

An app says what it brings in modules with agreed names: `health.py` holds `BRINGS = Health(…)`, `jobs.py`
holds `BRINGS = Jobs(…)`. Nothing is registered by hand, and no list outside of the app names it. Platform
apps are an `App`; what a household can do without is a `Feature`: it can be switched off at run time and then
leaves no trace.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, Literal, TypeVar

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils import translation
from django.utils.formats import number_format
from django.utils.functional import Promise

from core import flags
from core import words as phrases
from core.errors import ConfigError
from core.flags import Flag
from core.issues import Check
from core.portable import Section
from core.texts import TEXTS

Text = str | Promise

phrases.in_english = lambda: translation.override(settings.LANGUAGE_CODE)
phrases.number = number_format
phrases.add("core", TEXTS)


class Brings:
    """Base of what an app may bring. `MODULE` is the module of the app that says so."""

    MODULE: ClassVar[str]
    EAGER: ClassVar[bool] = False
    """Whether every process needs it from its start; others are imported when they are first asked for."""

    def take(self, app: App) -> None:
        """Called once, when the app's module has been imported."""


T = TypeVar("T", bound=Brings)
_known: dict[str, type[Brings]] = {}
_ready: list[App] = []


def contribution(kind: type[T]) -> type[T]:
    """Make a kind of contribution known. Raises ValueError where its module's name is taken."""
    if _known.get(kind.MODULE, kind) is not kind:
        raise ValueError(f"two kinds of contributions are called {kind.MODULE}")
    _known[kind.MODULE] = kind
    for app in _ready if kind.EAGER else ():
        bring(app, kind)
    return kind


@contribution
@dataclass(frozen=True)
class Options(Brings):
    MODULE = "options"
    EAGER = True

    flags: tuple[Flag, ...] = ()

    def take(self, app: App) -> None:
        for flag in self.flags:
            if not flag.key.startswith(f"{app.label}."):
                raise ConfigError(f"The flag {flag.key} of {app.label} must be called {app.label}.something.")
            flags.declare(flag)


@contribution
@dataclass(frozen=True)
class Health(Brings):
    """Checks for the health page and `doctor`.

    `stored` ones ask the database, in few queries; `live` ones ask workers, libraries or disks, and may take
    seconds.
    """

    MODULE = "health"

    stored: tuple[Check, ...] = ()
    live: tuple[Check, ...] = ()


@contribution
@dataclass(frozen=True)
class Metrics(Brings):
    """Sources of Prometheus metric families, each asked at every scrape, in few queries."""

    MODULE = "metrics"

    sources: tuple[Callable[[], Iterable[Any]], ...] = ()


@contribution
@dataclass(frozen=True)
class Cleaning(Brings):
    """What the clean-up deletes: each function deletes what is old and returns how many, by its name."""

    MODULE = "cleaning"

    cleaners: Mapping[str, Callable[[], int]] = field(default_factory=dict)


@contribution
@dataclass(frozen=True)
class TakenAlong(Brings):
    """Files that a backup takes along beside the tables, because nobody could bring them again.

    `digests` are their SHA-256s. `read` opens one, and raises StorageError where it is not there;
    `bring_back` keeps one again after a restore, where the restored rows know it, and raises StorageError and
    ConfigError.
    """

    MODULE = "taken_along"

    digests: Callable[[], Iterable[str]] = tuple
    read: Callable[[str], IO[bytes]] | None = None
    bring_back: Callable[[str, IO[bytes]], object] | None = None


@contribution
@dataclass(frozen=True)
class Portable(Brings):
    MODULE = "portable"

    sections: tuple[Section, ...] = ()


@contribution
@dataclass(frozen=True)
class Words(Brings):
    """What the app calls things that are stored as codes, in the language of whoever looks.

    `texts` are its sentences (`core.words`): a text with its parts as `%(name)s`, by `ngettext_lazy(…,
    "number")` where one of them counts, or a function that makes a sentence of parts that only the app
    understands. `events` are the kinds of events that it writes, `audited` the nouns of the
    audit log.
    """

    MODULE = "words"
    EAGER = True

    jobs: Mapping[str, Text] = field(default_factory=dict)
    steps: Mapping[str, Text] = field(default_factory=dict)
    events: Mapping[str, Text] = field(default_factory=dict)
    audited: Mapping[str, Text] = field(default_factory=dict)
    texts: Mapping[str, Text | Callable[..., str]] = field(default_factory=dict)

    def take(self, app: App) -> None:
        """Make the texts known. Raises ValueError where another app has one of their codes."""
        phrases.add(app.label, self.texts)


@dataclass(frozen=True)
class Attribution:
    """Whose work we use, and what they ask us to say of it."""

    name: str
    address: str
    text: Text


@contribution
@dataclass(frozen=True)
class Credits(Brings):
    """What the page *About* says of those whose work the app uses."""

    MODULE = "credits"

    attributions: tuple[Attribution, ...] = ()


class App(AppConfig):
    """An app of the platform: always there, and its contributions with it."""

    title: ClassVar[Text] = ""
    mounts_itself: ClassVar[bool] = False
    """Whether its `urls` stand in `taggarr.urls`, and not among the pages that the web shell mounts."""

    def __init_subclass__(cls) -> None:
        # Of the classes that a module `apps` holds, this one's imports among them, Django takes the default.
        cls.default = cls.__module__ != __name__

    @property
    def is_on(self) -> bool:
        return True

    def ready(self) -> None:
        _ready.append(self)
        # A kind may become known while others are brought.
        for kind in list(_known.values()):
            if kind.EAGER:
                bring(self, kind)

    def has(self, module: str) -> bool:
        """Whether the app has a module or package of this name."""
        return importlib.util.find_spec(f"{self.name}.{module}") is not None


class Feature(App):
    """A system that a household can do without. Its switch is the flag of its `slug`."""

    slug: ClassVar[str]
    title: ClassVar[Text]
    summary: ClassVar[Text]
    default_on: ClassVar[bool] = True

    def ready(self) -> None:
        flags.declare(Flag(self.slug, self.default_on, self.summary))
        super().ready()

    @property
    def is_on(self) -> bool:
        return flags.is_on(self.slug)


def bring(app: App, kind: type[T]) -> T | None:
    """What an app brings of one kind; None where it has no such module.

    Raises ConfigError where that module says something else.
    """
    found = vars(app).setdefault("_brought", {})
    if kind.MODULE not in found:
        found[kind.MODULE] = _bring(app, kind) if app.has(kind.MODULE) else None
    brought: T | None = found[kind.MODULE]
    return brought


def _bring(app: App, kind: type[T]) -> T:
    module = importlib.import_module(f"{app.name}.{kind.MODULE}")
    brought = getattr(module, "BRINGS", None)
    if not isinstance(brought, kind):
        raise ConfigError(f"{module.__name__} must say what {app.label} brings: BRINGS = {kind.__name__}(…).")
    brought.take(app)
    return brought


def ours() -> Iterator[App]:
    """The apps that keep to this contract, in the order of `INSTALLED_APPS`."""
    return (app for app in apps.get_app_configs() if isinstance(app, App))


def features() -> list[Feature]:
    return [app for app in ours() if isinstance(app, Feature)]


def brought(kind: type[T], *, also_off: bool = False) -> Iterator[tuple[App, T]]:
    """What the apps bring of one kind, without the features that are off unless `also_off`."""
    for app in ours():
        if (also_off or app.is_on) and (what := bring(app, kind)) is not None:
            yield app, what


def words(kind: Literal["jobs", "steps", "events", "audited"]) -> Mapping[str, Any]:
    """The words of all apps for one kind of codes, of features that are off too."""
    return ChainMap(*(dict(getattr(brings, kind)) for _, brings in brought(Words, also_off=True)))


def kinds() -> Mapping[str, type[Brings]]:
    return dict(_known)
