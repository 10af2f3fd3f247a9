"""What a stand-in player knows: its libraries, their items, and the disk that it scans.

state = PlayerState("plex")
movies = state.add_library("Movies", "movie", ["/movies"])
state.add_movie(movies.id, "/movies/Lantern (2019)/Lantern.mkv", lists={"label": ["kids"]})

Nothing here speaks HTTP. A field has one name for all players: each module says what its program calls it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from copy import deepcopy
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Literal

Kind = Literal["plex", "jellyfin", "emby", "kodi"]
ItemKind = Literal["movie", "show", "season", "episode", "collection"]

# 2026-01-15
ADDED = 1768478400


@dataclass(slots=True)
class Library:
    """One library: `kind` is what its items are, `saves` what the program writes beside its videos."""

    id: int
    title: str
    kind: Literal["movie", "show"]
    locations: list[str]
    saves: list[Literal["nfos", "pictures"]] = field(default_factory=list)


@dataclass(slots=True)
class Item:
    """One movie, show, season, episode or collection. `path` is its file, or the folder of a show or season.

    `texts` (summary, studio, tagline …) and `lists` (label, genre, actor …) are what it shows; `given` is
    what the program's own sources say of both, to which a refresh returns all that is not `locked`.
    `own_id` counts the items of one kind, as Kodi does. `pictures` maps a kind of picture to the digests of
    those it has, the chosen one first; in Kodi, to its path.
    """

    id: int
    kind: ItemKind
    library: int
    title: str
    path: str = ""
    parent: int = 0
    number: int = 0
    year: int | None = None
    size: int = 1000
    guids: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    locked: list[str] = field(default_factory=list)
    pictures: dict[str, list[str]] = field(default_factory=dict)
    plays: int = 0
    last_played: int = 0
    rating: float = 0.0
    resume: float = 0.0
    resume_total: float = 0.0
    own_id: int = 0
    added: int = ADDED
    updated: int = ADDED

    @property
    def key(self) -> str:
        """An id made of what it is and where it lies, as Jellyfin has it: the same when it comes back."""
        return hashlib.blake2s(f"{self.kind}:{self.number}:{self.path}".encode(), digest_size=16).hexdigest()


class PlayerState:
    """All that one stand-in player knows. `disk` maps paths to what stands in them, which only NFOs need."""

    def __init__(self, kind: Kind) -> None:
        self.kind: Kind = kind
        self.libraries: dict[int, Library] = {}
        self.items: dict[int, Item] = {}
        self.disk: dict[str, str] = {}
        self.last_id = 0
        self.next_ids: list[int] = []
        self.clock = ADDED
        self._children: dict[int, list[Item]] = {}

    # Reading

    def children(self, item_id: int) -> list[Item]:
        """The seasons of a show, the episodes of a season, the members of a collection."""
        return self._children.get(item_id, [])

    def below(self, item_id: int) -> Iterator[Item]:
        """All seasons and episodes below an item."""
        for child in self.children(item_id):
            yield child
            yield from self.below(child.id)

    def ancestors(self, item: Item) -> Iterator[Item]:
        """Its season and its show, the nearest first."""
        while item.parent:
            item = self.items[item.parent]
            yield item

    def of(self, library: int, kind: str) -> list[Item]:
        return [item for item in self.items.values() if item.library == library and item.kind == kind]

    def titled(self, title: str, kind: str | None = None) -> Item:
        """The first item of this title.

        Raises:
            KeyError: there is none.
        """
        for item in self.items.values():
            if item.title == title and kind in (None, item.kind):
                return item
        raise KeyError(title)

    def at(self, path: str) -> Item:
        """The first item whose file or folder this is.

        Raises:
            KeyError: there is none.
        """
        for item in self.items.values():
            if item.path == path:
                return item
        raise KeyError(path)

    # Building

    def add_library(self, title: str, kind: Literal["movie", "show"], locations: list[str]) -> Library:
        library = Library(max(self.libraries, default=0) + 1, title, kind, locations)
        self.libraries[library.id] = library
        return library

    def add_movie(self, library: int, path: str, **fields: Any) -> Item:
        """Adds a movie and its file; `fields` are those of `Item`."""
        self.disk.setdefault(path, "")
        fields.setdefault("title", PurePosixPath(path).stem)
        return self.add("movie", library, path=path, **fields)

    def add_show(self, library: int, path: str, **fields: Any) -> Item:
        """Adds a show whose folder is `path`; `fields` are those of `Item`."""
        fields.setdefault("title", PurePosixPath(path).name)
        return self.add("show", library, path=path, **fields)

    def add_episode(self, show: Item, season: int, number: int, path: str, **fields: Any) -> Item:
        """Adds an episode, its file, and its season where that is not there yet."""
        self.disk.setdefault(path, "")
        held = next((row for row in self.children(show.id) if row.number == season), None)
        if held is None:
            title = f"Season {season}" if season else "Specials"
            folder = str(PurePosixPath(path).parent)
            held = self.add("season", show.library, title=title, path=folder, parent=show.id, number=season)
        fields.setdefault("title", f"Episode {number}")
        return self.add("episode", show.library, path=path, parent=held.id, number=number, **fields)

    def add(self, kind: ItemKind, library: int, **fields: Any) -> Item:
        if self.next_ids:
            item_id = self.next_ids.pop(0)
        else:
            self.last_id += 1
            item_id = self.last_id
        item = Item(item_id, kind, library, **fields)
        item.given = item.given or deepcopy({**item.texts, **item.lists, "title": item.title})
        item.added = item.updated = self.tick()
        self.items[item.id] = item
        self._children.setdefault(item.parent, []).append(item)
        return item

    # Changing

    def tick(self) -> int:
        """The time now, in seconds: it goes on by one at every change, so that every order shows."""
        self.clock += 1
        return self.clock

    def touch(self, item: Item) -> None:
        item.updated = self.tick()

    def set_field(self, item: Item, name: str, value: Any) -> None:
        """Sets what an item shows under this name: a list, the title, or a text; empty takes it away."""
        if name == "title":
            item.title = value
        elif isinstance(value, list):
            item.lists[name] = list(dict.fromkeys(value))
        elif value:
            item.texts[name] = str(value)
        else:
            item.texts.pop(name, None)
        self.touch(item)

    def refresh(self, item: Item, given: dict[str, Any]) -> None:
        """Returns all that is not locked to what the sources say."""
        for name in {*item.texts, *item.lists, *given}:
            if name not in item.locked:
                empty: Any = [] if name in item.lists else ""
                self.set_field(item, name, given.get(name, empty))

    def new_id(self, item: Item, item_id: int) -> None:
        """Gives an item another id, as Kodi does when it reads one anew."""
        below = self._children.pop(item.id, [])
        del self.items[item.id]
        item.id = item_id
        self.last_id = max(self.last_id, item_id)
        self.items[item_id] = item
        for child in below:
            child.parent = item_id
        if below:
            self._children[item_id] = below

    def remove(self, item_id: int) -> None:
        """Forgets an item with all below it, and shows and seasons that are left empty."""
        for child in list(self.children(item_id)):
            self.remove(child.id)
        item = self.items.pop(item_id, None)
        if item is None:
            return
        self._children.pop(item_id, None)
        siblings = self._children[item.parent]
        siblings.remove(item)
        if item.parent and not siblings:
            self.remove(item.parent)

    # Keeping

    def to_json(self) -> dict[str, Any]:
        """The whole state as JSON-able data; `from_json` reads it."""
        return {
            "kind": self.kind,
            "libraries": [asdict(row) for row in self.libraries.values()],
            "items": [asdict(row) for row in self.items.values()],
            "disk": self.disk,
            "last_id": self.last_id,
            "next_ids": self.next_ids,
            "clock": self.clock,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> PlayerState:
        state = cls(data["kind"])
        state.libraries = {row["id"]: Library(**row) for row in data["libraries"]}
        state.items = {row["id"]: Item(**row) for row in data["items"]}
        for name in ("disk", "last_id", "next_ids", "clock"):
            setattr(state, name, data[name])
        for item in state.items.values():
            state._children.setdefault(item.parent, []).append(item)
        return state

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_json()), encoding="utf-8")

    @classmethod
    def load(cls, path: Path) -> PlayerState:
        return cls.from_json(json.loads(path.read_text(encoding="utf-8")))


def without(values: Iterable[str], gone: Iterable[str]) -> list[str]:
    """The values that are not gone, without regard to case, as all players compare tags."""
    folded = {value.casefold() for value in gone}
    return [value for value in values if value.casefold() not in folded]
