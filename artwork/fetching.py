"""Asking the providers about a title: all that they tell and offer of it, and nothing is saved.

A provider that keeps its answers is asked once for all of a title. Where two number the episodes of a
series in ways of their own, one of them tells all episodes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from artwork.choice.scoring import NONE, ORIGINAL
from artwork.identifying import Sought, identify
from artwork.metadata import ids_of, told_of
from artwork.models import ArtSettings, Entity
from artwork.models import Source as From
from connections.models import Connection
from core.errors import ApiPermanentError, ConfigError
from core.outbound.answers import MissingError
from providers.connections import provider_for
from providers.contract import Found, Ids, Kind, Picture, Provider, Source, Title

TELLING = (From.TMDB.value, From.TVDB.value)
"""The providers that know more than pictures."""


@dataclass(slots=True)
class Fetched:
    """What providers said of a title, by their kinds, in the order in which they are wanted. `original` is
    its original language as far as it is known.

    A provider without `pictures` did not answer. `matches` are what the title may be, where a person has to
    decide. `refused` is why a provider could not be asked, and will not be before somebody acts.
    """

    connections: Mapping[str, Connection] = field(default_factory=dict)
    titles: dict[str, Title] = field(default_factory=dict)
    pictures: dict[str, tuple[Picture, ...]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    original: str = ""
    matches: list[dict[str, Any]] = field(default_factory=list)
    refused: ApiPermanentError | None = None

    @property
    def numbering(self) -> str:
        """Who tells the episodes: Sonarr numbers them as TheTVDB does, so that comes first."""
        telling = [kind for kind, title in self.titles.items() if title.episodes]
        return From.TVDB.value if From.TVDB.value in telling else next(iter(telling), "")


def connections_of(settings: ArtSettings) -> dict[str, Connection]:
    """The connections to the providers that are wanted, in their order."""
    rows = Connection.objects.filter(kind__in=settings.providers, enabled=True).order_by("-pk")
    found = {row.kind: row for row in rows}
    return {kind: found[kind] for kind in settings.providers if kind in found}


def fetch(title: Entity, settings: ArtSettings, *, interactive: bool = False) -> Fetched:
    """Ask all providers that are wanted. Call it outside transactions.

    Raises Later and ApiTransientError where that may help later, ConfigError where there is no provider.
    """
    connections = connections_of(settings)
    if not connections:
        raise ConfigError("artwork.no-provider")
    told = told_of(title).get("original_language")
    fetched = Fetched(connections=connections, ids=ids_of(title), original=told.value if told else "")
    clients = {
        kind: provider_for(one, interactive=interactive, at_once=True) for kind, one in connections.items()
    }
    kind = Kind(title.kind)
    # Who knows its id first: the others learn theirs from that answer.
    for name in sorted(
        clients, key=lambda one: (one not in TELLING, clients[one].keys[kind] not in fetched.ids)
    ):
        try:
            _ask(name, clients[name], title, settings, fetched)
        except MissingError:
            continue
        except ApiPermanentError as error:
            # One key that is refused keeps nobody from asking the others.
            fetched.refused = fetched.refused or error
    fetched.titles = {name: fetched.titles[name] for name in clients if name in fetched.titles}
    fetched.pictures = {name: fetched.pictures[name] for name in clients if name in fetched.pictures}
    return fetched


def _ask(name: str, client: Provider, title: Entity, settings: ArtSettings, fetched: Fetched) -> None:
    kind = Kind(title.kind)
    id = fetched.ids.get(client.keys[kind]) or _found_id(name, client, title, fetched)
    if not id:
        return
    if name in TELLING:
        told = client.details(kind, id, spoken(settings, fetched.original))
        if not fetched.original and told.original_language:
            fetched.original = told.original_language
            told = client.details(kind, id, spoken(settings, fetched.original))
        fetched.titles[name] = told
        fetched.ids = {**{source.value: one for source, one in told.ids.items()}, **fetched.ids}
    fetched.pictures[name] = client.pictures(kind, id, spoken(settings, fetched.original))


def spoken(settings: ArtSettings, original: str) -> list[str]:
    """The languages that are asked for, the original one of the title among them where it is wanted."""
    names = (original if one == ORIGINAL else one for one in settings.languages if one != NONE)
    return list(dict.fromkeys(one for one in names if is_language(one)))


def is_language(code: str) -> bool:
    return 2 <= len(code) <= 5 and code.isascii() and code.replace("-", "").isalpha()


def _found_id(name: str, client: Provider, title: Entity, fetched: Fetched) -> str:
    """The provider's id of a title: by the ids of others, else by its name, else none.

    What may be meant is left to a person, unless somebody else knew the title.
    """
    if name not in TELLING:
        return ""
    kind = Kind(title.kind)
    ids: Ids = {source: fetched.ids[source] for source in Source if source in fetched.ids}
    if ids:
        by_id = client.lookup("", None, kind, ids)
        if len(by_id) == 1:
            return _learn(client.keys[kind], by_id[0].id, fetched)
    if fetched.titles:
        return ""
    sought = Sought(kind, [title.name], title.year, fetched.ids)
    found = identify(sought, client.keys[kind], client.lookup(title.name, title.year, kind))
    if found.id:
        return _learn(client.keys[kind], found.id, fetched)
    fetched.matches = fetched.matches or matches_of(name, found.best)
    return ""


def _learn(source: Source, id: str, fetched: Fetched) -> str:
    fetched.ids = {**fetched.ids, source.value: id}
    fetched.matches = []
    return id


def matches_of(provider: str, found: Sequence[Found]) -> list[dict[str, Any]]:
    """What a title may be, in JSON types."""
    return [{**asdict(one), "kind": one.kind.value, "provider": provider} for one in found]
