"""What all stand-in players share: their scans in a queue, and what tests change behind the client's back."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal, NamedTuple

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from demo.players import scans
from demo.players.state import Item, PlayerState
from demo.stand_in.control import known_change

Handler = Callable[[Request], Any]


@dataclass(slots=True)
class Quirks:
    """How the program behaves in one run. They are not saved.

    `scan_seconds` is how long a scan or a refresh waits; below zero it waits until `work` is asked for.
    `busy_ms` is what a write waits for each write at the same time, as with one busy database.
    `half_of_batches`: so many writes to several items reach only the first half of them.

    Plex: `tag_edits` is what `label[0].tag.tag` does, of which both are told: it takes the place of the tags,
    or joins them. `capitals`: the first letter of a tag is written as a capital.
    Jellyfin: `old_keys` reads keys in the ways that version 12 switched off. `lists_needed`: as version 10.8,
    refuses an item without its lists, and cannot show it until the next scan.
    Kodi: `keeps_ids` leaves an item its id when it is refreshed.
    """

    scan_seconds: float = 0.0
    busy_ms: float = 0.0
    tag_edits: Literal["replace", "add"] = "replace"
    capitals: bool = True
    half_of_batches: int = 0
    keeps_ids: bool = False
    old_keys: bool = True
    lists_needed: bool = False


class Task(NamedTuple):
    """What waits for its turn; of an item that is refreshed, `path` is where it lies."""

    name: str
    do: Callable[[], None]
    path: str = ""


class Player:
    """One stand-in player, to which each program adds its routes."""

    url_base = ""
    routes: ClassVar[list[tuple[str, str, str]]] = []
    """Method, path and the name of the method that answers."""
    more_changes: ClassVar[dict[str, Callable[..., dict[str, Any] | None]]] = {}

    def __init__(self, state: PlayerState, key: str) -> None:
        self.state = state
        self.key = key
        self.writers = 0
        self.start_over()

    def start_over(self) -> None:
        """Forgets what is not of its library."""
        self.quirks = Quirks()
        self.catastrophes: list[str] = []
        self.devices: dict[str, dict[str, Any]] = {}
        self.tasks: list[Task] = []

    # As a program of the stand-in

    def api(self) -> Starlette:
        made = [Route(path, getattr(self, name), methods=[method]) for method, path, name in self.routes]
        return Starlette(routes=made)

    def snapshot(self) -> Callable[[], None]:
        kept, tasks = pickle.dumps(self.state), list(self.tasks)

        def go_back() -> None:
            # Our own bytes of a moment ago.
            self.state, self.tasks = pickle.loads(kept), tasks  # noqa: S301

        return go_back

    def asked_for(self, _raw: bytes) -> str:
        return ""

    def change(self, op: str, args: dict[str, Any]) -> dict[str, Any] | None:
        made: dict[str, Any] | None = known_change({**CHANGES, **self.more_changes}, op)(self, **args)
        return made

    # What takes time

    def queue(self, name: str, do: Callable[[], None], path: str = "") -> None:
        """Carries out a task after the answer, when its turn comes."""
        self.tasks.append(Task(name, do, path))
        if self.quirks.scan_seconds >= 0:
            asyncio.get_running_loop().call_later(self.quirks.scan_seconds, self.work)

    def queue_item(self, item: Item, task: Callable[[Item], None]) -> None:
        """Carries out a task with an item, unless that is gone when its turn comes."""
        number = item.id

        def with_item() -> None:
            if number in self.state.items:
                task(self.state.items[number])

        self.queue(f"Refreshing {item.title}", with_item, item.path)

    def queue_scan(self, library_id: int, folder: str | None = None, *, clean: bool = True) -> None:
        library = self.state.libraries[library_id]
        name = f"Scanning {library.title}" + (f": {folder}" if folder else "")
        self.queue(name, lambda: scans.scan(self.state, library, folder, clean=clean))

    def work(self) -> None:
        """Carries out the next task of the queue."""
        if self.tasks:
            self.tasks.pop(0).do()

    async def write(self) -> None:
        """Waits for the database as a writer; the more write at once, the longer."""
        self.writers += 1
        try:
            if self.quirks.busy_ms:
                await asyncio.sleep(self.quirks.busy_ms * self.writers / 1000)
        finally:
            self.writers -= 1

    def whole_batch(self, items: list[Item]) -> list[Item]:
        """The items that a write reaches: all of them, unless a test wants half."""
        if self.quirks.half_of_batches and len(items) > 1:
            self.quirks.half_of_batches -= 1
            return items[: len(items) // 2]
        return items

    def refresh(self, item: Item) -> None:
        """Reads the sources of an item anew."""
        scans.read(self.state, item)

    def renumber(self, item: Item, to: int) -> None:
        """Gives an item another id; whoever had that one gets the next free id."""
        if to in self.state.items:
            self.state.new_id(self.state.items[to], self.state.last_id + 1)
        self.state.new_id(item, to)

    def locks(self, name: str) -> list[str]:
        """What the program locks when a person edits this field."""
        return [name]


# What tests change


def _load(player: Player, state: dict[str, Any]) -> None:
    loaded = PlayerState.from_json(state)
    if loaded.kind != player.state.kind:
        raise ValueError(f"this is a {player.state.kind}, and the state is that of a {loaded.kind}")
    player.state = loaded
    player.start_over()


def _add_movie(player: Player, library: int, path: str, **given: Any) -> dict[str, Any]:
    return {"id": player.state.add_movie(library, path, **given).id}


def _add_episode(
    player: Player, show: int, season: int, number: int, path: str, **given: Any
) -> dict[str, Any]:
    return {"id": player.state.add_episode(player.state.items[show], season, number, path, **given).id}


def _save_beside(player: Player, library: int, what: list[Literal["nfos", "pictures"]]) -> None:
    """A person has a library save what it knows beside its videos."""
    player.state.libraries[library].saves = what


def _put_file(player: Player, path: str, text: str = "") -> None:
    """A file appears on the disk; the program does not know it yet."""
    player.state.disk[path] = text


def _take_file(player: Player, path: str) -> None:
    del player.state.disk[path]


def _edit(player: Player, id: int, **values: Any) -> None:
    """A person edits an item on the program's own page, which locks what was edited."""
    item = player.state.items[id]
    for name, value in values.items():
        player.state.set_field(item, name, value)
        item.locked = list(dict.fromkeys([*item.locked, *player.locks(name)]))


