"""Which pictures other settings would choose, before these are saved. No provider is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from artwork.fetching import connections_of
from artwork.metadata import told_of
from artwork.models import ArtSettings, Entity
from artwork.picking import Picking, Slot, blocked
from artwork.preparing import changes_of
from connections.models import Connection
from core.words import Phrase

SETTINGS = ("languages", "providers", "rules", "fall_back", "adopt")
"""What a choice depends on: columns of `ArtSettings`."""

EXAMPLES = 50


@dataclass(slots=True)
class Foreseen:
    """Of how many titles which types of pictures would be others, how often; and the first of these."""

    titles: int = 0
    changed: int = 0
    pictures: Counter[str] = field(default_factory=Counter)
    examples: list[tuple[str, int | None, Phrase]] = field(default_factory=list)

    def add(self, other: Foreseen) -> None:
        self.titles += other.titles
        self.changed += other.changed
        self.pictures.update(other.pictures)
        self.examples += other.examples[: EXAMPLES - len(self.examples)]

    def stored(self) -> dict[str, Any]:
        examples = [[title, media, what.stored()] for title, media, what in self.examples]
        counted = {"titles": self.titles, "changed": self.changed, "pictures": dict(self.pictures)}
        return {**counted, "examples": examples}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Foreseen:
        """What `stored` gave."""
        examples = [(title, media, Phrase.of(what)) for title, media, what in stored.get("examples", ())]
        pictures = Counter(stored.get("pictures", {}))
        return cls(stored.get("titles", 0), stored.get("changed", 0), pictures, examples)


def settings_with(connection: Connection, changed: Mapping[str, Any]) -> ArtSettings:
    """The settings of a connection as they would be, unsaved."""
    settings = ArtSettings.of(connection)
    for name in SETTINGS:
        if name in changed:
            setattr(settings, name, changed[name])
    return settings


def foresee(
    connection: Connection,
    titles: Iterable[Entity],
    changed: Mapping[str, Any],
    check: Callable[[], object] = lambda: None,
) -> Foreseen:
    """What these settings would change of some titles of a connection. `check` is called between them."""
    settings, found, unwanted = settings_with(connection, changed), Foreseen(), blocked()
    connections = connections_of(settings)
    for title in titles:
        check()
        told = told_of(title).get("original_language")
        picking = Picking(title, settings, connections, told.value if told else "", unwanted=unwanted)
        picking.choose(fetch=False)
        others = [slot for slot in picking.slots if slot.is_other]
        found.add(_of_title(title, others))
    return found


def _of_title(title: Entity, others: list[Slot]) -> Foreseen:
    pictures = Counter(slot.art.value for slot in others)
    told = [(str(title), title.media_id, one) for slot in others for one in changes_of(slot)]
    return Foreseen(1, int(bool(others)), pictures, told[:EXAMPLES])