def _watch(player: Player, id: int, plays: int = 1, rating: float = 0.0, resume: float = 0.0) -> None:
    item = player.state.items[id]
    item.plays, item.rating, item.resume = plays, rating, resume
    item.last_played = player.state.tick()


def _remove(player: Player, id: int) -> None:
    if id not in player.state.items:
        raise KeyError(id)
    player.state.remove(id)


def _forget_ids(player: Player, id: int) -> None:
    """What is seen of an item of Kodi in the moment in which it is read anew."""
    player.state.items[id].guids = {}


def _renumber(player: Player, id: int, to: int) -> None:
    player.renumber(player.state.items[id], to)


def _move(player: Player, id: int, path: str) -> None:
    """The file of an item is renamed, and the program has noticed."""
    item = player.state.items[id]
    player.state.disk[path] = player.state.disk.pop(item.path, "")
    item.path = path
    player.state.touch(item)


def _next_ids(player: Player, ids: list[int]) -> None:
    """The ids that new items get, though others had them before."""
    player.state.next_ids = ids


def _set_clock(player: Player, to: int) -> None:
    player.state.clock = to


def _set_quirks(player: Player, **values: Any) -> None:
    known = {field.name for field in fields(Quirks)}
    for name, value in values.items():
        if name not in known:
            raise ValueError(f"there is no quirk '{name}'; there are {', '.join(sorted(known))}")
        setattr(player.quirks, name, value)


def _work(player: Player) -> dict[str, Any]:
    """Carries out all that waits; returns what it was."""
    done = [task.name for task in player.tasks]
    while player.tasks:
        player.work()
    return {"done": done}


def _switch_off(player: Player) -> None:
    """It is switched off and on: what waited is not done any more."""
    player.tasks.clear()


def _report(player: Player) -> dict[str, Any]:
    return {
        "catastrophes": player.catastrophes,
        "devices": list(player.devices.values()),
        "waiting": [task.name for task in player.tasks],
    }


CHANGES: dict[str, Callable[..., dict[str, Any] | None]] = {
    "load": _load,
    "add_movie": _add_movie,
    "add_episode": _add_episode,
    "save_beside": _save_beside,
    "put_file": _put_file,
    "take_file": _take_file,
    "edit": _edit,
    "watch": _watch,
    "remove": _remove,
    "forget_ids": _forget_ids,
    "renumber": _renumber,
    "move": _move,
    "next_ids": _next_ids,
    "set_clock": _set_clock,
    "quirks": _set_quirks,
    "work": _work,
    "switch_off": _switch_off,
    "report": _report,
}
